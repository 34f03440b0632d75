"""What went wrong, as HTTP status and OCPI status code: the one place that decides it.

Once a request is parsed, authenticated and addressed, OCPI answers with HTTP 200 and says the rest
in its envelope. HTTP 404 and 405 are for what does not exist, 5xx for when we could not do our
part.
"""

from collections.abc import Mapping
from typing import NamedTuple

from interwatt.common.v1 import error_reason_pb2 as reasons
from interwatt.common.v1.error_reason_pb2 import ErrorReason

from gateways.common.errors import EngineError, EngineUnavailable

SUCCESS = 1000
CLIENT_ERROR = 2000
INVALID_PARAMETERS = 2001
NOT_ENOUGH_INFORMATION = 2002
UNKNOWN_LOCATION = 2003
UNKNOWN_TOKEN = 2004
SERVER_ERROR = 3000
UNABLE_TO_USE_API = 3001
UNSUPPORTED_VERSION = 3002
NO_MATCHING_ENDPOINTS = 3003

UNAVAILABLE_MESSAGE = "The platform cannot do this right now; please try again later."
FAULT_MESSAGE = "The platform could not handle this request; the fault is on our side."


class Status(NamedTuple):
    """An answer's two codes."""

    http: int
    code: int


class OcpiError(Exception):
    """A request that is answered with something else than success."""

    def __init__(
        self, http: int, code: int, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.http = http
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


BY_REASON: Mapping[ErrorReason, Status] = {
    reasons.ERROR_REASON_UNSPECIFIED: Status(500, SERVER_ERROR),
    reasons.ERROR_REASON_INVALID_ARGUMENT: Status(200, INVALID_PARAMETERS),
    reasons.ERROR_REASON_NOT_FOUND: Status(404, INVALID_PARAMETERS),
    reasons.ERROR_REASON_ALREADY_EXISTS: Status(200, INVALID_PARAMETERS),
    reasons.ERROR_REASON_REQUEST_ID_REUSED: Status(200, INVALID_PARAMETERS),
    reasons.ERROR_REASON_STATE_CONFLICT: Status(200, INVALID_PARAMETERS),
    reasons.ERROR_REASON_WRONG_PARTY: Status(404, INVALID_PARAMETERS),
    reasons.ERROR_REASON_CURRENCY_MISMATCH: Status(200, INVALID_PARAMETERS),
    reasons.ERROR_REASON_UNAUTHENTICATED: Status(500, SERVER_ERROR),
    reasons.ERROR_REASON_PERMISSION_DENIED: Status(500, SERVER_ERROR),
    reasons.ERROR_REASON_TARIFF_INVALID: Status(200, INVALID_PARAMETERS),
    reasons.ERROR_REASON_CDR_CONFLICT: Status(200, INVALID_PARAMETERS),
    reasons.ERROR_REASON_STALE_GENERATION: Status(200, SERVER_ERROR),
    reasons.ERROR_REASON_STATION_OFFLINE: Status(200, SERVER_ERROR),
    reasons.ERROR_REASON_OVERLOADED: Status(503, SERVER_ERROR),
    reasons.ERROR_REASON_STORE_UNAVAILABLE: Status(503, SERVER_ERROR),
    reasons.ERROR_REASON_PAGE_TOKEN_INVALID: Status(200, INVALID_PARAMETERS),
    reasons.ERROR_REASON_EVENTS_EXPIRED: Status(200, SERVER_ERROR),
}


def of_engine(error: EngineError) -> OcpiError:
    """Map an engine's refusal; what is our own fault is told without detail."""
    status = BY_REASON.get(error.reason, Status(500, SERVER_ERROR))
    if status.http >= 500:
        message = UNAVAILABLE_MESSAGE if error.transient else FAULT_MESSAGE
        return OcpiError(status.http, status.code, message, headers=_retry_after(error.retry_after))
    return OcpiError(status.http, status.code, _with_path(error))


def of_unavailable(error: EngineUnavailable) -> OcpiError:
    """Map the lack of an answer: the partner may send the same again."""
    return OcpiError(
        503, SERVER_ERROR, UNAVAILABLE_MESSAGE, headers=_retry_after(error.retry_after)
    )


def _with_path(error: EngineError) -> str:
    path = error.metadata.get("path", "")
    return error.message if not path or path in error.message else f"{error.message} ({path})"


def _retry_after(seconds: float) -> Mapping[str, str]:
    return {"Retry-After": str(max(1, round(seconds)))}
