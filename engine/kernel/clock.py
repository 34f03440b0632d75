"""Time, handed in: nothing else in the engine asks the machine what time it is.

Instants are microseconds since 1970-01-01T00:00:00Z (`Micros`), everywhere and in every table.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import NewType, Protocol

Micros = NewType("Micros", int)

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - text without a zone, to which Z is added


class Clock(Protocol):
    """What says the time."""

    def now(self) -> Micros:
        """Return the present instant."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> Micros:
        return Micros(time.time_ns() // 1_000)


def to_datetime(at: int) -> datetime:
    """Convert exactly; an aware datetime in UTC."""
    return _EPOCH + timedelta(microseconds=at)


def from_datetime(at: datetime) -> Micros:
    """Convert exactly; `at` must be aware."""
    return Micros((at - _EPOCH) // timedelta(microseconds=1))


def to_rfc3339(at: int) -> str:
    """Write as OCPI does: UTC with Z, a fraction only where there is one."""
    seconds, micros = divmod(at, SECOND)
    fraction = f".{micros:06d}".rstrip("0") if micros else ""
    return f"{(_NAIVE_EPOCH + timedelta(seconds=seconds)).isoformat()}{fraction}Z"


def from_rfc3339(text: str) -> Micros:
    """Read a timestamp; without a zone it is UTC, as OCPI's DateTime allows.

    Raises:
        ValueError: `text` is no timestamp.
    """
    parsed = datetime.fromisoformat(text)
    return from_datetime(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))
