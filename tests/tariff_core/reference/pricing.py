"""The price of a session, in the order of the specification: find, measure, step, add, limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from .documents import TIME_KINDS, Component, Limit, Period, RefusedError, Session, Tariff
from .policies import Policy
from .restrictions import State, Track, lookup, readings, seconds

CHARGED = ("ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME")
PERCENT = Fraction(1, 100)


@dataclass(frozen=True)
class Line:
    """What one component costs in one period; quantity in Wh, seconds or occurrences."""

    kind: str
    period: int
    tariff: Tariff
    component: Component
    quantity: Fraction

    @property
    def amount(self) -> Fraction:
        """Return the price as the tariff states it, with or without tax."""
        per = {"ENERGY": 1000, "FLAT": 1}.get(self.kind, 3600)
        return self.quantity / per * self.component.price

    @property
    def before(self) -> Fraction:
        """Return the amount before tax (the stated amount where the rate is unknown)."""
        rate = self.component.vat or Fraction(0)
        return self.amount / (1 + rate * PERCENT) if self.tariff.tax == "YES" else self.amount

    @property
    def after(self) -> Fraction:
        """Return the amount after tax (the stated amount where the rate is unknown)."""
        rate = self.component.vat or Fraction(0)
        if self.tariff.tax in {"YES", "N/A"}:
            return self.amount
        return self.amount * (1 + rate * PERCENT)

    @property
    def tax_unknown(self) -> bool:
        """Say whether tax exists, but no rate tells how much."""
        return self.tariff.tax in {"YES", "NO"} and self.component.vat is None and self.amount != 0


@dataclass(frozen=True)
class Money:
    """An amount before and after tax; a side is None where it cannot be known."""

    before: Fraction | None
    after: Fraction | None


@dataclass(frozen=True)
class Priced:
    """The exact result; the report rounds it."""

    lines: tuple[Line, ...]
    total: Money
    before_limits: Money
    warnings: frozenset[str]

    def cost(self, kind: str) -> Money | None:
        """Return what one kind of line costs, or None where nothing priced it."""
        lines = [line for line in self.lines if line.kind == kind]
        return add(lines) if lines else None

    def billed(self, kind: str) -> Fraction:
        """Return the billed quantity of one kind."""
        return sum((line.quantity for line in self.lines if line.kind == kind), Fraction(0))


def add(lines: list[Line]) -> Money:
    """Add lines up."""
    zero = Fraction(0)
    return Money(sum((x.before for x in lines), zero), sum((x.after for x in lines), zero))


@dataclass(frozen=True)
class Visit:
    """A period with what the walk over the session knows about it."""

    index: int
    period: Period
    end: datetime
    tariff: Tariff
    track: Track
    hours: dict[str, Fraction]

    @property
    def parts(self) -> tuple[str, ...]:
        """Return what the period belongs to: the reservation, the charging session, or both."""
        reserved = "RESERVATION_TIME" in self.period.volumes
        charging = not reserved or _charging(self.period)
        return ("reserved",) * reserved + ("charging",) * charging

    def state(self, part: Fraction, *, reserved: bool) -> State:
        """Return the state after `part` of the period, for either half of a session."""
        state = self.track.state(part)
        return state if reserved else replace(state, reservation=None)


def price(
    session: Session,
    tariffs: tuple[Tariff, ...],
    zone: ZoneInfo,
    policy: Policy,
    *,
    expired: bool | None,
) -> Priced:
    """Price a session; `expired` None means: expired where only reservation time was used."""
    if not session.periods:
        raise RefusedError("no_periods")
    warnings: set[str] = set()
    visits = _walk(session, tariffs, zone, policy, expired=expired, warnings=warnings)
    lines: list[Line] = []
    unpriced: dict[str, Fraction] = dict.fromkeys(CHARGED, Fraction(0))
    for visit in visits:
        for kind in CHARGED:
            if kind not in visit.period.volumes:
                continue
            quantity = _quantity(visit, kind)
            component = _component(visit, kind, Fraction(0), policy)
            if component is None:
                unpriced[kind] += quantity
                if quantity != 0:
                    warnings.add(f"no_price_component:{kind}")
            else:
                lines.append(Line(kind, visit.index, visit.tariff, component, quantity))
            if quantity != 0 and _changes_inside(visit, kind, policy):
                warnings.add(f"period_spans_price_change:{kind}")
    lines = _stepped(lines, unpriced, policy)
    lines += _flats(visits, policy)
    before_limits = add(lines)
    total = _limited(lines, before_limits, visits, warnings)
    return Priced(tuple(lines), total, before_limits, frozenset(warnings))


# --- the walk -------------------------------------------------------------------------------------


def _walk(
    session: Session,
    tariffs: tuple[Tariff, ...],
    zone: ZoneInfo,
    policy: Policy,
    *,
    expired: bool | None,
    warnings: set[str],
) -> list[Visit]:
    periods = session.periods
    starts = [p.start for p in periods]
    end = session.end if session.end is not None else max(starts)
    if any(a > b for a, b in pairwise(starts)):
        warnings.add("periods_out_of_order")
    if any(s < session.start or (session.end is not None and s > session.end) for s in starts):
        warnings.add("period_outside_session")
    if any(p.duplicated for p in periods):
        warnings.add("duplicate_dimension")
    if expired is None:
        expired = not any(_charging(p) for p in periods)
    state = "RESERVATION_EXPIRES" if expired else "RESERVATION"
    base = next((p.start for p in periods if not _reserves(p)), None)
    first_reserved = next((p.start for p in periods if _reserves(p)), session.start)
    visits: list[Visit] = []
    kwh = Fraction(0)
    for index, period in enumerate(periods):
        later = [s for s in starts if s > period.start]
        ends = periods[index + 1].start if index + 1 < len(periods) else end
        if ends < period.start:
            ends = min(later, default=max(end, period.start))
        reserves = _reserves(period)
        used = Fraction(0) if reserves else period.volumes.get("ENERGY", Fraction(0))
        track = Track(
            start=period.start,
            end=ends,
            kwh_start=kwh,
            kwh_end=kwh + used,
            base=first_reserved if reserves or base is None else base,
            zone=zone,
            readings=readings(period),
            reservation=state,
        )
        kwh += used
        chosen = _tariff_of(period, session, tariffs)
        hours = _hours(period, ends, policy)
        visits.append(Visit(index, period, ends, chosen, track, hours))
    return visits


def _reserves(period: Period) -> bool:
    return "RESERVATION_TIME" in period.volumes and not _charging(period)


def _charging(period: Period) -> bool:
    return any(period.volumes.get(k, 0) != 0 for k in ("ENERGY", "TIME", "PARKING_TIME"))


def _tariff_of(period: Period, session: Session, tariffs: tuple[Tariff, ...]) -> Tariff:
    """Return the tariff the period names, else the first valid when the session started."""
    if period.tariff_id is None:
        valid = [t for t in tariffs if t.valid_at(session.start)]
        if not valid:
            raise RefusedError("no_valid_tariff")
        chosen = valid[0]
    else:
        named = [t for t in tariffs if t.id.lower() == period.tariff_id.lower()]
        if not named:
            raise RefusedError("unknown_tariff_id", period.tariff_id)
        chosen = next((t for t in named if t.valid_at(session.start)), named[0])
    if chosen.currency != session.currency:
        raise RefusedError("currency_mismatch", f"{chosen.currency} and {session.currency}")
    return chosen


def _hours(period: Period, end: datetime, policy: Policy) -> dict[str, Fraction]:
    """Return the hours of each kind of time, by volume or by the clock.

    The clock can only tell where a period is of one kind. `auto` takes the clock where the volume
    is its reading rounded to four decimals of an hour, as OCPI's number type asks.
    """
    measured = {kind: period.volumes[kind] for kind in TIME_KINDS if kind in period.volumes}
    if policy["time_source"] == "volume" or len(measured) != 1 or end < period.start:
        return measured
    ((kind, hours),) = measured.items()
    clock = seconds(end - period.start) / 3600
    if policy["time_source"] == "auto" and abs(clock - hours) > Fraction(1, 10_000):
        return measured
    return {kind: clock}


def _quantity(visit: Visit, kind: str) -> Fraction:
    """Return what was measured, in Wh or seconds."""
    if kind == "ENERGY":
        return visit.period.volumes[kind] * 1000
    return visit.hours[kind] * 3600


def _component(visit: Visit, kind: str, part: Fraction, policy: Policy) -> Component | None:
    """Return the component for a volume; reserved time is TIME of a reservation element."""
    if kind == "RESERVATION_TIME":
        return lookup(visit.tariff, "TIME", visit.state(part, reserved=True), policy)
    return lookup(visit.tariff, kind, visit.state(part, reserved=False), policy)


def _changes_inside(visit: Visit, kind: str, policy: Policy) -> bool:
    """Say whether another price would hold somewhere inside the period."""
    starts_with = _component(visit, kind, Fraction(0), policy)
    found = [_component(visit, kind, part, policy) for part in visit.track.middles([visit.tariff])]
    return any(_rate(other) != _rate(starts_with) for other in found)


def _rate(component: Component | None) -> object:
    return None if component is None else (component.price, component.vat, component.step)


# --- step_size ------------------------------------------------------------------------------------


def _stepped(lines: list[Line], unpriced: dict[str, Fraction], policy: Policy) -> list[Line]:
    """Round up once for energy, once for charging and parking together, once for reserved time."""
    used = [line for line in lines if line.quantity != 0]
    timed = [line.kind for line in used if line.kind in {"TIME", "PARKING_TIME"}]
    take = ["ENERGY", "RESERVATION_TIME"]
    if policy["step_parking"] == "last" and timed:
        take.append(timed[-1])
    else:
        take.append("PARKING_TIME" if "PARKING_TIME" in timed else "TIME")
    for kind in take:
        lines = _step(lines, kind, unpriced[kind] if policy["step_volume"] == "all" else None)
    return lines


def _step(lines: list[Line], kind: str, unpriced: Fraction | None) -> list[Line]:
    """Bill the last component of a kind for what is missing to a whole number of its steps."""
    places = [i for i, line in enumerate(lines) if line.kind == kind and line.quantity != 0]
    if not places or lines[places[-1]].component.step == 0:
        return lines
    step = lines[places[-1]].component.step
    total = sum((lines[i].quantity for i in places), unpriced or Fraction(0))
    missing = -(-total // step) * step - total
    last = lines[places[-1]]
    stepped = list(lines)
    stepped[places[-1]] = replace(last, quantity=last.quantity + missing)
    return stepped


# --- FLAT -----------------------------------------------------------------------------------------


def _flats(visits: list[Visit], policy: Policy) -> list[Line]:
    """Charge FLAT: by default the first to become active, once reserved and once charging."""
    groups: dict[str, Callable[[str, Tariff, Component], object]] = {
        "once": lambda _half, _tariff, _component: "session",
        "once_per_kind": lambda half, _tariff, _component: half,
        "once_per_tariff": lambda half, tariff, _component: (half, id(tariff)),
        "each_component": lambda half, tariff, component: (half, id(tariff), id(component)),
    }
    group = groups[policy["flat"]]
    seen: set[object] = set()
    lines = []
    for visit in visits:
        for half in visit.parts:
            state = visit.state(Fraction(0), reserved=half == "reserved")
            component = lookup(visit.tariff, "FLAT", state, policy)
            if component is None or group(half, visit.tariff, component) in seen:
                continue
            seen.add(group(half, visit.tariff, component))
            lines.append(Line("FLAT", visit.index, visit.tariff, component, Fraction(1)))
    return lines


# --- limits ---------------------------------------------------------------------------------------


def _limited(lines: list[Line], total: Money, visits: list[Visit], warnings: set[str]) -> Money:
    """Apply min_price and max_price, each bound to its own total; drop a side nobody can know."""
    unknown = {line.tariff.tax for line in lines if line.tax_unknown}
    before = None if "YES" in unknown else total.before
    after = None if "NO" in unknown else total.after
    used = {id(v.tariff): v.tariff for v in visits}
    if len(used) != 1:
        return Money(before, after)
    (tariff,) = used.values()
    for limit, sign, code in ((tariff.minimum, 1, "min"), (tariff.maximum, -1, "max")):
        if limit is None:
            continue
        bounded = Money(_bound(before, limit.before, sign), _bound(after, limit.after, sign))
        if limit.after is None and bounded.before != before:
            bounded = replace(bounded, after=_in_ratio(before, after, limit))
        if bounded != Money(before, after):
            warnings.add(f"{code}_price_applied")
        before, after = bounded.before, bounded.after
    return Money(before, after)


def _bound(value: Fraction | None, bound: Fraction | None, sign: int) -> Fraction | None:
    if value is None or bound is None or sign * value >= sign * bound:
        return value
    return bound


def _in_ratio(before: Fraction | None, after: Fraction | None, limit: Limit) -> Fraction | None:
    """Without a bound after tax, the total after tax moves with the total before it."""
    if before is None or after is None or limit.before is None:
        return after
    return limit.before if before == 0 else after * limit.before / before
