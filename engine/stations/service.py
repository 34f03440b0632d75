"""Keeping stations, admitting their connections, recording what they say of themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

import msgspec

from engine.commands import store as commands
from engine.commands.model import station_channel
from engine.commands.store import Route
from engine.db.idempotency import Handler, run_once
from engine.db.port import Database, NewEvent, Transaction
from engine.kernel.clock import SECOND, from_rfc3339
from engine.kernel.errors import EngineError, NotFound, StaleGeneration
from engine.kernel.ids import IdSource
from engine.kernel.outcome import Outcome, Request
from engine.kernel.paging import Page, make_page, read_position
from engine.kernel.party import PartyKey
from engine.locations import store as locations
from engine.locations.model import Evse, Location, change_evse, location_key
from engine.stations import store
from engine.stations.model import (
    Boot,
    Connector,
    ConnectorStatus,
    Settings,
    Station,
    StatusLogged,
    evse_status,
    status_key,
)
from engine.stations.passwords import PasswordChecker, hash_password

_CLOCKS_SET_US = from_rfc3339("2010-01-01T00:00:00Z")
_CLOCK_LEEWAY_US = 300 * SECOND


class Admission(StrEnum):
    """See `interwatt.stations.v1.ConnectStationOutcome.Admission`."""

    ADMITTED = "ADMITTED"
    UNKNOWN_STATION = "UNKNOWN_STATION"
    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - a verdict, not a secret


class PutStation(msgspec.Struct, frozen=True):
    """A station to create or change; no password keeps the present one."""

    id: str
    location_id: str
    connectors: list[Connector]
    settings: Settings
    password: str


class StationPut(msgspec.Struct, frozen=True):
    """A station as stored, and the password that was made for it, if one was."""

    station: Station
    password: str


class Connection(msgspec.Struct, frozen=True):
    """A connection that asks to be admitted."""

    station_id: str
    password: bytes | None
    gateway_id: str
    subprotocol: str
    check_only: bool


class Admitted(msgspec.Struct, frozen=True):
    """The verdict on a connection."""

    admission: Admission
    station: Station | None


class Report(msgspec.Struct, frozen=True):
    """Something a station said on a connection. `generation` 0 is not checked."""

    station_id: str
    generation: int


class Disconnection(Report, frozen=True):
    """Its connection ended."""


class BootReport(Report, frozen=True):
    """It booted."""

    boot: Boot


class StatusReport(Report, frozen=True):
    """A connector changed, by the station's clock."""

    connector_number: int
    status: str
    error_code: str
    at_us: int


C = TypeVar("C", bound=Report)


class StationsService:
    """Keeps stations."""

    def __init__(self, database: Database, ids: IdSource, cpo: PartyKey) -> None:
        self._database = database
        self._ids = ids
        self._cpo = cpo
        self._passwords = PasswordChecker()

    async def put(self, asked: Request[PutStation]) -> Outcome[StationPut]:
        """Create or change a station; one that needs a password and has none is given one."""
        loop = asyncio.get_running_loop()
        body = asked.body
        chosen = "" if isinstance(body, EngineError) else body.password
        made = self._ids.secret()[:32]
        hashed = await loop.run_in_executor(None, hash_password, (chosen or made).encode())

        async def handle(
            tx: Transaction, puts: Sequence[PutStation]
        ) -> Sequence[StationPut | EngineError]:
            put = puts[0]
            key = location_key(self._cpo, put.location_id)
            if put.location_id and key not in await locations.by_key(tx, [key]):
                raise NotFound.of("location", key)
            before = (await store.by_id(tx, [put.id], lock=True)).get(put.id)
            kept = before.password_hash if before is not None else ""
            needs_one = put.settings.security_profile > 0
            given = bool(chosen) or (needs_one and not kept)
            station = Station(
                id=put.id,
                location_id=put.location_id,
                connectors_json=msgspec.json.encode(put.connectors).decode(),
                settings_json=msgspec.json.encode(put.settings).decode(),
                password_hash=hashed if given else kept,
                boot_json=before.boot_json if before else "",
                online=before.online if before else False,
                generation=before.generation if before else 0,
                gateway_id=before.gateway_id if before else "",
                online_changed_us=before.online_changed_us if before else self._database.now(),
                created_us=before.created_us if before else self._database.now(),
            )
            if before is None:
                await store.add(tx, station)
            else:
                await store.change(tx, [station], "station.changed")
            return [StationPut(station, made if given and not chosen else "")]

        [outcome] = await run_once(
            self._database,
            scope="stations.put",
            requests=[asked],
            answer_type=StationPut,
            handle=handle,
            without_secret=lambda put: msgspec.structs.replace(put, password=""),
        )
        return outcome

    async def connect(self, requests: Sequence[Request[Connection]]) -> list[Outcome[Admitted]]:
        """Admit connections. What only asks whether it may connect changes nothing."""
        verdicts = await self._judge([r.body for r in requests if isinstance(r.body, Connection)])
        outcomes: dict[int, Outcome[Admitted]] = {}
        joining: list[tuple[int, Request[Connection]]] = []
        for n, request in enumerate(requests):
            body = request.body
            if isinstance(body, EngineError):
                outcomes[n] = Outcome(body)
                continue
            verdict = verdicts[body]
            if body.check_only or verdict.admission is not Admission.ADMITTED:
                outcomes[n] = Outcome(verdict)
            else:
                joining.append((n, request))
        if joining:
            joined = await run_once(
                self._database,
                scope="stations.connect",
                requests=[request for _, request in joining],
                answer_type=Admitted,
                handle=self._join,
            )
            outcomes.update(zip((n for n, _ in joining), joined, strict=True))
        return [outcomes[n] for n in range(len(requests))]

    async def disconnect(self, requests: Sequence[Request[Disconnection]]) -> list[Outcome[None]]:
        """Record that connections ended; one of an older generation changes nothing."""

        async def handle(
            tx: Transaction, ended: Sequence[Disconnection]
        ) -> Sequence[EngineError | None]:
            stations = await store.by_id(tx, [e.station_id for e in ended], lock=True)
            gone = {}
            for disconnection in ended:
                station = stations.get(disconnection.station_id)
                if station is not None and station.generation == disconnection.generation:
                    gone[station.id] = msgspec.structs.replace(
                        station,
                        online=False,
                        gateway_id="",
                        online_changed_us=self._database.now(),
                    )
            await store.change(tx, list(gone.values()), "station.disconnected")
            await commands.drop_routes(tx, [station_channel(id_) for id_ in gone])
            return [None] * len(ended)

        return await self._record("stations.disconnect", requests, handle)

    async def record_boots(self, requests: Sequence[Request[BootReport]]) -> list[Outcome[None]]:
        """Store what stations say of themselves."""

        async def handle(
            tx: Transaction, boots: Sequence[BootReport]
        ) -> Sequence[EngineError | None]:
            stations = await store.by_id(tx, [b.station_id for b in boots], lock=True)
            known, booted = generations_of(stations), {}
            answers: list[EngineError | None] = []
            for report in boots:
                problem = check_report(known, report.station_id, report.generation)
                if problem is None:
                    booted[report.station_id] = msgspec.structs.replace(
                        stations[report.station_id],
                        boot_json=msgspec.json.encode(report.boot).decode(),
                    )
                answers.append(problem)
            await store.change(tx, list(booted.values()), "station.booted")
            return answers

        return await self._record("stations.boot", requests, handle)

    async def record_statuses(
        self, requests: Sequence[Request[StatusReport]]
    ) -> list[Outcome[None]]:
        """Store connector statuses; the newest by the station's clock is the present one.

        One from a clock that is plainly wrong holds from now.
        """
        return await self._record("stations.status", requests, self._record_statuses)

    async def get(self, station_id: str) -> tuple[Station, Mapping[str, ConnectorStatus]]:
        """Read one, with the last status of each connector.

        Raises:
            NotFound: there is none.
        """
        stations, found = await self._with_statuses([station_id])
        if not stations:
            raise NotFound.of("station", station_id)
        return stations[0], found

    async def list_page(
        self, size: int, token: str, *, location_id: str = ""
    ) -> tuple[Page[Station], Mapping[str, ConnectorStatus]]:
        after = read_position(token, "")

        async def work(tx: Transaction) -> tuple[list[Station], dict[str, ConnectorStatus]]:
            rows = await store.page(tx, after, size + 1, location_id=location_id)
            return rows, await store.statuses(tx, _status_keys(rows))

        rows, found = await self._database.read(work)
        return make_page(rows, size=size, key=lambda station: [station.id]), found

    async def _with_statuses(
        self, ids: Sequence[str]
    ) -> tuple[list[Station], dict[str, ConnectorStatus]]:
        async def work(tx: Transaction) -> tuple[list[Station], dict[str, ConnectorStatus]]:
            stations = list((await store.by_id(tx, ids)).values())
            return stations, await store.statuses(tx, _status_keys(stations))

        return await self._database.read(work)

    async def _judge(self, connections: Sequence[Connection]) -> dict[Connection, Admitted]:
        """Check identity and password of each; slow hashes run beside the loop."""
        if not connections:
            return {}

        async def find(tx: Transaction) -> dict[str, Station]:
            return await store.by_id(tx, [c.station_id for c in connections])

        stations = await self._database.read(find)
        loop = asyncio.get_running_loop()

        def judge() -> dict[Connection, Admitted]:
            return {c: self._verdict(c, stations.get(c.station_id)) for c in connections}

        return await loop.run_in_executor(None, judge)

    def _verdict(self, connection: Connection, station: Station | None) -> Admitted:
        if station is None:
            return Admitted(Admission.UNKNOWN_STATION, None)
        if station.settings().security_profile == 0:
            return Admitted(Admission.ADMITTED, station)
        good = connection.password is not None and self._passwords.matches(
            connection.password, station.password_hash
        )
        return (
            Admitted(Admission.ADMITTED, station)
            if good
            else Admitted(Admission.WRONG_PASSWORD, None)
        )

    async def _join(
        self, tx: Transaction, connections: Sequence[Connection]
    ) -> Sequence[Admitted | EngineError]:
        stations = await store.by_id(tx, [c.station_id for c in connections], lock=True)
        joined: dict[str, Station] = {}
        answers: list[Admitted | EngineError] = []
        for connection in connections:
            before = joined.get(connection.station_id) or stations[connection.station_id]
            station = msgspec.structs.replace(
                before,
                online=True,
                generation=before.generation + 1,
                gateway_id=connection.gateway_id,
                online_changed_us=self._database.now(),
            )
            joined[station.id] = station
            answers.append(Admitted(Admission.ADMITTED, station))
        await store.change(tx, list(joined.values()), "station.connected")
        await commands.set_routes(
            tx,
            [Route(station_channel(s.id), s.gateway_id, s.generation) for s in joined.values()],
        )
        return answers

    async def _record_statuses(
        self, tx: Transaction, reports: Sequence[StatusReport]
    ) -> Sequence[EngineError | None]:
        stations = await store.by_id(tx, [r.station_id for r in reports], lock=True)
        reports = [_with_plausible_time(report, self._database.now()) for report in reports]
        known = generations_of(stations)
        answers = [check_report(known, r.station_id, r.generation) for r in reports]
        stored = [r for r, problem in zip(reports, answers, strict=True) if problem is None]
        keys = [status_key(r.station_id, r.connector_number) for r in stored]
        last = await store.statuses(tx, keys)
        news: dict[str, ConnectorStatus] = {}
        for report, key in zip(stored, keys, strict=True):
            before = news.get(key) or last.get(key)
            if before is None or report.at_us >= before.at_us:
                news[key] = ConnectorStatus(
                    key,
                    report.station_id,
                    report.connector_number,
                    report.status,
                    report.error_code,
                    report.at_us,
                )
        await store.set_statuses(tx, list(news.values()))
        await store.log_statuses(
            tx,
            [StatusLogged(r.station_id, r.connector_number, r.at_us, r.status) for r in stored],
        )
        await self._show_on_locations(tx, stations, list(news.values()))
        return answers

    async def _record(
        self, scope: str, requests: Sequence[Request[C]], handle: Handler[C, None]
    ) -> list[Outcome[None]]:
        return await run_once(
            self._database, scope=scope, requests=requests, answer_type=type(None), handle=handle
        )

    async def _show_on_locations(
        self,
        tx: Transaction,
        stations: Mapping[str, Station],
        news: Sequence[ConnectorStatus],
    ) -> None:
        """Give the EVSEs of our locations the statuses of their connectors, and tell each
        change."""
        keys = {
            station_id: location_key(self._cpo, stations[station_id].location_id)
            for station_id in {status.station_id for status in news}
        }
        known = await locations.by_key(tx, keys.values(), lock=True)
        changed: dict[str, Location] = {}
        for status in news:
            tx.emit(
                NewEvent(
                    "station.status",
                    f"station/{status.station_id}",
                    payload={
                        "connector_number": status.connector_number,
                        "status": status.status,
                        "error_code": status.error_code,
                    },
                )
            )
            key = keys[status.station_id]
            location = changed.get(key) or known.get(key)
            connector = stations[status.station_id].connector(status.connector_number)
            if location is None or connector is None:
                continue
            evse = location.evse(connector.evse_uid)
            shown = evse_status(status.status)
            if evse is not None and evse.status != shown:
                # When we knew, not when it was so: who asks for changes since a time must see it.
                at_us = max(self._database.now(), evse.last_updated_us)

                def show(old: Evse, *, to: str = shown, at: int = at_us) -> Evse:
                    return msgspec.structs.replace(old, status=to, last_updated_us=at)

                changed[key] = change_evse(location, connector.evse_uid, show)
        await locations.change(tx, list(changed.values()))


def generations_of(stations: Mapping[str, Station]) -> dict[str, int]:
    """Return the newest connection of each station."""
    return {id_: station.generation for id_, station in stations.items()}


def check_report(known: Mapping[str, int], station_id: str, generation: int) -> EngineError | None:
    """Return why a report cannot be taken: no such station, or an older connection.

    Args:
        known: the newest connection of each station.
        generation: the connection that the report came on; 0 is not checked.
    """
    newest = known.get(station_id)
    if newest is None:
        return NotFound.of("station", station_id)
    if generation and generation < newest:
        return StaleGeneration.of(station_id, generation)
    return None


def _with_plausible_time(report: StatusReport, now: int) -> StatusReport:
    if _CLOCKS_SET_US <= report.at_us <= now + _CLOCK_LEEWAY_US:
        return report
    return msgspec.structs.replace(report, at_us=now)


class StationPlaces:
    """Tells other domains where stations stand."""

    async def locations(self, tx: Transaction, station_ids: Sequence[str]) -> Mapping[str, str]:
        return {id_: s.location_id for id_, s in (await store.by_id(tx, station_ids)).items()}


def _status_keys(stations: Sequence[Station]) -> list[str]:
    return [
        status_key(station.id, number)
        for station in stations
        for number in (0, *(c.number for c in station.connectors()))
    ]
