"""What can go wrong between a gateway and the engine, as two exceptions.

`EngineError` is an answer from the catalogue in `error_reason.proto`. `EngineUnavailable` is the
lack of an answer: the same call with the same `request_id` may be made again.
"""

from collections.abc import Mapping
from typing import cast

import grpc
from google.rpc import (
    error_details_pb2,
    status_pb2,
)
from grpc_status import rpc_status
from interwatt.common.v1 import error_reason_pb2
from interwatt.common.v1.error_reason_pb2 import ErrorReason, ItemError

DOMAIN = "interwatt"
PREFIX = "ERROR_REASON_"

_NO_ANSWER = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
    }
)

_REASON_BY_CODE: Mapping[grpc.StatusCode, ErrorReason] = {
    grpc.StatusCode.INVALID_ARGUMENT: error_reason_pb2.ERROR_REASON_INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND: error_reason_pb2.ERROR_REASON_NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS: error_reason_pb2.ERROR_REASON_ALREADY_EXISTS,
    grpc.StatusCode.UNAUTHENTICATED: error_reason_pb2.ERROR_REASON_UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED: error_reason_pb2.ERROR_REASON_PERMISSION_DENIED,
    grpc.StatusCode.RESOURCE_EXHAUSTED: error_reason_pb2.ERROR_REASON_OVERLOADED,
}

_REASONS = cast(Mapping[str, ErrorReason], dict(ErrorReason.items()))

_TRANSIENT = frozenset(
    {
        error_reason_pb2.ERROR_REASON_OVERLOADED,
        error_reason_pb2.ERROR_REASON_STORE_UNAVAILABLE,
    }
)


class EngineError(Exception):
    """The engine answered that the call had no effect, and why."""

    def __init__(
        self,
        reason: ErrorReason,
        message: str,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})

    @property
    def name(self) -> str:
        """The reason without its prefix, e.g. "NOT_FOUND"."""
        return ErrorReason.Name(self.reason).removeprefix(PREFIX)

    @property
    def transient(self) -> bool:
        """Whether the same call may succeed later without any change."""
        return self.reason in _TRANSIENT

    @property
    def retry_after(self) -> float:
        """Seconds that the engine asks to wait; 0 when it does not say."""
        text = self.metadata.get("retry_after_ms", "")
        return int(text) / 1000 if text.isdecimal() else 0.0


class EngineUnavailable(Exception):
    """The engine gave no answer; what was sent may or may not have been stored."""

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


def reason_named(name: str) -> ErrorReason:
    """Find a reason by its full or its short name; UNSPECIFIED when there is none."""
    full = name if name.startswith(PREFIX) else PREFIX + name
    return _REASONS.get(full, error_reason_pb2.ERROR_REASON_UNSPECIFIED)


def of_item(error: ItemError) -> EngineError:
    """Turn the error of one item of a batch into an exception."""
    return EngineError(error.reason, error.message, error.metadata)


def of_call(error: grpc.aio.AioRpcError) -> EngineError | EngineUnavailable:
    """Turn the failure of a whole call into an exception.

    `google.rpc.ErrorInfo` of our domain wins; without it the status code decides.
    """
    message = error.details() or error.code().name
    info = _error_info(error)
    if info is not None:
        return EngineError(reason_named(info.reason), message, info.metadata)
    if error.code() in _NO_ANSWER:
        return EngineUnavailable(message)
    reason = _REASON_BY_CODE.get(error.code(), error_reason_pb2.ERROR_REASON_UNSPECIFIED)
    return EngineError(reason, message)


def _error_info(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo | None:
    trailing = dict(error.trailing_metadata() or ())
    raw = trailing.get(rpc_status.GRPC_DETAILS_METADATA_KEY)
    if not isinstance(raw, bytes):
        return None
    for detail in status_pb2.Status.FromString(raw).details:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info) and info.domain == DOMAIN:
            return info
    return None
