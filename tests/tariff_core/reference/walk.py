"""The walk over a session: for each period its end, its tariff and what restrictions ask about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from .documents import TIME_KINDS, Period, RefusedError, Session, Tariff
from .policies import Policy
from .restrictions import State, Track, readings, seconds

NOTHING = Fraction(0)


@dataclass(frozen=True)
class Visit:
    """A period with what the walk knows about it; no tariff means nothing prices it."""

    index: int
    period: Period
    tariff: Tariff | None
    track: Track
    quantities: dict[str, Fraction]

    @property
    def halves(self) -> tuple[str, ...]:
        """Return what the period belongs to: the reservation, the charging session, or both."""
        reserved = "RESERVATION_TIME" in self.period.volumes
        charging = not reserved or charges(self.period)
        return ("reserved",) * reserved + ("charging",) * charging

    def state(self, part: Fraction, *, reserved: bool) -> State:
        """Return the state after `part` of the period, for either half of a session."""
        state = self.track.state(part)
        return state if reserved else replace(state, reservation=None)


def charges(period: Period) -> bool:
    """Say whether anything but reserved time was used."""
    return any(period.volumes.get(k, 0) != 0 for k in ("ENERGY", "TIME", "PARKING_TIME"))


def walk(
    session: Session,
    tariffs: tuple[Tariff, ...],
    zone: ZoneInfo,
    policy: Policy,
    *,
    expired: bool | None,
) -> list[Visit]:
    """Visit the periods in the order of the document."""
    if expired is None:
        expired = not any(map(charges, session.periods))
    visits: list[Visit] = []
    kwh = highest = NOTHING
    for index, period in enumerate(session.periods):
        end = _end(session, index)
        quantities = _quantities(period, end, policy)
        used = quantities.get("ENERGY", NOTHING) / 1000
        track = Track(
            start=period.start,
            end=end,
            kwh_start=kwh,
            kwh_end=kwh + used,
            kwh_floor=highest if policy["energy_base"] == "high_water" else None,
            base=_base(session, period, policy),
            zone=zone,
            readings=readings(period),
            reservation="RESERVATION_EXPIRES" if expired else "RESERVATION",
        )
        kwh += used
        highest = max(highest, kwh)
        tariff = _tariff(period, session, tariffs, policy)
        visits.append(Visit(index, period, tariff, track, quantities))
    return visits


def oddities(session: Session) -> set[str]:
    """Return the warnings about the periods themselves."""
    starts = [p.start for p in session.periods]
    found = set()
    if any(a > b for a, b in pairwise(starts)):
        found.add("periods_out_of_order")
    if any(s < session.start or (session.end is not None and s > session.end) for s in starts):
        found.add("period_outside_session")
    if any(p.duplicated for p in session.periods):
        found.add("duplicate_dimension")
    return found


def _end(session: Session, index: int) -> datetime:
    """Return where a period ends: "when the next period starts" (ChargingPeriod), in time."""
    order = sorted(range(len(session.periods)), key=lambda i: (session.periods[i].start, i))
    after = order[order.index(index) + 1 :]
    start = session.periods[index].start
    end = session.periods[after[0]].start if after else session.end
    return start if end is None else max(start, end)


def _base(session: Session, period: Period, policy: Policy) -> datetime:
    """Return the instant from which durations count."""
    starts = [p.start for p in session.periods if not _only_reserves(p)]
    reserved = any("RESERVATION_TIME" in p.volumes for p in session.periods)
    if policy["duration_base"] == "session" or not reserved or _only_reserves(period):
        return session.start
    return starts[0]


def _only_reserves(period: Period) -> bool:
    return "RESERVATION_TIME" in period.volumes and not charges(period)


def _tariff(
    period: Period, session: Session, tariffs: tuple[Tariff, ...], policy: Policy
) -> Tariff | None:
    """Return the tariff the period names, else the one valid when the session started."""
    if not tariffs:
        raise RefusedError("no_tariff")
    if period.tariff_id is not None:
        named = [t for t in tariffs if t.id.lower() == period.tariff_id.lower()]
        if not named:
            raise RefusedError("unknown_tariff_id", period.tariff_id)
        chosen = next((t for t in named if t.valid_at(session.start)), named[0])
    elif policy["untagged_periods"] == "free" and any(p.tariff_id for p in session.periods):
        return None
    else:
        chosen = _default_tariff(session, tariffs, policy)
    return chosen


def _default_tariff(session: Session, tariffs: tuple[Tariff, ...], policy: Policy) -> Tariff:
    valid = [t for t in tariffs if t.valid_at(session.start)]
    if not valid:
        raise RefusedError("no_valid_tariff")
    fitting = [t for t in valid if _fits(t, session)] or valid
    if policy["tariff_choice"] == "latest_start":
        dated = [t for t in fitting if t.valid_from is not None]
        latest = max((t.valid_from for t in dated if t.valid_from), default=None)
        return next((t for t in dated if t.valid_from == latest), fitting[0])
    return fitting[0]


def _fits(tariff: Tariff, session: Session) -> bool:
    """Say whether a tariff is of a type for this session (TariffType)."""
    if tariff.type is None:
        return True
    ad_hoc = session.token_type == "AD_HOC_USER"
    return tariff.type == ("AD_HOC_PAYMENT" if ad_hoc else "REGULAR")


def _quantities(period: Period, end: datetime, policy: Policy) -> dict[str, Fraction]:
    """Return what was used, in Wh and seconds."""
    found = {kind: hours * 3600 for kind, hours in _hours(period, end, policy).items()}
    if "ENERGY" in period.volumes:
        energy = period.volumes["ENERGY"] * 1000
        unpaid = policy["negative_energy"] == "unpaid"
        found["ENERGY"] = max(energy, NOTHING) if unpaid else energy
    return found


def _hours(period: Period, end: datetime, policy: Policy) -> dict[str, Fraction]:
    """Return the hours of each kind of time, by volume or by the clock.

    The clock can only tell where a period is of one kind. `auto` takes the clock where the volume
    is its reading with four decimals of an hour, as OCPI's number type asks.
    """
    measured = {kind: period.volumes[kind] for kind in TIME_KINDS if kind in period.volumes}
    if policy["time_source"] == "volume" or len(measured) != 1:
        return measured
    ((kind, hours),) = measured.items()
    clock = seconds(end - period.start) / 3600
    if policy["time_source"] == "auto" and abs(clock - hours) >= Fraction(1, 10_000):
        return measured
    return {kind: clock}
