"""The catalogue of errors: one class for each reason of `interwatt.common.v1.ErrorReason`.

A message is one sentence that says what to do. `engine/rpc/errors.py` turns a class into a gRPC
status, each gateway's `status.py` into its protocol's; tests compare the lists.
"""

from __future__ import annotations

from typing import ClassVar


class EngineError(Exception):
    """Something the caller can act on.

    Attributes:
        reason: name in the catalogue, without the `ERROR_REASON_` prefix.
        metadata: the facts that the catalogue names for the reason.
    """

    reason: ClassVar[str]

    def __init__(self, message: str, **metadata: str) -> None:
        super().__init__(message)
        self.message = message
        self.metadata = metadata


class InvalidArgument(EngineError):
    reason = "INVALID_ARGUMENT"


class Unstorable(InvalidArgument):
    """A NUL in a text or an integer beyond 64 bits, met by the store; the edge names the field."""

    def __init__(self, field: str = "") -> None:
        where = f"{field}: expected" if field else "Expected"
        super().__init__(f"{where} texts without NUL and integers of 64 bits.", field=field)


class NotFound(EngineError):
    reason = "NOT_FOUND"

    @classmethod
    def of(cls, kind: str, id_: str) -> NotFound:
        return cls(f"There is no {kind} {id_!r}.", kind=kind, id=id_)


class AlreadyExists(EngineError):
    reason = "ALREADY_EXISTS"


class RequestIdReused(EngineError):
    reason = "REQUEST_ID_REUSED"

    @classmethod
    def of(cls, request_id: str) -> RequestIdReused:
        return cls(
            "This request_id was used before with another body; make a new one for a new request.",
            request_id=request_id,
        )


class StateConflict(EngineError):
    reason = "STATE_CONFLICT"


class WrongParty(EngineError):
    reason = "WRONG_PARTY"


class CurrencyMismatch(EngineError):
    reason = "CURRENCY_MISMATCH"


class Unauthenticated(EngineError):
    reason = "UNAUTHENTICATED"


class PermissionDenied(EngineError):
    reason = "PERMISSION_DENIED"


class TariffInvalid(EngineError):
    reason = "TARIFF_INVALID"


class CdrConflict(EngineError):
    reason = "CDR_CONFLICT"


class StaleGeneration(EngineError):
    reason = "STALE_GENERATION"

    @classmethod
    def of(cls, station_id: str, generation: int) -> StaleGeneration:
        return cls(
            f"Station {station_id!r} has connected again since; connection {generation} is over.",
            station=station_id,
            generation=str(generation),
        )


class StationOffline(EngineError):
    reason = "STATION_OFFLINE"


class Overloaded(EngineError):
    reason = "OVERLOADED"


class StoreUnavailable(EngineError):
    reason = "STORE_UNAVAILABLE"


class PageTokenInvalid(EngineError):
    reason = "PAGE_TOKEN_INVALID"


class EventsExpired(EngineError):
    reason = "EVENTS_EXPIRED"

    @classmethod
    def of(cls, after_seq: int, *, oldest: int) -> EventsExpired:
        return cls(
            f"Events after {after_seq} are not kept any more; the oldest kept is {oldest}. Read "
            f"the present state by the lists, then continue from 0.",
            oldest_seq=str(oldest),
        )


CATALOGUE: tuple[type[EngineError], ...] = (
    InvalidArgument,
    NotFound,
    AlreadyExists,
    RequestIdReused,
    StateConflict,
    WrongParty,
    CurrencyMismatch,
    Unauthenticated,
    PermissionDenied,
    TariffInvalid,
    CdrConflict,
    StaleGeneration,
    StationOffline,
    Overloaded,
    StoreUnavailable,
    PageTokenInvalid,
    EventsExpired,
)
