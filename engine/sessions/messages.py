"""What the messages of SessionsService say, as values and back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from interwatt.sessions.v1 import session_pb2 as session_pb
from interwatt.sessions.v1 import sessions_service_pb2 as pb

from engine.commands.service import timeout_seconds
from engine.kernel.errors import EngineError
from engine.kernel.outcome import Outcome, require
from engine.kernel.party import PartyKey
from engine.rpc.convert import (
    read_enum,
    read_optional_time,
    read_party,
    read_price,
    read_time,
    read_timestamp,
    shown,
    text,
    write_party,
    write_price,
    write_time,
)
from engine.rpc.errors import item_error
from engine.sessions.meter import Recorded
from engine.sessions.model import (
    Orphan,
    Readings,
    Sample,
    Session,
    SessionToken,
    Start,
    State,
    Stop,
    encode_price,
    encode_token,
    session_key,
)
from engine.sessions.partner_sessions import PartnerSession, SessionPut
from engine.sessions.remote import StartRequest
from engine.sessions.start import Started
from engine.sessions.stop import Ended
from engine.tariffs.model import Dimension, Period
from engine.tokens.rpc import read_token, read_type, write_authorization

_MAX_SAMPLES = 10_000
_REGISTERS = 2**61  # the difference of two fits 64 bits


def read_start(item: pb.StartSessionItem) -> Start:
    require(item.meter_start_mwh >= 0, "meter_start_mwh", "a register reading, 0 or more")
    meter_start_mwh = _register(item.meter_start_mwh, "meter_start_mwh")
    return Start(
        station_id=text(item.station_id, "station_id", longest=48),
        generation=item.generation,
        connector_number=item.connector_number,
        token_uid=text(item.token_uid, "token_uid", longest=255, shortest=0),
        token_type=read_type(item.token_type),
        started_us=read_time(item, "started_at"),
        meter_start_mwh=0 if item.meter_start_unknown else meter_start_mwh,
        station_transaction_id=text(
            item.station_transaction_id, "station_transaction_id", longest=36, shortest=0
        ),
        historical=item.historical,
        meter_start_unknown=item.meter_start_unknown,
    )


def read_readings(item: pb.RecordMeterReadingsItem) -> Readings:
    return Readings(
        station_id=text(item.station_id, "station_id", longest=48),
        generation=item.generation,
        connector_number=item.connector_number,
        transaction_id=item.transaction_id,
        station_transaction_id=text(
            item.station_transaction_id, "station_transaction_id", longest=36, shortest=0
        ),
        samples=_read_samples(item.readings),
    )


def read_stop(item: pb.StopSessionItem) -> Stop:
    return Stop(
        station_id=text(item.station_id, "station_id", longest=48),
        generation=item.generation,
        transaction_id=item.transaction_id,
        station_transaction_id=text(
            item.station_transaction_id, "station_transaction_id", longest=36, shortest=0
        ),
        session_id=text(item.session_id, "session_id", longest=36, shortest=0),
        stopped_us=read_time(item, "stopped_at"),
        meter_stop_mwh=_register(item.meter_stop_mwh, "meter_stop_mwh"),
        reason=text(item.reason, "reason", longest=64, shortest=0),
        token_uid=text(item.token_uid, "token_uid", longest=255, shortest=0),
        samples=_read_samples(item.readings),
        meter_stop_unknown=item.meter_stop_unknown,
    )


def _read_samples(readings: Sequence[session_pb.MeterReading]) -> list[Sample]:
    samples = [
        Sample(
            at_us=read_timestamp(reading.at, "readings.at"),
            measurand=text(sample.measurand, "readings.samples.measurand", longest=64),
            phase=shown(sample.phase, longest=16),
            context=shown(sample.context, longest=64),
            location=shown(sample.location, longest=64),
            value_milli=_register(sample.value_milli, "readings.samples.value_milli"),
            signed_data=sample.signed_data,
        )
        for reading in readings
        for sample in reading.samples
    ]
    require(len(samples) <= _MAX_SAMPLES, "readings", f"at most {_MAX_SAMPLES} samples")
    return samples


def _register(value: int, field: str) -> int:
    require(-_REGISTERS < value < _REGISTERS, field, "less than 2^61 either way")
    return value


def read_state(value: session_pb.Session.State) -> str:
    return read_enum(session_pb.Session.State, value, prefix="STATE_", field="state")


def read_partner_session(item: pb.PutPartnerSessionItem) -> PartnerSession:
    message = item.session
    owner = read_party(message.owner, "session.owner")
    id_ = text(message.id, "session.id", longest=36)
    partner_id = text(item.partner_id, "partner_id", longest=64)
    if not item.patch:
        require(message.HasField("started_at"), "session.started_at", "a timestamp")
        require(message.state, "session.state", "a state")
    token = message.token
    price = read_price(message, "cost", message.currency)
    session = Session(
        key=session_key(owner, id_),
        owner=owner,
        id=id_,
        state=read_state(message.state) if message.state else State.ACTIVE,
        partner_id=partner_id,
        at_our_station=False,
        station_id="",
        connector_number=0,
        transaction_id=0,
        station_transaction_id="",
        location_id=text(message.location_id, "session.location_id", longest=36, shortest=0),
        evse_uid=text(message.evse_uid, "session.evse_uid", longest=36, shortest=0),
        connector_id=text(message.connector_id, "session.connector_id", longest=36, shortest=0),
        token_json=encode_token(
            SessionToken(
                owner=read_party(token.owner, "session.token.owner")
                if token.HasField("owner")
                else "",
                uid=text(token.uid, "session.token.uid", longest=36, shortest=0),
                type=read_type(token.type),
                contract_id=text(
                    token.contract_id, "session.token.contract_id", longest=36, shortest=0
                ),
                auth_method=shown(token.auth_method, longest=32),
                authorization_reference=text(
                    token.authorization_reference,
                    "session.token.authorization_reference",
                    longest=36,
                    shortest=0,
                ),
                status="ACCEPTED",
            )
        ),
        authorization_id="",
        started_us=read_optional_time(message, "started_at") or 0,
        ended_us=read_optional_time(message, "ended_at"),
        meter_start_mwh=0,
        meter_stop_mwh=0,
        energy_mwh=message.energy_mwh,
        currency=text(message.currency, "session.currency", longest=3, shortest=0),
        cost_json=encode_price(price),
        tariff_key="",
        tariff_version=0,
        stop_reason="",
        flags_json="[]",
        periods_json="[]",
        document=item.document,
        version=0,
        last_updated_us=read_time(message, "last_updated"),
        created_us=0,
    )
    return PartnerSession(
        session=session,
        said=_said(message),
        patch=item.patch,
        periods=[_read_period(period) for period in message.charging_periods],
    )


def _said(message: session_pb.Session) -> frozenset[str]:
    """Return the fields that a PATCH carries."""
    said = {
        "state": bool(message.state),
        "ended_us": message.HasField("ended_at"),
        "started_us": message.HasField("started_at"),
        "energy_mwh": message.HasField("energy_mwh"),
        "cost_json": message.HasField("cost"),
        "currency": bool(message.currency),
        "token_json": message.HasField("token"),
        "location_id": bool(message.location_id),
        "evse_uid": bool(message.evse_uid),
        "connector_id": bool(message.connector_id),
    }
    return frozenset(name for name, present in said.items() if present)


def _read_period(message: session_pb.ChargingPeriod) -> Period:
    return Period(
        start_us=read_timestamp(message.start_at, "charging_periods.start_at"),
        dimensions=[Dimension(d.type, d.volume) for d in message.dimensions],
        tariff_id=message.tariff_id,
    )


def read_start_request(message: pb.RequestStartRequest) -> StartRequest:
    require(
        bool(message.station_id) != bool(message.partner_id),
        "station_id",
        "either station_id (ours) or partner_id",
    )
    token = read_token(message.token) if message.HasField("token") else None
    if token is None:
        text(message.token_uid, "token_uid", longest=36)
    return StartRequest(
        station_id=text(message.station_id, "station_id", longest=48, shortest=0),
        connector_number=message.connector_number,
        partner_id=text(message.partner_id, "partner_id", longest=64, shortest=0),
        location_id=text(message.location_id, "location_id", longest=36, shortest=0),
        evse_uid=text(message.evse_uid, "evse_uid", longest=36, shortest=0),
        token_uid=message.token_uid,
        token_type=read_type(message.token_type),
        timeout_s=timeout_seconds(message.timeout_seconds),
        requested_by_partner_id=message.requested_by_partner_id,
        authorization_reference=text(
            message.authorization_reference, "authorization_reference", longest=36, shortest=0
        ),
        token=token,
    )


def write_started(outcome: Outcome[Started]) -> pb.StartSessionOutcome:
    if isinstance(outcome.result, EngineError):
        return pb.StartSessionOutcome(error=item_error(outcome.result))
    return pb.StartSessionOutcome(
        session=write_session(outcome.result.session),
        authorization=write_authorization(outcome.result.authorization),
        replayed=outcome.replayed,
    )


def write_recorded(item: pb.RecordMeterReadingsOutcome, recorded: Recorded) -> None:
    item.session_id = recorded.session_id


def write_put(item: pb.PutPartnerSessionOutcome, put: SessionPut) -> None:
    item.session.CopyFrom(write_session(put.session))
    item.created = put.created


def write_ended(outcome: Outcome[Ended]) -> pb.StopSessionOutcome:
    if isinstance(outcome.result, EngineError):
        return pb.StopSessionOutcome(error=item_error(outcome.result))
    if outcome.result.session is None:
        return pb.StopSessionOutcome(orphan_id=outcome.result.orphan_id, replayed=outcome.replayed)
    return pb.StopSessionOutcome(
        session=write_session(outcome.result.session), replayed=outcome.replayed
    )


def write_orphan(orphan: Orphan, session: Session | None) -> pb.Orphan:
    message = pb.Orphan(
        id=orphan.id,
        kind=f"ORPHAN_KIND_{orphan.kind}",
        session_id=session.id if session is not None else "",
        recorded_at=write_time(orphan.recorded_us),
    )
    said = orphan.said()
    if isinstance(said, Readings):
        message.readings.CopyFrom(_write_readings(said))
    else:
        message.stop.CopyFrom(_write_stop(said))
    return message


def _write_readings(readings: Readings) -> pb.RecordMeterReadingsItem:
    return pb.RecordMeterReadingsItem(
        station_id=readings.station_id,
        generation=readings.generation,
        connector_number=readings.connector_number,
        transaction_id=readings.transaction_id,
        station_transaction_id=readings.station_transaction_id,
        readings=_write_samples(readings.samples),
    )


def _write_stop(stop: Stop) -> pb.StopSessionItem:
    return pb.StopSessionItem(
        station_id=stop.station_id,
        generation=stop.generation,
        transaction_id=stop.transaction_id,
        station_transaction_id=stop.station_transaction_id,
        session_id=stop.session_id,
        stopped_at=write_time(stop.stopped_us),
        meter_stop_mwh=stop.meter_stop_mwh,
        reason=stop.reason,
        token_uid=stop.token_uid,
        readings=_write_samples(stop.samples),
        meter_stop_unknown=stop.meter_stop_unknown,
    )


def _write_samples(samples: Sequence[Sample]) -> list[session_pb.MeterReading]:
    return [
        session_pb.MeterReading(
            at=write_time(at_us),
            samples=[
                session_pb.MeterSample(
                    measurand=sample.measurand,
                    value_milli=sample.value_milli,
                    phase=sample.phase,
                    context=sample.context,
                    location=sample.location,
                    signed_data=sample.signed_data,
                )
                for sample in together
            ],
        )
        for at_us, together in groupby(samples, key=attrgetter("at_us"))
    ]


def write_session(session: Session) -> session_pb.Session:
    return session_pb.Session(
        owner=write_party(PartyKey(session.owner)),
        id=session.id,
        state=f"STATE_{session.state}",
        partner_id=session.partner_id,
        at_our_station=session.at_our_station,
        station_id=session.station_id,
        connector_number=session.connector_number,
        transaction_id=session.transaction_id,
        station_transaction_id=session.station_transaction_id,
        location_id=session.location_id,
        evse_uid=session.evse_uid,
        connector_id=session.connector_id,
        token=write_session_token(session.token()),
        started_at=write_time(session.started_us),
        ended_at=write_time(session.ended_us),
        meter_start_mwh=session.meter_start_mwh,
        meter_stop_mwh=session.meter_stop_mwh,
        energy_mwh=session.energy_mwh,
        currency=session.currency,
        cost=write_price(session.cost()),
        tariff_id=session.tariff_key.partition("/")[2],
        stop_reason=session.stop_reason,
        flags=session.flags(),
        version=session.version,
        last_updated=write_time(session.last_updated_us),
        charging_periods=[write_period(period) for period in session.periods()],
    )


def write_session_token(token: SessionToken) -> session_pb.SessionToken:
    return session_pb.SessionToken(
        owner=write_party(PartyKey(token.owner)) if token.owner else None,
        uid=token.uid,
        type=f"TOKEN_TYPE_{token.type}",
        contract_id=token.contract_id,
        auth_method=token.auth_method,
        authorization_reference=token.authorization_reference,
        accepted=token.accepted,
    )


def write_period(period: Period) -> session_pb.ChargingPeriod:
    return session_pb.ChargingPeriod(
        start_at=write_time(period.start_us),
        dimensions=[session_pb.Dimension(type=d.type, volume=d.volume) for d in period.dimensions],
        tariff_id=period.tariff_id,
    )
