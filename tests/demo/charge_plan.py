"""The charge that the demo's station plays: what its meter and its clock say.

It lies in the past, yesterday from 17:15 to 18:42 in Amsterdam, so that it crosses the tariff's
change at 18:00 whenever the demo is played. An hour of charging at 21.96 kW is followed by 27
minutes of parking with a full battery.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

TIME_ZONE = "Europe/Amsterdam"
WATTS = 21_960
METER_START_WH = 1_204_500
CHARGED = timedelta(minutes=60)
PARKED = timedelta(minutes=27)
_SAMPLE_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the meter shows at one instant."""

    at: datetime
    register_wh: int
    watts: int


@dataclass(frozen=True, slots=True)
class ChargePlan:
    """One charge, given its start."""

    started_at: datetime

    @property
    def suspended_at(self) -> datetime:
        """When the battery is full and parking begins."""
        return self.started_at + CHARGED

    @property
    def stopped_at(self) -> datetime:
        """When the driver comes back."""
        return self.suspended_at + PARKED

    @property
    def meter_stop_wh(self) -> int:
        """What the meter shows at the end."""
        return METER_START_WH + WATTS * int(CHARGED.total_seconds()) // 3600

    def samples(self) -> Iterator[Sample]:
        """Give the periodic samples, every ten minutes."""
        at = self.started_at + _SAMPLE_EVERY
        while at < self.stopped_at:
            charged = min(at, self.suspended_at) - self.started_at
            register = METER_START_WH + WATTS * int(charged.total_seconds()) // 3600
            yield Sample(at, register, WATTS if at < self.suspended_at else 0)
            at += _SAMPLE_EVERY


def yesterday_evening() -> ChargePlan:
    """Build the plan for yesterday at 17:15, Amsterdam time."""
    local = datetime.now(ZoneInfo(TIME_ZONE)) - timedelta(days=1)
    return ChargePlan(local.replace(hour=17, minute=15, second=0, microsecond=0).astimezone(UTC))
