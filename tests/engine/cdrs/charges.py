"""Completed sessions at a station of ours, with what meter and station said."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.db.port import Database, Transaction
from engine.events.model import Event
from engine.kernel.clock import SECOND, Micros
from engine.kernel.party import PartyKey, Role
from engine.locations import store as locations
from engine.locations.model import Connector, Evse, Location, encode_evses, location_key
from engine.partners import store as partners
from engine.partners.model import Endpoint, Party, plan, register
from engine.sessions import store as sessions
from engine.sessions.model import (
    IMPORT_REGISTER,
    Reading,
    Session,
    SessionToken,
    State,
    encode_token,
    session_key,
)
from engine.stations import store as stations
from engine.stations.model import StatusLogged
from engine.tariffs import store as tariffs
from engine.tariffs.model import Tariff, tariff_key
from engine.tokens import store as tokens
from engine.tokens.model import Token, token_key
from tests.engine.cdrs.builders import STARTED

OURS = PartyKey("NL-IWT")
THEIRS = PartyKey("NL-SUN")
MINUTE = 60 * SECOND

TARIFF_DOCUMENT = (
    b'{"country_code":"NL","party_id":"IWT","id":"T1","currency":"EUR","elements":['
    b'{"price_components":['
    b'{"type":"ENERGY","price":0.50,"vat":20.0,"step_size":1},'
    b'{"type":"PARKING_TIME","price":6.00,"vat":20.0,"step_size":60}]}],'
    b'"last_updated":"2026-01-01T00:00:00Z"}'
)


def make_token(**changes: Any) -> SessionToken:
    facts: dict[str, Any] = {
        "owner": THEIRS,
        "uid": "TOKEN-1",
        "type": "RFID",
        "contract_id": "NL-SUN-C1",
        "auth_method": "AUTH_REQUEST",
        "authorization_reference": "REF-1",
        "status": "ACCEPTED",
    }
    return SessionToken(**facts | changes)


def make_session(token: SessionToken | None = None, **changes: Any) -> Session:
    """Return a session of 20 kWh in 50 minutes from 17:30."""
    id_ = changes.get("id", "S-1")
    facts: dict[str, Any] = {
        "key": session_key(OURS, id_),
        "owner": OURS,
        "id": id_,
        "state": State.COMPLETED.value,
        "partner_id": "sun",
        "at_our_station": True,
        "station_id": "CP1",
        "connector_number": 1,
        "transaction_id": 7,
        "station_transaction_id": "",
        "location_id": "LOC1",
        "evse_uid": "E1",
        "connector_id": "1",
        "token_json": encode_token(token or make_token()),
        "authorization_id": "",
        "started_us": STARTED,
        "ended_us": STARTED + 50 * MINUTE,
        "meter_start_mwh": 1_000_000,
        "meter_stop_mwh": 21_000_000,
        "energy_mwh": 20_000_000,
        "currency": "EUR",
        "cost_json": "",
        "tariff_key": tariff_key(OURS, "T1"),
        "tariff_version": 1,
        "stop_reason": "Local",
        "flags_json": "[]",
        "periods_json": "[]",
        "document": b"",
        "version": 3,
        "last_updated_us": STARTED + 50 * MINUTE,
        "created_us": STARTED,
    }
    return Session(**facts | changes)


def reading(minute: int, mwh: int, **changes: Any) -> Reading:
    facts: dict[str, Any] = {
        "session_key": session_key(OURS, "S-1"),
        "at_us": STARTED + minute * MINUTE,
        "measurand": IMPORT_REGISTER,
        "phase": "",
        "context": "Sample.Periodic",
        "location": "Outlet",
        "value_milli": mwh,
        "signed_data": b"",
    }
    return Reading(**facts | changes)


def status(minute: int, name: str) -> StatusLogged:
    return StatusLogged("CP1", 1, STARTED + minute * MINUTE, name)


LOCATION = Location(
    key=location_key(OURS, "LOC1"),
    owner=OURS,
    id="LOC1",
    name="Station Utrecht",
    address="Stationsplein 1",
    city="Utrecht",
    postal_code="3511 ED",
    country="NLD",
    latitude="52.089",
    longitude="5.110",
    time_zone="Europe/Amsterdam",
    publish=True,
    evses_json=encode_evses(
        [
            Evse(
                "E1",
                "NL*IWT*E1",
                "CHARGING",
                [Connector("1", "IEC_62196_T2", "SOCKET", "AC_3_PHASE", 230, 32, 22_000, ["T1"])],
                0,
            )
        ]
    ),
    last_updated_us=0,
    partner_id="",
    document=b"",
    version=1,
    created_us=0,
)


def make_tariff(document: bytes = TARIFF_DOCUMENT, owner: PartyKey = OURS) -> Tariff:
    return Tariff(
        key=tariff_key(owner, "T1"),
        owner=owner,
        id="T1",
        currency="EUR",
        document=document,
        ocpi_version="2.2.1",
        last_updated_us=0,
        partner_id="" if owner == OURS else "sun",
        withdrawn=False,
        version=1,
        created_us=0,
    )


async def add_partner(database: Database) -> None:
    """Register the partner that speaks for the other CPO."""
    planned = plan(
        id_="sun", first_token="", our_token="", their_token="", versions_url="", now=Micros(1)
    )
    registered = register(
        planned,
        token="t",
        their_token="t",
        token_literal=False,
        versions_url="https://sun.example/versions",
        ocpi_version="2.2.1",
        endpoints=[
            Endpoint("cdrs", "SENDER", "https://sun.example/cdrs"),
            Endpoint("sessions", "RECEIVER", "https://sun.example/sessions"),
        ],
        parties=[Party(THEIRS, Role.CPO, "Sun")],
        rotate=False,
        now=Micros(1),
    )

    async def work(tx: Transaction) -> None:
        await partners.add(tx, planned)
        await partners.change(tx, registered, "partner.registered")

    await database.write(work)


async def add_token(database: Database) -> None:
    """Give out the token of our driver."""
    token = Token(
        key=token_key(OURS, "RFID", "TOKEN-1"),
        owner=OURS,
        uid="Token-1",
        uid_key="TOKEN-1",
        type="RFID",
        contract_id="NL-IWT-C1",
        visual_number="",
        issuer="Interwatt",
        group_id="",
        valid=True,
        whitelist="ALLOWED",
        language="",
        last_updated_us=0,
        partner_id="",
        version=1,
        created_us=0,
    )

    async def work(tx: Transaction) -> None:
        await tokens.add(tx, [token])

    await database.write(work)


async def store_charge(
    database: Database,
    session: Session,
    *,
    readings: list[Reading] | None = None,
    statuses: list[StatusLogged] | None = None,
    tariff: Tariff | None = None,
) -> None:
    """Store a session with everything it refers to."""

    async def work(tx: Transaction) -> None:
        await locations.add(tx, [LOCATION])
        await tariffs.add(tx, [tariff or make_tariff()])
        await stations.log_statuses(tx, statuses or [])
        await sessions.add(tx, [session], "session.completed")
        await sessions.add_readings(tx, readings or [])

    await database.write(work)


def event_of(kind: str, owner: str, id_: str) -> Event:
    payload = msgspec.json.encode({"owner": owner, "id": id_}).decode()
    return Event(1, kind, "", "", "", 0, payload)
