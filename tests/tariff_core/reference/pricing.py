"""The price of a session, in the order of the specification: find, measure, step, add, limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from zoneinfo import ZoneInfo

from .documents import Component, Limit, RefusedError, Session, Tariff
from .policies import Policy
from .restrictions import lookup
from .rounding import rounded
from .walk import Visit, charges, oddities, walk

CHARGED = ("ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME")
PERCENT = Fraction(1, 100)
NOTHING = Fraction(0)


@dataclass(frozen=True)
class Line:
    """What one component costs in one period; quantity in Wh, seconds or occurrences."""

    kind: str
    half: str
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
    def rate(self) -> Fraction:
        """Return the factor from before to after tax."""
        if self.tariff.tax == "N/A" or self.component.vat is None:
            return Fraction(1)
        return 1 + self.component.vat * PERCENT

    @property
    def before(self) -> Fraction:
        """Return the amount before tax (the stated amount where the rate is unknown)."""
        return self.amount / self.rate if self.tariff.tax == "YES" else self.amount

    @property
    def after(self) -> Fraction:
        """Return the amount after tax (the stated amount where the rate is unknown)."""
        return self.amount if self.tariff.tax == "YES" else self.amount * self.rate

    def unknown_side(self, policy: Policy) -> str | None:
        """Return the side of the amount nobody can know: tax exists, but no rate says how much."""
        if self.component.vat is not None or self.amount == 0 or self.tariff.tax == "N/A":
            return None
        known = policy["missing_vat"] == "zero" or (
            policy["missing_vat"] == "by_version" and self.tariff.tax is None
        )
        if known:
            return None
        return "before" if self.tariff.tax == "YES" else "after"


@dataclass(frozen=True)
class Money:
    """An amount before and after tax; a side is None where it cannot be known."""

    before: Fraction | None
    after: Fraction | None

    def mapped(self, change: Callable[[Fraction], Fraction]) -> Money:
        """Change both sides that are known."""
        sides = (self.before, self.after)
        return Money(*(None if side is None else change(side) for side in sides))

    def __add__(self, other: Money) -> Money:
        """Add side by side; what is unknown stays unknown."""
        pairs = ((self.before, other.before), (self.after, other.after))
        return Money(*(None if a is None or b is None else a + b for a, b in pairs))


@dataclass(frozen=True)
class Priced:
    """The result; exact unless a policy says to round."""

    costs: dict[str, Money]
    billed: dict[str, Fraction]
    total: Money
    before_limits: Money
    warnings: frozenset[str]


def price(
    session: Session,
    tariffs: tuple[Tariff, ...],
    zone: str | None,
    policy: Policy,
    *,
    expired: bool | None,
) -> Priced:
    """Price a session; `expired` None means: expired where only reservation time was used.

    Without a zone, no tariff that prices a period may depend on the local clock.
    """
    if not session.periods:
        raise RefusedError("no_periods")
    warnings = oddities(session)
    visits = walk(session, tariffs, ZoneInfo(zone or "UTC"), policy, expired=expired)
    _refuse([v.tariff for v in visits if v.tariff is not None], session.currency, zone)
    lines, unpriced = _measured(visits, policy, warnings)
    lines = _stepped(lines, unpriced, policy) + _flats(visits, policy)
    before_limits = _sum(lines, session.currency, policy)
    total = _limited(lines, visits, session.currency, policy, warnings)
    if session.credit and policy["credit"] == "negate":
        total, before_limits = (side.mapped(lambda x: -x) for side in (total, before_limits))
    return Priced(
        costs={
            kind: _sum([x for x in lines if x.kind == kind], session.currency, policy)
            for kind in {line.kind for line in lines}
        },
        billed={k: sum((x.quantity for x in lines if x.kind == k), NOTHING) for k in CHARGED},
        total=total,
        before_limits=before_limits,
        warnings=frozenset(warnings),
    )


def _refuse(used: list[Tariff], currency: str, zone: str | None) -> None:
    """Refuse tariffs in another currency, and those that need a zone nobody named."""
    for tariff in used:
        if not tariff.currency:
            raise RefusedError("missing_currency")
        if tariff.currency != currency:
            raise RefusedError("currency_mismatch", f"{tariff.currency} and {currency}")
    if zone is None and any(tariff.needs_zone for tariff in used):
        raise RefusedError("missing_time_zone")


# --- components -----------------------------------------------------------------------------------


def _measured(
    visits: list[Visit], policy: Policy, warnings: set[str]
) -> tuple[list[Line], list[tuple[str, int, Fraction]]]:
    """Return a line for each priced volume, and the volumes nothing prices."""
    lines: list[Line] = []
    unpriced: list[tuple[str, int, Fraction]] = []
    for visit in visits:
        for kind, quantity in visit.quantities.items():
            half = "reserved" if kind == "RESERVATION_TIME" else "charging"
            component = _component(visit, kind, NOTHING, policy)
            if component is None or visit.tariff is None:
                unpriced.append((kind, visit.index, quantity))
            else:
                lines.append(Line(kind, half, visit.index, visit.tariff, component, quantity))
            if quantity != 0 and component is None:
                warnings.add(f"no_price_component:{kind}")
            if quantity != 0 and _changes_inside(visit, kind, policy):
                warnings.add(f"period_spans_price_change:{kind}")
    return lines, unpriced


def _component(visit: Visit, kind: str, part: Fraction, policy: Policy) -> Component | None:
    """Return the component for a volume; reserved time is TIME of a reservation element."""
    if visit.tariff is None:
        return None
    reserved = kind == "RESERVATION_TIME"
    state = visit.state(part, reserved=reserved)
    return lookup(visit.tariff, "TIME" if reserved else kind, state, policy)


def _changes_inside(visit: Visit, kind: str, policy: Policy) -> bool:
    """Say whether another price would hold somewhere inside the period."""
    if visit.tariff is None:
        return False
    starts_with = _component(visit, kind, NOTHING, policy)
    found = [_component(visit, kind, part, policy) for part in visit.track.middles([visit.tariff])]
    return any(_rate(other) != _rate(starts_with) for other in found)


def _rate(component: Component | None) -> object:
    return None if component is None else (component.price, component.vat, component.step)


# --- step_size ------------------------------------------------------------------------------------


def _stepped(
    lines: list[Line], unpriced: list[tuple[str, int, Fraction]], policy: Policy
) -> list[Line]:
    """Round up once for energy, once for charging and parking together, once for reserved time."""
    if policy["step_scope"] == "session":
        return _step_all(lines, unpriced, policy)
    stepped: list[Line] = []
    for index in sorted({line.period for line in lines}):
        own = [line for line in lines if line.period == index]
        stepped += _step_all(own, [entry for entry in unpriced if entry[1] == index], policy)
    return stepped


def _step_all(
    lines: list[Line], unpriced: list[tuple[str, int, Fraction]], policy: Policy
) -> list[Line]:
    charging = {"TIME"}
    separate = [{"ENERGY"}]
    if policy["step_reservation"] == "with_time":
        charging.add("RESERVATION_TIME")
    else:
        separate.append({"RESERVATION_TIME"})
    timed = [x.kind for x in lines if x.quantity != 0 and x.kind in charging | {"PARKING_TIME"}]
    if policy["step_parking"] == "last":
        parking = timed[-1:] == ["PARKING_TIME"]
    else:
        parking = "PARKING_TIME" in timed
    for kinds in [*separate, {"PARKING_TIME"} if parking else charging]:
        extra = sum((quantity for kind, _, quantity in unpriced if kind in kinds), NOTHING)
        lines = _step(lines, kinds, extra if policy["step_volume"] == "all" else NOTHING)
    return lines


def _step(lines: list[Line], kinds: set[str], unpriced: Fraction) -> list[Line]:
    """Bill the last component used for what is missing to a whole number of its steps."""
    places = [i for i, x in enumerate(lines) if x.kind in kinds and x.quantity != 0]
    if not places or lines[places[-1]].component.step == 0:
        return lines
    last = lines[places[-1]]
    step = last.component.step
    total = sum((lines[i].quantity for i in places), unpriced)
    missing = -(-total // step) * step - total
    stepped = list(lines)
    stepped[places[-1]] = replace(last, quantity=last.quantity + missing)
    return stepped


def _consumed(visits: list[Visit]) -> bool:
    return any(charges(visit.period) for visit in visits)


# --- FLAT -----------------------------------------------------------------------------------------


def _flats(visits: list[Visit], policy: Policy) -> list[Line]:
    """Charge FLAT: by default the first to become active, once reserved and once charging."""
    groups: dict[str, Callable[[str, Tariff, Component], object]] = {
        "once": lambda _half, _tariff, _component: "session",
        "once_per_kind": lambda half, _tariff, _component: half,
        "once_per_tariff": lambda half, tariff, _component: (half, id(tariff)),
        "once_per_element": lambda half, tariff, component: (half, id(tariff), id(component)),
    }
    group = groups[policy["flat"]]
    owed = policy["zero_consumption"] == "billed" or _consumed(visits)
    seen: set[object] = set()
    lines = []
    for visit in visits:
        for half in visit.halves:
            if half == "charging" and not owed:
                continue
            for tariff, name, component in _flat_components(visit, half, policy):
                key = (name, group(half, tariff, component))
                if key not in seen:
                    seen.add(key)
                    lines.append(Line("FLAT", half, visit.index, tariff, component, Fraction(1)))
    return lines


def _flat_components(
    visit: Visit, half: str, policy: Policy
) -> Iterable[tuple[Tariff, str, Component]]:
    """Return the FLAT due in a period: one, or two where both of a reservation are."""
    if visit.tariff is None:
        return
    state = visit.state(NOTHING, reserved=half == "reserved")
    names = [""]
    if policy["expired_flat"] == "add" and state.reservation == "RESERVATION_EXPIRES":
        names = ["RESERVATION_EXPIRES", "RESERVATION"]
    for name in names:
        component = lookup(visit.tariff, "FLAT", state, policy, only=name or None)
        if component is not None:
            yield visit.tariff, name, component


# --- totals and limits ----------------------------------------------------------------------------


def _sum(lines: list[Line], currency: str, policy: Policy) -> Money:
    """Add lines up, rounding where the policy says."""
    place = policy["rounding"]
    sides = []
    for side in ("before", "after"):
        amounts = [(line.kind, getattr(line, side)) for line in lines]
        if place == "line":
            parts = [rounded(amount, currency, policy) for _, amount in amounts]
        elif place == "dimension":
            kinds = {kind for kind, _ in amounts}
            parts = [
                rounded(sum((a for k, a in amounts if k == kind), NOTHING), currency, policy)
                for kind in kinds
            ]
        else:
            parts = [amount for _, amount in amounts]
        sides.append(sum(parts, NOTHING))
    return Money(*sides)


def _limited(
    lines: list[Line], visits: list[Visit], currency: str, policy: Policy, warnings: set[str]
) -> Money:
    """Apply min_price and max_price, each bound to its own total; drop a side nobody can know."""
    unknown = {line.unknown_side(policy) for line in lines}
    excluded = policy["limits_on_reservation"] == "excluded"
    outside = [line for line in lines if excluded and line.half == "reserved"]
    inside = _sum([line for line in lines if line not in outside], currency, policy)
    total = Money(
        None if "before" in unknown else inside.before,
        None if "after" in unknown else inside.after,
    )
    tariff = _limiting(visits, policy)
    if tariff is not None:
        limited = total
        if policy["zero_consumption"] == "billed" or _consumed(visits):
            limited = _clamped(limited, tariff.minimum, max, policy)
        limited = _clamped(limited, tariff.maximum, min, policy)
        warnings |= _limit_warnings(total, limited)
        total = limited
    return total + _sum(outside, currency, policy)


def _limit_warnings(total: Money, limited: Money) -> set[str]:
    """Say which way the limits moved a total; where they cross, what comes out counts."""
    found = set()
    for old, new in ((total.before, limited.before), (total.after, limited.after)):
        if old is not None and new is not None and old != new:
            found.add("min_price_applied" if new > old else "max_price_applied")
    return found


def _limiting(visits: list[Visit], policy: Policy) -> Tariff | None:
    """Return the tariff whose limits hold: with several, none."""
    used = [visit.tariff for visit in visits if visit.tariff is not None]
    several = any(tariff is not used[0] for tariff in used)
    if not used or (several and policy["limits_with_several_tariffs"] == "skip"):
        return None
    return used[0]


def _clamped(
    total: Money,
    limit: Limit | None,
    choose: Callable[[Fraction, Fraction], Fraction],
    policy: Policy,
) -> Money:
    if limit is None:
        return total
    before, after = (
        side if side is None or bound is None else choose(side, bound)
        for side, bound in ((total.before, limit.before), (total.after, limit.after))
    )
    scale = policy["limit_without_after_tax"] == "scale" and limit.after is None
    if scale and before is not None and after is not None and before != total.before:
        after = before if total.before == 0 else after * before / (total.before or 1)
    return Money(before, after)
