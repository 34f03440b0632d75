"""Which price component is active: restrictions, lookup, and when the answer may change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from .documents import Component, Period, Restrictions, Tariff
from .policies import Policy

DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class State:
    """Everything a restriction can ask about one instant of a session.

    `reservation` is None while charging or parking, else RESERVATION or RESERVATION_EXPIRES.
    """

    at: datetime
    zone: ZoneInfo
    elapsed: Fraction
    kwh: Fraction
    readings: dict[str, Fraction]
    reservation: str | None


def lookup(
    tariff: Tariff, dimension: str, state: State, policy: Policy, *, only: str | None = None
) -> Component | None:
    """Return the first matching component of a dimension: the rule of the Tariff object.

    For a reservation that expired, an element for expiry goes before one for reservation, per
    dimension (ReservationRestrictionType). `only` asks for elements of one of the two alone.
    """
    kinds: tuple[str | None, ...] = (state.reservation,)
    if state.reservation == "RESERVATION_EXPIRES":
        kinds = ("RESERVATION_EXPIRES", "RESERVATION") if only is None else (only,)
    for kind in kinds:
        for element in tariff.elements:
            if element.restrictions.reservation != kind:
                continue
            component = element.component(dimension)
            if component is not None and matches(element.restrictions, state, policy):
                return component
    return None


def matches(rule: Restrictions, state: State, policy: Policy) -> bool:
    """Say whether every restriction but `reservation` holds."""
    local = state.at.astimezone(state.zone)
    return (
        _in_window(rule, local, policy)
        and _at_least(local.date(), rule.start_date)
        and _below(local.date(), rule.end_date)
        and (not rule.days or local.weekday() in rule.days)
        and _at_least(state.kwh, rule.min_kwh)
        and _below(state.kwh, rule.max_kwh)
        and _at_least(state.elapsed, rule.min_duration)
        and _below(state.elapsed, rule.max_duration)
        and _reading_holds(rule.min_current, rule.max_current, "CURRENT", state, policy)
        and _reading_holds(rule.min_power, rule.max_power, "POWER", state, policy)
    )


def _in_window(rule: Restrictions, local: datetime, policy: Policy) -> bool:
    """Test [start_time, end_time); an end of 00:00 ends the day, an end before the start wraps."""
    if rule.start_time is None and rule.end_time is None:
        return True
    start = rule.start_time or 0
    end = rule.end_time or DAY_MINUTES
    now = local.hour * 60 + local.minute
    if start == end:
        return policy["equal_times"] == "whole_day"
    if start < end:
        return start <= now < end
    return now >= start or now < end


def _reading_holds(
    lowest: Fraction | None,
    highest: Fraction | None,
    quantity: str,
    state: State,
    policy: Policy,
) -> bool:
    """Test a power or current band against the extremes of the period."""
    trough = state.readings.get(f"MIN_{quantity}")
    peak = state.readings.get(f"MAX_{quantity}")
    against_min, against_max = peak, trough
    if policy["peak"] == "own_extreme":
        against_min, against_max = trough, peak
    missing = policy["missing_reading"] == "match"
    if lowest is not None and not (missing if against_min is None else against_min >= lowest):
        return False
    return highest is None or (missing if against_max is None else against_max < highest)


def _at_least(value: date | Fraction, bound: date | Fraction | None) -> bool:
    return bound is None or value >= bound  # type: ignore[operator]


def _below(value: date | Fraction, bound: date | Fraction | None) -> bool:
    return bound is None or value < bound  # type: ignore[operator]


@dataclass(frozen=True)
class Track:
    """A period as a straight line from its first to its last instant: energy spread evenly."""

    start: datetime
    end: datetime
    kwh_start: Fraction
    kwh_end: Fraction
    kwh_floor: Fraction | None
    base: datetime
    zone: ZoneInfo
    readings: dict[str, Fraction]
    reservation: str | None

    def state(self, part: Fraction) -> State:
        """Return the state after `part` (0 to 1) of the period."""
        at = self.start + part * seconds(self.end - self.start) * _SECOND
        kwh = self.kwh_start + part * (self.kwh_end - self.kwh_start)
        return State(
            at=at,
            zone=self.zone,
            elapsed=seconds(self.start - self.base) + part * seconds(self.end - self.start),
            kwh=kwh if self.kwh_floor is None else max(kwh, self.kwh_floor),
            readings=self.readings,
            reservation=self.reservation,
        )

    def cuts(self, tariffs: Iterable[Tariff]) -> list[Fraction]:
        """Return the parts, strictly inside the period, at which any restriction may change."""
        rules = [element.restrictions for t in tariffs for element in t.elements]
        found: set[Fraction] = set()
        length = seconds(self.end - self.start)
        if length > 0:
            moments = _clock_changes(rules, self.start, self.end, self.zone)
            found |= {seconds(at - self.start) / length for at in moments}
            offset = seconds(self.start - self.base)
            for rule in rules:
                for bound in (rule.min_duration, rule.max_duration):
                    if bound is not None:
                        found.add((bound - offset) / length)
        energy = self.kwh_end - self.kwh_start
        if energy != 0:
            for rule in rules:
                for threshold in (rule.min_kwh, rule.max_kwh):
                    if threshold is not None:
                        found.add((threshold - self.kwh_start) / energy)
        return sorted(part for part in found if 0 < part < 1)

    def middles(self, tariffs: Iterable[Tariff]) -> list[Fraction]:
        """Return one part inside each stretch between two cuts."""
        edges = [Fraction(0), *self.cuts(tariffs), Fraction(1)]
        return [(a + b) / 2 for a, b in pairwise(edges)]


class _Second:
    """Multiply a fraction of seconds into a timedelta without a float."""

    def __rmul__(self, count: Fraction) -> timedelta:
        return timedelta(microseconds=(count * 1_000_000).__floor__())


_SECOND = _Second()


def seconds(span: timedelta) -> Fraction:
    """Return a time span in seconds, exact."""
    micro = span.days * 86_400_000_000 + span.seconds * 1_000_000 + span.microseconds
    return Fraction(micro, 1_000_000)


def _clock_changes(
    rules: Iterable[Restrictions], start: datetime, end: datetime, zone: ZoneInfo
) -> set[datetime]:
    """Return the instants in (start, end) at which a wall clock or calendar rule may change."""
    times = {0}
    bound = False
    for rule in rules:
        bound |= rule.needs_zone
        times |= {t for t in (rule.start_time, rule.end_time) if t is not None}
    if not bound:
        return set()
    found = set(_offset_changes(start, end, zone))
    day = start.astimezone(zone).date() - timedelta(days=1)
    while day <= end.astimezone(zone).date():
        for minute in times:
            wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
            found |= {wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
        day += timedelta(days=1)
    return {at for at in found if start < at < end}


def _offset_changes(start: datetime, end: datetime, zone: ZoneInfo) -> Iterable[datetime]:
    """Find where the zone's offset changes, to the second."""
    step = timedelta(hours=1)
    at = start
    while at < end:
        after = min(at + step, end)
        if at.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            low, high = at, after
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                same = middle.astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            yield high.replace(microsecond=0)
        at = after


def readings(period: Period) -> dict[str, Fraction]:
    """Return the power and current extremes of a period."""
    names = ("MIN_POWER", "MAX_POWER", "MIN_CURRENT", "MAX_CURRENT")
    return {name: period.volumes[name] for name in names if name in period.volumes}
