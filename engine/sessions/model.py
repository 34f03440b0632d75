"""Sessions and their life. Field rules: OCPP 1.6 section 4, OCPI 2.2.1 section 9."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from engine.kernel.ids import natural_id
from engine.kernel.money import Price
from engine.kernel.party import PartyKey, ci
from engine.tariffs.model import Period


class State(StrEnum):
    """See `interwatt.sessions.v1.Session.State`."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    INVALID = "INVALID"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.PENDING, State.ACTIVE, State.COMPLETED, State.INVALID}),
    State.ACTIVE: frozenset({State.ACTIVE, State.COMPLETED, State.INVALID}),
    State.COMPLETED: frozenset(),
    State.INVALID: frozenset(),
}

IMPORT_REGISTER = "Energy.Active.Import.Register"
CLOSED_BY_RULE = "closed_by_rule"
MATCHED_BY_GUESS = "matched_by_guess"
HISTORICAL = "historical"
STOP_BEFORE_START = "stop_before_start"
METER_STOP_BELOW_SAMPLES = "meter_stop_below_samples"
METER_STOP_FAR_BELOW_SAMPLES = "meter_stop_far_below_samples"
METER_START_UNKNOWN = "meter_start_unknown"
METER_START_SAMPLED = "meter_start_sampled"
METER_STOP_UNKNOWN = "meter_stop_unknown"
ENERGY_NEGATIVE = "energy_negative"

READINGS = "READINGS"
STOP = "STOP"
STOP_CONFLICT = "STOP_CONFLICT"


_ROUNDED_MWH = 1_000_000  # stations round the register at the stop to kWh at most


class SessionToken(msgspec.Struct, frozen=True):
    """The token as it was when the session started.

    Attributes:
        owner: its issuer's party; "" for a token nobody knows.
        status: the decision on it (`engine.tokens.model.Status`).
    """

    owner: str
    uid: str
    type: str
    contract_id: str
    auth_method: str
    authorization_reference: str
    status: str

    @property
    def accepted(self) -> bool:
        return self.status == "ACCEPTED"


class Session(msgspec.Struct, frozen=True):
    """One charge.

    Attributes:
        partner_id: the partner concerned; "" when both sides are ours.
        transaction_id: the integer an OCPP 1.6 station knows it by; 0 for none.
        authorization_id: the decision that let it start; "" for a partner's.
        tariff_key, tariff_version: the tariff sealed at its start.
        cost_json: cost so far as a partner reports it, "" when not known.
        periods_json: a partner's charging periods.
    """

    key: str
    owner: str
    id: str
    state: str
    partner_id: str
    at_our_station: bool
    station_id: str
    connector_number: int
    transaction_id: int
    station_transaction_id: str
    location_id: str
    evse_uid: str
    connector_id: str
    token_json: str
    authorization_id: str
    started_us: int
    ended_us: int | None
    meter_start_mwh: int
    meter_stop_mwh: int
    energy_mwh: int
    currency: str
    cost_json: str
    tariff_key: str
    tariff_version: int
    stop_reason: str
    flags_json: str
    periods_json: str
    document: bytes
    version: int
    last_updated_us: int
    created_us: int

    def token(self) -> SessionToken:
        return msgspec.json.decode(self.token_json, type=SessionToken)

    def flags(self) -> list[str]:
        return msgspec.json.decode(self.flags_json, type=list[str])

    def periods(self) -> list[Period]:
        return msgspec.json.decode(self.periods_json, type=list[Period])

    def cost(self) -> Price | None:
        return msgspec.json.decode(self.cost_json, type=Price) if self.cost_json else None

    @property
    def open(self) -> bool:
        return self.state in (State.ACTIVE, State.PENDING)


class Reading(msgspec.Struct, frozen=True):
    """One measured value, in thousandths of the measurand's base unit."""

    session_key: str
    at_us: int
    measurand: str
    phase: str
    context: str
    location: str
    value_milli: int
    signed_data: bytes


class Sample(msgspec.Struct, frozen=True):
    """One measured value as it arrives."""

    at_us: int
    measurand: str
    phase: str
    context: str
    location: str
    value_milli: int
    signed_data: bytes


class Orphan(msgspec.Struct, frozen=True):
    """What a station said about no session that we know, or against one that is over.

    Attributes:
        kind: `READINGS`, `STOP` or `STOP_CONFLICT`.
        body: the report as msgpack, as it was understood.
        attached_to: the session it was found to belong to, "" while none is.
    """

    id: str
    kind: str
    station_id: str
    transaction_id: int
    at_us: int
    body: bytes
    attached_to: str
    recorded_us: int

    def said(self) -> Readings | Stop:
        if self.kind == READINGS:
            return msgspec.msgpack.decode(self.body, type=Readings)
        return msgspec.msgpack.decode(self.body, type=Stop)


class Start(msgspec.Struct, frozen=True):
    """A start as a station reports it."""

    station_id: str
    generation: int
    connector_number: int
    token_uid: str
    token_type: str
    started_us: int
    meter_start_mwh: int
    station_transaction_id: str
    historical: bool
    meter_start_unknown: bool = False


class Readings(msgspec.Struct, frozen=True):
    """The readings of one message."""

    station_id: str
    generation: int
    connector_number: int
    transaction_id: int
    station_transaction_id: str
    samples: list[Sample]

    @property
    def first_us(self) -> int:
        return min((sample.at_us for sample in self.samples), default=0)


class Stop(msgspec.Struct, frozen=True):
    """A stop as a station reports it."""

    station_id: str
    generation: int
    transaction_id: int
    station_transaction_id: str
    session_id: str
    stopped_us: int
    meter_stop_mwh: int
    reason: str
    token_uid: str
    samples: list[Sample]
    meter_stop_unknown: bool = False


def session_key(owner: PartyKey, id_: str) -> str:
    return f"{owner}/{ci(id_)}"


def station_session_id(station_id: str, station_transaction_id: str) -> str:
    """Return the id of the session that a station knows by an id of its own making."""
    return natural_id("session", station_id, station_transaction_id)


def is_register(measured: Reading | Sample) -> bool:
    """Return whether it is the register that bills: total import, at the outlet."""
    return (
        measured.measurand == IMPORT_REGISTER
        and not measured.phase
        and measured.location in ("", "Outlet")
        and not measured.signed_data
    )


def encode_token(token: SessionToken) -> str:
    return msgspec.json.encode(token).decode()


def encode_price(price: Price | None) -> str:
    return msgspec.json.encode(price).decode() if price is not None else ""


def flag(session: Session, *flags: str) -> Session:
    """Return the session with `flags` noted."""
    noted = session.flags()
    noted += [new for new in flags if new not in noted]
    return msgspec.structs.replace(session, flags_json=msgspec.json.encode(noted).decode())


def touch(session: Session, now: int) -> Session:
    """Return the session as its next version."""
    return msgspec.structs.replace(
        session, version=session.version + 1, last_updated_us=max(now, session.last_updated_us)
    )


def with_samples(session: Session, samples: Sequence[Sample]) -> Session:
    """Return the session with the energy that `samples` show; a register never runs backwards, and
    what it showed before the session is none of its energy."""
    registers = [
        sample.value_milli
        for sample in samples
        if is_register(sample) and sample.at_us >= session.started_us
    ]
    if not registers:
        return session
    if METER_START_UNKNOWN in session.flags_json:
        session = _sampled_start(session, min(registers))
    energy = max(max(registers) - session.meter_start_mwh, session.energy_mwh, 0)
    return msgspec.structs.replace(session, energy_mwh=energy)


def _sampled_start(session: Session, register_mwh: int) -> Session:
    """Return the session, begun at the first register seen: its station's own could not be read."""
    flags = [METER_START_SAMPLED if f == METER_START_UNKNOWN else f for f in session.flags()]
    return msgspec.structs.replace(
        session, meter_start_mwh=register_mwh, flags_json=msgspec.json.encode(flags).decode()
    )


def stopped(session: Session, stop: Stop) -> Session:
    """Return the session, COMPLETED by `stop`.

    The register at the stop decides the energy; where it lies below what was seen during the
    session or is unknown, the highest sample does, and a flag says so. Far below, one of the two is
    wrong, and another flag has a person look. A register at the stop alone, without one before it,
    tells no energy.
    """
    seen = with_samples(session, stop.samples)
    energy = stop.meter_stop_mwh - seen.meter_start_mwh
    flags = []
    if stop.meter_stop_unknown:
        energy = seen.energy_mwh
        flags.append(METER_STOP_UNKNOWN)
    elif METER_START_UNKNOWN in seen.flags_json:
        seen = msgspec.structs.replace(seen, meter_start_mwh=max(stop.meter_stop_mwh, 0))
        energy = 0
    elif energy < seen.energy_mwh:
        flags.append(METER_STOP_BELOW_SAMPLES)
        if seen.energy_mwh - energy > _ROUNDED_MWH:
            flags.append(METER_STOP_FAR_BELOW_SAMPLES)
        energy = seen.energy_mwh
    done = msgspec.structs.replace(
        seen,
        state=State.COMPLETED,
        ended_us=max(stop.stopped_us, session.started_us),
        meter_stop_mwh=seen.meter_start_mwh + energy,
        energy_mwh=energy,
        stop_reason=stop.reason or "Local",
    )
    return flag(done, *flags) if flags else done


def closed_by_rule(session: Session, at_us: int) -> Session:
    """Return the session, ended because its station plainly went on without stopping it."""
    done = msgspec.structs.replace(
        session,
        state=State.COMPLETED,
        ended_us=max(at_us, session.started_us),
        meter_stop_mwh=session.meter_start_mwh + session.energy_mwh,
        stop_reason="Other",
    )
    return flag(done, CLOSED_BY_RULE)


def same_stop(session: Session, stop: Stop) -> bool:
    """Return whether `stop` says what ended the session already."""
    return (
        session.ended_us == max(stop.stopped_us, session.started_us)
        and session.stop_reason == (stop.reason or "Local")
        and (
            session.meter_stop_mwh == stop.meter_stop_mwh
            or METER_STOP_BELOW_SAMPLES in session.flags()
            or stop.meter_stop_unknown
        )
    )
