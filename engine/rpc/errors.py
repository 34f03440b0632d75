"""The one place where an error of the catalogue becomes a gRPC status."""

from __future__ import annotations

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from interwatt.common.v1 import error_reason_pb2 as reasons

from engine.kernel.errors import EngineError

DOMAIN = "interwatt"

# Bytes: gRPC escapes them to three times as many, and all headers share 8 kB.
_LONGEST_MESSAGE = 800
_LONGEST_FACT = 200

STATUS: dict[str, grpc.StatusCode] = {
    "INVALID_ARGUMENT": grpc.StatusCode.INVALID_ARGUMENT,
    "NOT_FOUND": grpc.StatusCode.NOT_FOUND,
    "ALREADY_EXISTS": grpc.StatusCode.ALREADY_EXISTS,
    "REQUEST_ID_REUSED": grpc.StatusCode.ALREADY_EXISTS,
    "STATE_CONFLICT": grpc.StatusCode.FAILED_PRECONDITION,
    "WRONG_PARTY": grpc.StatusCode.PERMISSION_DENIED,
    "CURRENCY_MISMATCH": grpc.StatusCode.INVALID_ARGUMENT,
    "UNAUTHENTICATED": grpc.StatusCode.UNAUTHENTICATED,
    "PERMISSION_DENIED": grpc.StatusCode.PERMISSION_DENIED,
    "TARIFF_INVALID": grpc.StatusCode.INVALID_ARGUMENT,
    "CDR_CONFLICT": grpc.StatusCode.ALREADY_EXISTS,
    "STALE_GENERATION": grpc.StatusCode.ABORTED,
    "STATION_OFFLINE": grpc.StatusCode.FAILED_PRECONDITION,
    "OVERLOADED": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "STORE_UNAVAILABLE": grpc.StatusCode.UNAVAILABLE,
    "PAGE_TOKEN_INVALID": grpc.StatusCode.INVALID_ARGUMENT,
    "EVENTS_EXPIRED": grpc.StatusCode.OUT_OF_RANGE,
}


def item_error(error: EngineError) -> reasons.ItemError:
    """Return the error as an item of a batch carries it."""
    return reasons.ItemError(
        reason=f"ERROR_REASON_{error.reason}",
        message=_short(error.message, _LONGEST_MESSAGE),
        metadata=_facts(error),
    )


async def abort(context: grpc.aio.ServicerContext, error: EngineError) -> None:
    """End a call with the status of `error` and its facts in google.rpc.ErrorInfo."""
    info = any_pb2.Any()
    info.Pack(
        error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=_facts(error))
    )
    status = status_pb2.Status(
        code=STATUS[error.reason].value[0],
        message=_short(error.message, _LONGEST_MESSAGE),
        details=[info],
    )
    await context.abort_with_status(rpc_status.to_status(status))


def _facts(error: EngineError) -> dict[str, str]:
    return {name: _short(value, _LONGEST_FACT) for name, value in error.metadata.items()}


def _short(value: str, longest: int) -> str:
    """Cut what would not fit into the headers of an answer, to so many bytes."""
    written = value.encode(errors="replace")
    if len(written) <= longest:
        return value
    mark = "…"
    return written[: longest - len(mark.encode())].decode(errors="ignore") + mark
