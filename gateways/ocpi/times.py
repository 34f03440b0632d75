"""Instants between OCPI's RFC 3339 text and the contract's timestamps.

OCPI means UTC with or without "Z" and allows 25 characters, so we write at most milliseconds.
"""

from datetime import UTC, datetime
from functools import total_ordering
from typing import Self

from google.protobuf.timestamp_pb2 import Timestamp

_MICROS_A_MILLI = 1000
_NANOS_A_MICRO = 1000


class NotAnInstant(ValueError):
    """Text that is no RFC 3339 instant."""


@total_ordering
class Instant:
    """A point in time, UTC.

    Not a dataclass: the JSON encoder would write one as an object instead of asking how.
    """

    __slots__ = ("at",)

    def __init__(self, at: datetime) -> None:
        self.at = at

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read RFC 3339; without a zone it is UTC, as OCPI says."""
        try:
            at = datetime.fromisoformat(text) if "T" in text.upper() else None
        except ValueError:
            at = None
        if at is None:
            raise NotAnInstant(
                f'Expected an instant such as "2026-11-22T08:00:00Z", found "{text[:40]}"'
            )
        try:
            return cls(at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))
        except OverflowError as error:
            raise NotAnInstant(f'Expected an instant of this era, found "{text[:40]}"') from error

    @classmethod
    def from_proto(cls, stamp: Timestamp) -> Self:
        """Convert; nanoseconds are dropped."""
        whole = datetime.fromtimestamp(stamp.seconds, UTC)
        return cls(whole.replace(microsecond=stamp.nanos // _NANOS_A_MICRO))

    def to_proto(self) -> Timestamp:
        """Convert."""
        stamp = Timestamp()
        stamp.FromDatetime(self.at)
        return stamp

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instant) and self.at == other.at

    def __lt__(self, other: "Instant") -> bool:
        return self.at < other.at

    def __hash__(self) -> int:
        return hash(self.at)

    def __str__(self) -> str:
        kind = "milliseconds" if self.at.microsecond >= _MICROS_A_MILLI else "seconds"
        return self.at.replace(tzinfo=None).isoformat(timespec=kind) + "Z"
