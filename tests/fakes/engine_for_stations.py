# ruff: noqa: N802 - methods are named by the contract
"""The engine as the OCPP gateway sees it, with its facts in memory.

A newer connection fences an older one, a refused token still gets a session, a command is given
once. It decides nothing about money.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import Message
from interwatt.commands.v1 import commands_service_pb2 as commands_pb
from interwatt.commands.v1 import commands_service_pb2_grpc as commands_grpc
from interwatt.commands.v1.command_pb2 import Command
from interwatt.common.v1 import error_reason_pb2
from interwatt.common.v1.error_reason_pb2 import ItemError
from interwatt.sessions.v1 import sessions_service_pb2 as sessions_pb
from interwatt.sessions.v1 import sessions_service_pb2_grpc as sessions_grpc
from interwatt.sessions.v1.session_pb2 import Session, SessionToken
from interwatt.stations.v1 import stations_service_pb2 as stations_pb
from interwatt.stations.v1 import stations_service_pb2_grpc as stations_grpc
from interwatt.stations.v1.station_pb2 import Station, StationSettings
from interwatt.tokens.v1 import tokens_service_pb2 as tokens_pb
from interwatt.tokens.v1 import tokens_service_pb2_grpc as tokens_grpc

from tests.fakes.engine import FakeEngine, Refused, abort

Status = tokens_pb.Authorization
Admission = stations_pb.ConnectStationOutcome
KEY = "fake-engine-key"


@dataclass(slots=True)
class HeldStation:
    """A station, as the fake knows it."""

    station: Station
    password: bytes
    gateway_id: str = ""
    boots: list[stations_pb.RecordBootItem] = field(default_factory=list)
    statuses: list[stations_pb.RecordStatusItem] = field(default_factory=list)


class EngineForStations(FakeEngine):
    """Its facts, open to a test, and the server in front of them."""

    def __init__(self) -> None:
        super().__init__()
        self.stations: dict[str, HeldStation] = {}
        self.tokens: dict[str, Status.Status] = {}
        self.issuer_answers: dict[str, asyncio.Future[Status.Status]] = {}
        self.sessions: dict[int, Session] = {}
        self.stops: list[sessions_pb.StopSessionItem] = []
        self.readings: list[sessions_pb.RecordMeterReadingsItem] = []
        self.orphans: list[Message] = []
        self.commands: dict[str, Command] = {}
        self.results: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.calls: list[tuple[str, Message]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.refuse: dict[str, ItemError] = {}
        self._streams: dict[str, asyncio.Queue[Command]] = {}

    def serve(self, server: grpc.aio.Server) -> None:
        stations_grpc.add_StationsServiceServicer_to_server(_Stations(self), server)
        tokens_grpc.add_TokensServiceServicer_to_server(_Tokens(self), server)
        sessions_grpc.add_SessionsServiceServicer_to_server(_Sessions(self), server)
        commands_grpc.add_CommandsServiceServicer_to_server(_Commands(self), server)

    def add_station(
        self, station_id: str, *, password: bytes = b"secret-password", **settings: Any
    ) -> HeldStation:
        """Know a station."""
        held = HeldStation(
            station=Station(id=station_id, settings=StationSettings(**settings)), password=password
        )
        self.stations[station_id] = held
        return held

    def count(self, method: str) -> int:
        """How many items of a method arrived, repetitions included."""
        return sum(name == method for name, _ in self.calls)

    async def command(self, command: Command) -> Command:
        """Give a command to the gateway that holds its station and wait for what it reports."""
        station = self.stations[command.channel.removeprefix("station/")].station
        await self.until(lambda: station.online)
        self.send(command)
        async with asyncio.timeout(10):
            await self.results[command.id].wait()
        return self.commands[command.id]

    def send(self, command: Command) -> None:
        """Give a command to the gateway that holds its station."""
        held = self.stations[command.channel.removeprefix("station/")]
        command.generation = command.generation or held.station.generation
        command.state = Command.STATE_SENT
        self.commands[command.id] = command
        self._streams[held.gateway_id].put_nowait(command)

    async def until_streaming(self, gateway_id: str) -> None:
        """Wait until a gateway follows its commands."""
        await self.until(lambda: gateway_id in self._streams)

    async def batch(
        self, method: str, items: Sequence[Any], kind: Any, answer: Callable[[Any], Any]
    ) -> list[Any]:
        """Answer each item once, when the gate is open; replay what was answered before."""
        await self.gate.wait()
        outcomes = []
        for item in items:
            self.calls.append((method, item))
            refused = self.refuse.get(method)
            outcomes.append(
                kind(error=refused) if refused else self.once(method, item, kind, answer)
            )
        await self.tell()
        return outcomes

    def said(self, item: Any) -> bytes:
        """On which connection and how late it said it are no part of that."""
        said = type(item)()
        said.CopyFrom(item)
        if not isinstance(item, stations_pb.DisconnectStationItem):
            for field in ("generation", "historical"):
                if field in said.DESCRIPTOR.fields_by_name:
                    said.ClearField(field)
        return super().said(said)

    def authorization(self, uid: str) -> Status:
        """Decide on a token, without regard to case."""
        status = self.tokens.get(uid.casefold(), Status.STATUS_UNKNOWN)
        command_id = f"ask-{uid.casefold()}" if status == Status.STATUS_PENDING else ""
        return Status(status=status, command_id=command_id)


class _Stations(stations_grpc.StationsServiceServicer):
    def __init__(self, engine: EngineForStations) -> None:
        self._engine = engine

    async def ConnectStations(self, request: Any, context: Any) -> Any:
        await _authenticate(context)
        outcomes = await self._engine.batch(
            "ConnectStations", request.items, Admission, self._connect
        )
        return stations_pb.ConnectStationsResponse(outcomes=outcomes)

    async def DisconnectStations(self, request: Any, context: Any) -> Any:
        return await self._record(
            "DisconnectStations", request, self._disconnect, stations_pb.DisconnectStationsResponse
        )

    async def RecordBoots(self, request: Any, context: Any) -> Any:
        return await self._record(
            "RecordBoots",
            request,
            lambda item: self._append(item, "boots"),
            stations_pb.RecordBootsResponse,
        )

    async def RecordStatuses(self, request: Any, context: Any) -> Any:
        return await self._record(
            "RecordStatuses",
            request,
            lambda item: self._append(item, "statuses"),
            stations_pb.RecordStatusesResponse,
        )

    async def _record(self, method: str, request: Any, answer: Any, response: Any) -> Any:
        outcomes = await self._engine.batch(
            method, request.items, stations_pb.RecordOutcome, answer
        )
        return response(outcomes=outcomes)

    def _connect(self, item: stations_pb.ConnectStationItem) -> Admission:
        held = self._engine.stations.get(item.station_id)
        if held is None:
            return Admission(admission=Admission.ADMISSION_UNKNOWN_STATION)
        needs_password = held.station.settings.security_profile > 0
        if needs_password and not (item.has_password and item.password == held.password):
            return Admission(admission=Admission.ADMISSION_WRONG_PASSWORD)
        if not item.check_only:
            held.station.generation += 1
            held.station.online = True
            held.gateway_id = item.gateway_id
        return Admission(admission=Admission.ADMISSION_ADMITTED, station=held.station)

    def _disconnect(self, item: stations_pb.DisconnectStationItem) -> stations_pb.RecordOutcome:
        held = self._engine.stations[item.station_id]
        if held.station.generation == item.generation:
            held.station.online = False
        return stations_pb.RecordOutcome()

    def _append(self, item: Any, facts: str) -> stations_pb.RecordOutcome:
        held = self._engine.stations[item.station_id]
        if item.generation and item.generation < held.station.generation:
            raise Refused(error_reason_pb2.ERROR_REASON_STALE_GENERATION)
        getattr(held, facts).append(item)
        return stations_pb.RecordOutcome()


class _Tokens(tokens_grpc.TokensServiceServicer):
    def __init__(self, engine: EngineForStations) -> None:
        self._engine = engine

    async def AuthorizeTokens(self, request: Any, context: Any) -> Any:
        await _authenticate(context)
        outcome = tokens_pb.AuthorizeTokenOutcome
        outcomes = await self._engine.batch(
            "AuthorizeTokens",
            request.items,
            outcome,
            lambda i: outcome(authorization=self._engine.authorization(i.uid)),
        )
        return tokens_pb.AuthorizeTokensResponse(outcomes=outcomes)

    async def AwaitAuthorization(self, request: Any, context: Any) -> Any:
        self._engine.calls.append(("AwaitAuthorization", request))
        uid = request.command_id.removeprefix("ask-")
        if uid not in self._engine.issuer_answers:
            await abort(context, grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
        status = await self._engine.issuer_answers[uid]
        return tokens_pb.AwaitAuthorizationResponse(authorization=Status(status=status))


class _Sessions(sessions_grpc.SessionsServiceServicer):
    def __init__(self, engine: EngineForStations) -> None:
        self._engine = engine

    async def StartSessions(self, request: Any, context: Any) -> Any:
        outcomes = await self._engine.batch(
            "StartSessions",
            request.items,
            sessions_pb.StartSessionOutcome,
            self._start,
        )
        return sessions_pb.StartSessionsResponse(outcomes=outcomes)

    async def RecordMeterReadings(self, request: Any, context: Any) -> Any:
        outcomes = await self._engine.batch(
            "RecordMeterReadings",
            request.items,
            sessions_pb.RecordMeterReadingsOutcome,
            self._read,
        )
        return sessions_pb.RecordMeterReadingsResponse(outcomes=outcomes)

    async def StopSessions(self, request: Any, context: Any) -> Any:
        outcomes = await self._engine.batch(
            "StopSessions",
            request.items,
            sessions_pb.StopSessionOutcome,
            self._stop,
        )
        return sessions_pb.StopSessionsResponse(outcomes=outcomes)

    def _start(self, item: sessions_pb.StartSessionItem) -> sessions_pb.StartSessionOutcome:
        number = len(self._engine.sessions) + 1
        authorization = self._engine.authorization(item.token_uid)
        session = Session(
            id=f"session-{number}",
            state=Session.STATE_ACTIVE,
            station_id=item.station_id,
            connector_number=item.connector_number,
            transaction_id=number,
            token=SessionToken(
                uid=item.token_uid, accepted=authorization.status == Status.STATUS_ACCEPTED
            ),
            started_at=item.started_at,
            meter_start_mwh=item.meter_start_mwh,
            flags=[
                *(["meter_start_unknown"] if item.meter_start_unknown else []),
                *(["historical"] if item.historical else []),
            ],
        )
        self._engine.sessions[number] = session
        return sessions_pb.StartSessionOutcome(session=session, authorization=authorization)

    def _read(
        self, item: sessions_pb.RecordMeterReadingsItem
    ) -> sessions_pb.RecordMeterReadingsOutcome:
        self._engine.readings.append(item)
        session = self._engine.sessions.get(item.transaction_id)
        return sessions_pb.RecordMeterReadingsOutcome(session_id=session.id if session else "")

    def _stop(self, item: sessions_pb.StopSessionItem) -> sessions_pb.StopSessionOutcome:
        session = self._engine.sessions.get(item.transaction_id)
        if session is None or session.station_id != item.station_id:
            self._engine.orphans.append(item)
            return sessions_pb.StopSessionOutcome(orphan_id=f"orphan-{len(self._engine.orphans)}")
        self._engine.stops.append(item)
        if session.state == Session.STATE_ACTIVE:
            session.state = Session.STATE_COMPLETED
            session.ended_at.CopyFrom(item.stopped_at)
            session.meter_stop_mwh = item.meter_stop_mwh
            session.energy_mwh = item.meter_stop_mwh - session.meter_start_mwh
            session.stop_reason = item.reason
        elif session.meter_stop_mwh != item.meter_stop_mwh:
            session.flags.append("stop_conflict")
        return sessions_pb.StopSessionOutcome(session=session)


class _Commands(commands_grpc.CommandsServiceServicer):
    def __init__(self, engine: EngineForStations) -> None:
        self._engine = engine

    async def StreamCommands(self, request: Any, context: Any) -> AsyncIterator[Any]:
        await _authenticate(context)
        queue = self._engine._streams.setdefault(request.gateway_id, asyncio.Queue())
        await self._engine.tell()
        while True:
            yield commands_pb.StreamCommandsResponse(command=await queue.get())

    async def ReportResults(self, request: Any, context: Any) -> Any:
        outcomes = await self._engine.batch(
            "ReportResults",
            request.items,
            commands_pb.ReportResultOutcome,
            self._report,
        )
        return commands_pb.ReportResultsResponse(outcomes=outcomes)

    def _report(self, item: commands_pb.ReportResultItem) -> commands_pb.ReportResultOutcome:
        command = self._engine.commands[item.command_id]
        command.state = item.state
        command.result.CopyFrom(item.result)
        self._engine.results[item.command_id].set()
        return commands_pb.ReportResultOutcome(command=command)


async def _authenticate(context: Any) -> None:
    if dict(context.invocation_metadata()).get("authorization") != f"Bearer {KEY}":
        await abort(context, grpc.StatusCode.UNAUTHENTICATED, "ERROR_REASON_UNAUTHENTICATED")
