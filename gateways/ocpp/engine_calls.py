"""The calls of the engine that this gateway makes, batched, and how long each may take."""

import asyncio
from collections.abc import AsyncIterable
from datetime import datetime

from interwatt.commands.v1.commands_service_pb2 import (
    ReportResultItem,
    ReportResultOutcome,
    ReportResultsRequest,
    StreamCommandsRequest,
    StreamCommandsResponse,
)
from interwatt.commands.v1.commands_service_pb2_grpc import CommandsServiceStub
from interwatt.sessions.v1.session_pb2 import MeterReading, MeterSample
from interwatt.sessions.v1.sessions_service_pb2 import (
    RecordMeterReadingsItem,
    RecordMeterReadingsOutcome,
    RecordMeterReadingsRequest,
    StartSessionItem,
    StartSessionOutcome,
    StartSessionsRequest,
    StopSessionItem,
    StopSessionOutcome,
    StopSessionsRequest,
)
from interwatt.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub
from interwatt.stations.v1.stations_service_pb2 import (
    ConnectStationItem,
    ConnectStationOutcome,
    ConnectStationsRequest,
    DisconnectStationItem,
    DisconnectStationsRequest,
    RecordBootItem,
    RecordBootsRequest,
    RecordOutcome,
    RecordStatusesRequest,
    RecordStatusItem,
)
from interwatt.stations.v1.stations_service_pb2_grpc import StationsServiceStub
from interwatt.tokens.v1.tokens_service_pb2 import (
    Authorization,
    AuthorizeTokenItem,
    AuthorizeTokenOutcome,
    AuthorizeTokensRequest,
    AwaitAuthorizationRequest,
)
from interwatt.tokens.v1.tokens_service_pb2_grpc import TokensServiceStub

from gateways.common import request_ids
from gateways.common.coalesce import Coalescer
from gateways.common.engine import Engine
from gateways.common.errors import EngineUnavailable

HANDSHAKE_TIMEOUT = 15.0
MESSAGE_TIMEOUT = 10.0
TRANSACTION_TIMEOUT = 25.0
"""After this a transaction message gets no answer, and the station sends it again."""
ISSUER_TIMEOUT = 10.0
REPORT_TIMEOUT = 60.0

MAX_STATIONS_WAITING = 50_000


class EngineCalls:
    """The engine, as the OCPP gateway uses it.

    All calls raise `EngineError` or `EngineUnavailable`.
    """

    def __init__(self, engine: Engine, *, gateway_id: str) -> None:
        self.gateway_id = gateway_id
        stations = engine.stub(StationsServiceStub)
        sessions = engine.stub(SessionsServiceStub)
        self._tokens = engine.stub(TokensServiceStub)
        self._commands = engine.stub(CommandsServiceStub)
        self._connect: Coalescer[ConnectStationItem, ConnectStationOutcome] = engine.coalescer(
            stations.ConnectStations, ConnectStationsRequest, limit=MAX_STATIONS_WAITING
        )
        self._disconnect: Coalescer[DisconnectStationItem, RecordOutcome] = engine.coalescer(
            stations.DisconnectStations, DisconnectStationsRequest, limit=MAX_STATIONS_WAITING
        )
        self._boot: Coalescer[RecordBootItem, RecordOutcome] = engine.coalescer(
            stations.RecordBoots, RecordBootsRequest, limit=MAX_STATIONS_WAITING
        )
        self._status: Coalescer[RecordStatusItem, RecordOutcome] = engine.coalescer(
            stations.RecordStatuses, RecordStatusesRequest, limit=MAX_STATIONS_WAITING
        )
        self._authorize: Coalescer[AuthorizeTokenItem, AuthorizeTokenOutcome] = engine.coalescer(
            self._tokens.AuthorizeTokens, AuthorizeTokensRequest
        )
        self._start: Coalescer[StartSessionItem, StartSessionOutcome] = engine.coalescer(
            sessions.StartSessions, StartSessionsRequest, limit=MAX_STATIONS_WAITING
        )
        self._readings: Coalescer[RecordMeterReadingsItem, RecordMeterReadingsOutcome] = (
            engine.coalescer(
                sessions.RecordMeterReadings,
                RecordMeterReadingsRequest,
                limit=MAX_STATIONS_WAITING,
            )
        )
        self._stop: Coalescer[StopSessionItem, StopSessionOutcome] = engine.coalescer(
            sessions.StopSessions, StopSessionsRequest, limit=MAX_STATIONS_WAITING
        )
        self._report: Coalescer[ReportResultItem, ReportResultOutcome] = engine.coalescer(
            self._commands.ReportResults, ReportResultsRequest
        )

    async def connect(self, item: ConnectStationItem) -> ConnectStationOutcome:
        """Ask whether a station may connect, or make this gateway its holder."""
        return await self._connect.call(item, key=item.station_id, timeout=HANDSHAKE_TIMEOUT)

    async def disconnect(self, *, station_id: str, generation: int) -> None:
        """Tell that a connection ended."""
        item = DisconnectStationItem(
            request_id=request_ids.derive("disconnect", station_id, generation),
            station_id=station_id,
            generation=generation,
        )
        await self._disconnect.call(item, key=station_id, timeout=REPORT_TIMEOUT)

    async def record_boot(self, item: RecordBootItem) -> None:
        """Store what a station says of itself."""
        await self._boot.call(item, key=item.station_id, timeout=MESSAGE_TIMEOUT)

    async def record_status(self, item: RecordStatusItem) -> None:
        """Store the status of a connector."""
        await self._status.call(item, key=item.station_id, timeout=MESSAGE_TIMEOUT)

    async def authorize(self, item: AuthorizeTokenItem) -> Authorization:
        """Ask for a decision on a token; where its issuer must be asked, wait for the answer."""
        outcome = await self._authorize.call(item, key=item.station_id, timeout=MESSAGE_TIMEOUT)
        return await self._settled(outcome.authorization, within=MESSAGE_TIMEOUT)

    async def start(self, item: StartSessionItem) -> StartSessionOutcome:
        """Store a start; the decision on its token is final."""
        began = asyncio.get_running_loop().time()
        outcome = await self._start.call(item, key=item.station_id, timeout=TRANSACTION_TIMEOUT)
        left = TRANSACTION_TIMEOUT - (asyncio.get_running_loop().time() - began)
        outcome.authorization.CopyFrom(await self._settled(outcome.authorization, within=left))
        return outcome

    async def record_readings(self, item: RecordMeterReadingsItem) -> None:
        """Store meter readings."""
        await self._readings.call(item, key=item.station_id, timeout=TRANSACTION_TIMEOUT)

    async def stop(self, item: StopSessionItem) -> StopSessionOutcome:
        """Store a stop."""
        return await self._stop.call(item, key=item.station_id, timeout=TRANSACTION_TIMEOUT)

    async def keep_unreadable(
        self, *, station_id: str, action: str, payload: bytes, at: datetime
    ) -> None:
        """Store a transaction message that nobody can read, as it came.

        It is kept as a reading of the station outside any session, with the message in
        `signed_data` and the action in place of the measurand, because that is where the contract
        keeps a station's own bytes untouched.
        """
        reading = MeterReading(samples=[MeterSample(measurand=action, signed_data=payload)])
        reading.at.FromDatetime(at)
        item = RecordMeterReadingsItem(
            request_id=request_ids.fresh(),
            station_id=station_id,
            readings=[reading],
        )
        await self.record_readings(item)

    async def report(self, item: ReportResultItem) -> None:
        """Tell what became of a command."""
        await self._report.call(item, key=item.command_id, timeout=REPORT_TIMEOUT)

    def stream_commands(self) -> AsyncIterable[StreamCommandsResponse]:
        """Give each command for the stations held here, until the stream breaks."""
        return self._commands.StreamCommands(StreamCommandsRequest(gateway_id=self.gateway_id))

    async def _settled(self, authorization: Authorization, *, within: float) -> Authorization:
        """Wait for the issuer. Without its answer in time the engine decides by the whitelist."""
        if authorization.status != Authorization.STATUS_PENDING:
            return authorization
        deadline = asyncio.get_running_loop().time() + within
        while True:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                raise EngineUnavailable("No decision on the token in time.")
            try:
                response = await self._tokens.AwaitAuthorization(
                    AwaitAuthorizationRequest(command_id=authorization.command_id),
                    timeout=min(left, ISSUER_TIMEOUT),
                )
            except EngineUnavailable:
                await asyncio.sleep(min(0.2, max(left, 0)))
                continue
            return response.authorization
