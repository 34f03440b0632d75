"""A small platform to test domains in: stations, a location, tokens, partners, and the services.

Builders set only what a test is about; time is the test's own clock, and ids count up.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, TypeVar

import msgspec

from engine.commands import store as commands
from engine.commands.model import station_channel
from engine.commands.service import CommandsService
from engine.commands.store import Route
from engine.db.port import Database, Transaction
from engine.deliveries.service import DeliveriesService
from engine.events import store as events
from engine.events.model import Event
from engine.kernel.clock import SECOND, Micros
from engine.kernel.outcome import Outcome, Request
from engine.kernel.party import PartyKey, Role, ci
from engine.locations import store as locations
from engine.locations.model import Connector as Plug
from engine.locations.model import Evse, EvseStatus, Location, encode_evses, location_key
from engine.locations.service import LocationsService
from engine.partners import store as partners
from engine.partners.model import Endpoint, Partner, Party, State, plan, register
from engine.partners.service import PartnersService
from engine.sessions import store as sessions
from engine.sessions.model import (
    IMPORT_REGISTER,
    Reading,
    Readings,
    Sample,
    Session,
    Start,
    Stop,
)
from engine.sessions.service import SessionsService
from engine.sessions.start import Started
from engine.sessions.stop import Ended
from engine.stations import store as stations
from engine.stations.model import Connector, Station
from engine.stations.service import StationPlaces, StationsService
from engine.tariffs import store as tariffs
from engine.tariffs.model import Tariff, tariff_key
from engine.tariffs.service import TariffsService
from engine.tokens import store as tokens
from engine.tokens.model import Token, TokenType, Whitelist, token_key
from engine.tokens.service import TokensService
from tests.engine.conftest import START, ManualClock

T = TypeVar("T")

OURS = PartyKey("NL-IWT")
THEIRS = PartyKey("DE-SUN")
PARTNER = "sun"
STATION = "CS-1"
OTHER_STATION = "CS-2"
EVERY_MODULE = ("tokens", "sessions", "cdrs", "locations", "tariffs")

HOUR = 3_600 * SECOND
STARTED = Micros(START - HOUR)
STOPPED = Micros(STARTED + HOUR // 2)


class CountingIds:
    """Ids that count up, so that a test that fails twice fails alike."""

    def __init__(self, prefix: str = "id") -> None:
        self._prefix = prefix
        self._next = count(1)

    def new(self) -> str:
        return f"{self._prefix}-{next(self._next):08}"

    def secret(self) -> str:
        return f"{self._prefix}-secret-of-43-characters-{next(self._next):016}"


_request_ids = count(1)


def asked(body: T, request_id: str = "") -> Request[T]:
    """Ask for `body`, under a request_id of its own unless one is given."""
    return Request(request_id or f"r-{next(_request_ids)}", repr(body).encode(), body)


def make_token(uid: str = "CARD1", **changes: Any) -> Token:
    """Return a token of ours that may charge."""
    facts: dict[str, Any] = {
        "owner": OURS,
        "uid": uid,
        "type": TokenType.RFID,
        "contract_id": f"NL-IWT-{uid}"[:36],
        "visual_number": "",
        "issuer": "Interwatt",
        "group_id": "",
        "valid": True,
        "whitelist": Whitelist.ALLOWED,
        "language": "",
        "last_updated_us": STARTED,
        "partner_id": "",
        "version": 1,
        "created_us": STARTED,
    } | changes
    key = token_key(facts["owner"], facts["type"], facts["uid"])
    return Token(key=key, uid_key=ci(facts["uid"]), **facts)


def partner_token(uid: str = "SUN1", **changes: Any) -> Token:
    """Return a token of the partner that may charge."""
    return make_token(uid, **{"owner": THEIRS, "partner_id": PARTNER} | changes)


def make_location(id_: str = "LOC1", **changes: Any) -> Location:
    """Return a location of ours with the EVSEs E1 and E2, one connector each."""
    evses = [
        Evse(
            uid=uid,
            evse_id=f"NL*IWT*{uid}",
            status=EvseStatus.AVAILABLE,
            connectors=[Plug("1", "IEC_62196_T2", "SOCKET", "AC_3_PHASE", 400, 32, 0, ["T1"])],
            last_updated_us=STARTED,
        )
        for uid in ("E1", "E2")
    ]
    facts: dict[str, Any] = {
        "owner": OURS,
        "id": id_,
        "name": "Station square",
        "address": "Stationsplein 1",
        "city": "Utrecht",
        "postal_code": "3511ED",
        "country": "NLD",
        "latitude": "52.089",
        "longitude": "5.110",
        "time_zone": "Europe/Amsterdam",
        "publish": True,
        "evses_json": encode_evses(evses),
        "last_updated_us": STARTED,
        "partner_id": "",
        "document": b"",
        "version": 1,
        "created_us": STARTED,
    } | changes
    return Location(key=location_key(facts["owner"], facts["id"]), **facts)


def make_tariff(id_: str = "T1", **changes: Any) -> Tariff:
    facts: dict[str, Any] = {
        "owner": OURS,
        "id": id_,
        "currency": "EUR",
        "document": b"{}",
        "ocpi_version": "2.2.1",
        "last_updated_us": STARTED,
        "partner_id": "",
        "withdrawn": False,
        "version": 1,
        "created_us": STARTED,
    } | changes
    return Tariff(key=tariff_key(facts["owner"], facts["id"]), **facts)


def make_station(id_: str = STATION, **changes: Any) -> Station:
    """Return a station with two connectors, that needs no password."""
    connectors = [Connector(1, "E1", "1"), Connector(2, "E2", "1")]
    facts: dict[str, Any] = {
        "location_id": "LOC1",
        "connectors_json": msgspec.json.encode(connectors).decode(),
        "settings_json": '{"security_profile": 0}',
        "password_hash": "",
        "boot_json": "",
        "online": False,
        "generation": 0,
        "gateway_id": "",
        "online_changed_us": STARTED,
        "created_us": STARTED,
    }
    return Station(id=id_, **facts | changes)


def make_partner(
    id_: str = PARTNER,
    party: PartyKey = THEIRS,
    *,
    roles: Sequence[Role] = (Role.CPO, Role.EMSP),
    modules: Sequence[str] = EVERY_MODULE,
) -> Partner:
    """Return a registered partner that takes and gives `modules`."""
    planned = plan(
        id_=id_, first_token="a", our_token="", their_token="", versions_url="", now=STARTED
    )
    return register(
        planned,
        token=f"token of {id_}",
        their_token="b",
        token_literal=False,
        versions_url=f"https://{id_}.example/versions",
        ocpi_version="2.2.1",
        endpoints=[
            Endpoint(module, role, f"https://{id_}.example/{module}")
            for module in modules
            for role in ("SENDER", "RECEIVER")
        ],
        parties=[Party(party, role, id_) for role in roles],
        rotate=False,
        now=STARTED,
    )


def make_start(**changes: Any) -> Start:
    facts: dict[str, Any] = {
        "station_id": STATION,
        "generation": 0,
        "connector_number": 1,
        "token_uid": "CARD1",
        "token_type": TokenType.RFID,
        "started_us": STARTED,
        "meter_start_mwh": 1_000_000,
        "station_transaction_id": "",
        "historical": False,
    }
    return Start(**facts | changes)


def make_stop(transaction_id: int = 0, **changes: Any) -> Stop:
    facts: dict[str, Any] = {
        "station_id": STATION,
        "generation": 0,
        "transaction_id": transaction_id,
        "station_transaction_id": "",
        "session_id": "",
        "stopped_us": STOPPED,
        "meter_stop_mwh": 11_000_000,
        "reason": "Local",
        "token_uid": "",
        "samples": [],
    }
    return Stop(**facts | changes)


def register_at(mwh: int, *, after_s: int = 600, **changes: Any) -> Sample:
    """Return a reading of the register that bills, `after_s` seconds after the start."""
    facts: dict[str, Any] = {
        "at_us": STARTED + after_s * SECOND,
        "measurand": IMPORT_REGISTER,
        "phase": "",
        "context": "",
        "location": "",
        "value_milli": mwh,
        "signed_data": b"",
    }
    return Sample(**facts | changes)


def make_readings(transaction_id: int, *samples: Sample, **changes: Any) -> Readings:
    facts: dict[str, Any] = {
        "station_id": STATION,
        "generation": 0,
        "connector_number": 1,
        "transaction_id": transaction_id,
        "station_transaction_id": "",
        "samples": list(samples),
    }
    return Readings(**facts | changes)


class World:
    """An engine's services on a store; a second one on the same store is a second engine."""

    def __init__(self, database: Database, clock: ManualClock, name: str = "id") -> None:
        self.database = database
        self.clock = clock
        ids = CountingIds(name)
        ours = frozenset({OURS})
        places = StationPlaces()
        self.commands = CommandsService(database, ids)
        self.partners = PartnersService(
            database, ids, [Party(OURS, role, "Interwatt") for role in (Role.CPO, Role.EMSP)]
        )
        self.deliveries = DeliveriesService(database)
        self.tokens = TokensService(database, ids, ours, places)
        self.locations = LocationsService(database, ours)
        self.stations = StationsService(database, ids, OURS)
        self.tariffs = TariffsService(database, ours)
        self.sessions = SessionsService(database, ids, cpo=OURS, places=places)

    async def furnish(self) -> World:
        """Add two stations at a location, a tariff, a card of ours, and a partner with one."""

        async def work(tx: Transaction) -> None:
            await tariffs.add(tx, [make_tariff()])
            await locations.add(tx, [make_location()])
            for station_id in (STATION, OTHER_STATION):
                await stations.add(tx, make_station(station_id))
            await tokens.add(tx, [make_token(), partner_token()])

        await self.database.write(work)
        await self.add_partners(make_partner())
        return self

    async def add_tokens(self, *new: Token) -> None:
        await self.database.write(lambda tx: tokens.add(tx, new))

    async def add_partners(self, *new: Partner) -> None:
        async def work(tx: Transaction) -> None:
            for partner in new:
                await partners.add(tx, msgspec.structs.replace(partner, state=State.PLANNED))
                await partners.change(tx, partner, "partner.registered")

        await self.database.write(work)

    async def connect(self, station_id: str = STATION, *, gateway_id: str = "g1") -> int:
        """Make a gateway the holder of a station; returns the generation."""

        async def work(tx: Transaction) -> int:
            before = (await stations.by_id(tx, [station_id], lock=True))[station_id]
            after = msgspec.structs.replace(
                before, online=True, generation=before.generation + 1, gateway_id=gateway_id
            )
            await stations.change(tx, [after], "station.connected")
            channel = station_channel(station_id)
            await commands.set_routes(tx, [Route(channel, gateway_id, after.generation)])
            return after.generation

        return await self.database.write(work)

    async def start(self, **changes: Any) -> Started:
        [outcome] = await self.sessions.start([asked(make_start(**changes))])
        return outcome.value()

    async def stop(self, transaction_id: int = 0, **changes: Any) -> Ended:
        [outcome] = await self.sessions.stop([asked(make_stop(transaction_id, **changes))])
        return outcome.value()

    async def measure(self, transaction_id: int, *samples: Sample, **changes: Any) -> str:
        """Record readings; returns the session they were added to."""
        readings = make_readings(transaction_id, *samples, **changes)
        [outcome] = await self.sessions.record([asked(readings)])
        return outcome.value().session_id

    async def session(self, id_: str) -> Session:
        return await self.sessions.get(None, id_)

    async def all_sessions(self) -> list[Session]:
        return await self.database.read(lambda tx: _rows(tx, sessions.sessions))

    async def readings(self) -> list[Reading]:
        return await self.database.read(lambda tx: _rows(tx, sessions.readings))

    async def events(self, *kinds: str) -> list[Event]:
        found = await self.database.read(lambda tx: events.read_after(tx, 0, 100_000))
        return [event for event in found if not kinds or event.kind in kinds]


async def _rows(tx: Transaction, mapped: Any) -> Any:
    return mapped.rows(await tx.fetch(mapped.select()))


def replayed(outcomes: Sequence[Outcome[Any]]) -> list[bool]:
    return [outcome.replayed for outcome in outcomes]
