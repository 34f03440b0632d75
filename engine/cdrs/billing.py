"""Making the CDR of a completed session out of what meter and station said; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from engine.cdrs.checks import Evidence, judge_ours
from engine.cdrs.model import (
    Cdr,
    CdrFinding,
    CdrLocation,
    CdrState,
    CdrToken,
    Totals,
)
from engine.kernel.clock import SECOND, Micros
from engine.kernel.ids import timed_id
from engine.kernel.money import Price, kwh_text
from engine.kernel.party import PartyKey
from engine.locations.model import Location
from engine.sessions.model import (
    CLOSED_BY_RULE,
    METER_START_SAMPLED,
    METER_START_UNKNOWN,
    METER_STOP_BELOW_SAMPLES,
    METER_STOP_FAR_BELOW_SAMPLES,
    METER_STOP_UNKNOWN,
    Reading,
    Session,
    is_register,
)
from engine.stations.model import StatusLogged
from engine.tariffs.model import (
    Billed,
    MeterPoint,
    Period,
    Priced,
    Profile,
    SealedTariff,
    StateChange,
)

# A vehicle that asks for no power is parked; one from which the station withholds it charges (OCPI
# 2.2.1, tariffs, TariffDimensionType).
_CHARGING = {"Charging": True, "SuspendedEVSE": True, "SuspendedEV": False, "Finishing": False}


class Sources(msgspec.Struct, frozen=True):
    """All that is known of a completed session."""

    session: Session
    readings: Sequence[Reading]
    statuses: Sequence[StatusLogged]
    tariff: SealedTariff | None
    location: Location | None


def issued_id(session: Session) -> str:
    """Return the id of the CDR that bills a session: always the same, so that it is billed once."""
    return timed_id(Micros(session.started_us), "cdr", session.key)


def profile(sources: Sources) -> Profile:
    """Return the charge as meter and station saw it."""
    session = sources.session
    return Profile(
        start_us=session.started_us,
        end_us=_ended(session),
        readings=_points(session, sources.readings),
        states=_states(session, sources.statuses),
        time_zone=sources.location.time_zone if sources.location is not None else "",
    )


def make_cdr(sources: Sources, seen: Profile, billed: Billed, now: Micros) -> Cdr:
    """Return the CDR of a session: ACCEPTED, or HELD where it cannot be billed as it is."""
    session, priced = sources.session, billed.priced
    token = session.token()
    currency = priced.currency or session.currency
    cdr = Cdr(
        owner=PartyKey(session.owner),
        id=issued_id(session),
        state=CdrState.ACCEPTED,
        partner_id=session.partner_id,
        issued=True,
        session_id=session.id,
        started_us=Micros(session.started_us),
        ended_us=_ended(session),
        token=CdrToken(
            owner=token.owner,
            uid=token.uid,
            type=token.type,
            contract_id=token.contract_id,
            auth_method=token.auth_method,
            authorization_reference=token.authorization_reference,
        ),
        location=_place(session, sources.location),
        meter_id="",
        currency=currency,
        tariffs=(sources.tariff.document.decode(),) if sources.tariff is not None else (),
        charging_periods=tuple(billed.periods) or (Period(session.started_us, []),),
        totals=_totals(priced, currency),
        energy_mwh=session.energy_mwh,
        time_s=_seconds(_ended(session) - session.started_us),
        parking_s=_seconds(_parking_us(seen)),
        credit=False,
        credit_reference_id="",
        last_updated_us=now,
        repriced=priced.total,
        correlation_id=session.id,
        created_us=now,
    )
    evidence = Evidence(now=now, power_w=_power_w(session, sources.location))
    findings = (*_findings(sources, priced), *judge_ours(cdr, evidence))
    state = CdrState.HELD if any(f.blocking for f in findings) else CdrState.ACCEPTED
    return msgspec.structs.replace(cdr, state=state, findings=findings)


def _findings(sources: Sources, priced: Priced) -> Iterator[CdrFinding]:
    session = sources.session
    if sources.tariff is None:
        yield CdrFinding(
            "TARIFF_UNKNOWN", True, "No tariff was in force at the connector.", "", "a tariff"
        )
    elif priced.error or priced.total is None:
        yield CdrFinding(
            "PRICE_UNKNOWN",
            True,
            f"It cannot be priced: {priced.message or priced.error}",
            "",
            priced.error,
        )
    elif priced.total.excl_e4 is None:
        yield CdrFinding(
            "PRICE_UNKNOWN",
            True,
            "The prices include VAT and not all say how much: no amount before VAT is known.",
            "",
            "an amount before VAT",
        )
    if session.energy_mwh > 0 and _ended(session) == session.started_us:
        yield CdrFinding(
            "TIME_ZERO",
            True,
            "It takes no time, yet has energy.",
            f"{kwh_text(session.energy_mwh)} kWh",
            "none",
        )
    flags = session.flags()
    if METER_STOP_BELOW_SAMPLES in flags:
        # With samples the highest of them bills; without, nothing tells what was charged, and far
        # above the register at the stop the sample may be the one that is wrong.
        yield CdrFinding(
            "METER_REVERSED",
            session.energy_mwh == 0 or METER_STOP_FAR_BELOW_SAMPLES in flags,
            "The register at the stop lies below what the meter showed before.",
            "",
            f"{kwh_text(session.energy_mwh)} kWh or more",
        )
    if METER_START_UNKNOWN in flags:
        yield CdrFinding(
            "METER_START_UNKNOWN", True, "No register was read before the stop.", "", "a register"
        )
    if METER_START_SAMPLED in flags:
        yield CdrFinding(
            "METER_START_SAMPLED",
            False,
            "The register at the start could not be read; the first sample is billed from.",
        )
    if METER_STOP_UNKNOWN in flags:
        yield CdrFinding(
            "METER_STOP_UNKNOWN",
            session.energy_mwh == 0,
            "The register at the stop could not be read; the last sample is billed.",
        )
    if CLOSED_BY_RULE in flags:
        yield CdrFinding(
            "CLOSED_BY_RULE", False, "The station never stopped it; its last sample is billed."
        )


def _points(session: Session, readings: Sequence[Reading]) -> list[MeterPoint]:
    """Return the register over time: never backwards, ending where the session's energy does."""
    first_mwh = session.meter_start_mwh
    last_mwh = first_mwh + session.energy_mwh
    seen = {session.started_us: first_mwh}
    highest = first_mwh
    for reading in sorted(readings, key=lambda reading: reading.at_us):
        if session.started_us < reading.at_us < _ended(session) and is_register(reading):
            highest = min(max(highest, reading.value_milli), last_mwh)
            seen[reading.at_us] = highest
    seen[_ended(session)] = last_mwh
    return [MeterPoint(at_us, mwh) for at_us, mwh in sorted(seen.items())]


def _states(session: Session, statuses: Sequence[StatusLogged]) -> list[StateChange]:
    """Return when the vehicle charged and when it only stood; other statuses change neither."""
    changes = [StateChange(session.started_us, True)]
    for logged in statuses:
        if logged.at_us < session.started_us:
            continue
        charging = _CHARGING.get(logged.status)
        at_us = max(logged.at_us, session.started_us)
        if charging is None or at_us >= _ended(session) or charging == changes[-1].charging:
            continue
        if at_us == changes[-1].at_us:
            changes[-1] = StateChange(at_us, charging)
        else:
            changes.append(StateChange(at_us, charging))
    return changes


def _parking_us(seen: Profile) -> int:
    ends = [change.at_us for change in seen.states[1:]] + [seen.end_us]
    return sum(
        end - change.at_us
        for change, end in zip(seen.states, ends, strict=True)
        if not change.charging
    )


def _power_w(session: Session, location: Location | None) -> int:
    connector = location and location.connector(session.evse_uid, session.connector_id)
    return connector.power_w if connector else 0


def _place(session: Session, location: Location | None) -> CdrLocation:
    if location is None:
        return CdrLocation(
            id=session.location_id, evse_uid=session.evse_uid, connector_id=session.connector_id
        )
    evse = location.evse(session.evse_uid)
    connector = evse.connector(session.connector_id) if evse is not None else None
    return CdrLocation(
        id=location.id,
        name=location.name,
        address=location.address,
        city=location.city,
        postal_code=location.postal_code,
        country=location.country,
        latitude=location.latitude,
        longitude=location.longitude,
        evse_uid=session.evse_uid,
        evse_id=evse.evse_id if evse is not None else "",
        connector_id=session.connector_id,
        connector_standard=connector.standard if connector is not None else "",
        connector_format=connector.format if connector is not None else "",
        connector_power_type=connector.power_type if connector is not None else "",
        time_zone=location.time_zone,
    )


def _totals(priced: Priced, currency: str) -> Totals:
    return Totals(
        cost=priced.total or Price(currency, None, None),
        fixed=priced.fixed,
        energy=priced.energy,
        time=priced.time,
        parking=priced.parking,
        reservation=priced.reservation,
    )


def _ended(session: Session) -> Micros:
    return Micros(session.started_us if session.ended_us is None else session.ended_us)


def _seconds(microseconds: int) -> int:
    return (microseconds + SECOND // 2) // SECOND
