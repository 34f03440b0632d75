"""The WebSocket server: the handshake of OCPP-J, and the connections that came out of it."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from aiohttp import WSCloseCode, web
from interwatt.stations.v1.station_pb2 import Station

from gateways.common.engine import Engine
from gateways.common.errors import EngineError, EngineUnavailable
from gateways.ocpp import credentials, metrics
from gateways.ocpp.admission import Admission, Admitted, Slowdown, Turned, Visitor
from gateways.ocpp.commands import CommandRunner
from gateways.ocpp.connection import Connection
from gateways.ocpp.dialect import Dialect
from gateways.ocpp.dispatch import Dispatcher
from gateways.ocpp.engine_calls import TRANSACTION_TIMEOUT, EngineCalls
from gateways.ocpp.hub import Hub
from gateways.ocpp.station import Clock, ConnectedStation
from gateways.ocpp.v16.dialect import load as load_v16

_LOG = structlog.get_logger()

MAX_FRAME_BYTES = 1024 * 1024
BACKLOG = 4096
DEFAULT_HEARTBEAT = 300
DEFAULT_PING = 60
IDLE_HEARTBEATS = 3
"""A station is gone after this many heartbeats without a sign of life.

One missed heartbeat is common.
"""
CLOSE_TIMEOUT = 2.0
STOP_GRACE = 5.0


def utc_now() -> datetime:
    """The clock of the process."""
    return datetime.now(UTC)


class Gateway:
    """Serves stations until stopped."""

    def __init__(
        self,
        engine: Engine,
        *,
        gateway_id: str,
        now: Clock = utc_now,
        trace: bool = False,
        stop_grace: float = STOP_GRACE,
    ) -> None:
        """Make one; `start` serves.

        `trace` logs every frame, with tokens and secrets hidden. `stop_grace` is how many
        seconds `stop` gives to what was read and is not answered.
        """
        self._stop_grace = stop_grace
        self._engine = EngineCalls(engine, gateway_id=gateway_id)
        self._now = now
        self._trace = trace
        self._hub = Hub()
        self._admission = Admission(self._engine)
        self._slowdown = Slowdown()
        self._dialects: Mapping[str, Dialect] = {d.subprotocol: d for d in (load_v16(),)}
        self._dispatchers = {name: Dispatcher(d) for name, d in self._dialects.items()}
        self._commands = CommandRunner(self._engine, self._hub, now=now)
        self._following: asyncio.Task[None] | None = None
        self._farewells: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None

    async def start(self, *, host: str, port: int) -> int:
        """Listen, and follow the engine's commands; answer with the port."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=self._stop_grace, handle_signals=False
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, backlog=BACKLOG)
        await site.start()
        self._following = asyncio.get_running_loop().create_task(self._commands.run())
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Take no new stations, finish what was read, close every connection."""
        assert self._runner is not None
        assert self._following is not None
        for site in list(self._runner.sites):
            await site.stop()
        self._following.cancel()
        await asyncio.gather(self._following, return_exceptions=True)
        await self._commands.aclose()
        await asyncio.gather(
            *(self._close_for_stop(connection) for connection in self._hub.all()),
            return_exceptions=True,
        )
        await self._runner.cleanup()
        if self._farewells:
            _, late = await asyncio.wait(self._farewells, timeout=self._stop_grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _close_for_stop(self, connection: Connection) -> None:
        await connection.finish(grace=self._stop_grace)
        await connection.close(WSCloseCode.SERVICE_RESTART, "The gateway stops.")

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """Identity and password first, as HTTP; then the upgrade; then the subprotocol.

        1.6-J section 3. While the connection lives, nothing of its handshake is kept.
        """
        admitted = await self._admit(request)
        if isinstance(admitted, web.StreamResponse):
            return admitted
        opened = await self._upgrade(request, admitted)
        del admitted
        if isinstance(opened, web.StreamResponse):
            return opened
        await self._serve(opened)
        return opened.socket

    async def _admit(self, request: web.Request) -> Admitted | web.Response:
        identity = credentials.identity_in(request.raw_path)
        if identity is None:
            return await self._refuse(request, Turned(status=404, reason="no_identity"))
        try:
            header = request.headers.get("Authorization")
            password, readable = credentials.password_in(header, identity=identity), True
        except ValueError:
            password, readable = None, False
        ready = web.WebSocketResponse(protocols=tuple(self._dialects)).can_prepare(request)
        if not ready.ok:
            return await self._refuse(request, Turned(status=426, reason="no_upgrade"))
        visitor = Visitor(identity=identity, password=password, subprotocol=ready.protocol or "")
        try:
            admitted = await self._admission.check(visitor)
        except (EngineError, EngineUnavailable) as error:
            _LOG.warning("handshake.unanswered", station=identity, reason=error.message)
            metrics.HANDSHAKES.labels("engine_away").inc()
            return web.Response(status=503, headers={"Retry-After": "5"})
        if not readable and not _unknown(admitted):
            admitted = Turned(status=401, reason="bad_credentials")
        if isinstance(admitted, Turned):
            return await self._refuse(request, admitted)
        return admitted

    async def _refuse(self, request: web.Request, turned: Turned) -> web.Response:
        """Say no before the upgrade, with the same empty body whatever the reason."""
        metrics.HANDSHAKES.labels(turned.reason).inc()
        _LOG.info(
            "handshake.refused",
            reason=turned.reason,
            status=turned.status,
            path=request.raw_path[:200],
            address=request.remote,
        )
        await self._slowdown.refuse(request.remote or "")
        headers = {401: {"WWW-Authenticate": 'Basic realm="ocpp"'}, 426: {"Upgrade": "websocket"}}
        return web.Response(status=turned.status, headers=headers.get(turned.status))

    async def _upgrade(
        self, request: web.Request, admitted: Admitted
    ) -> Connection | web.StreamResponse:
        settings = admitted.station.settings
        heartbeat = settings.heartbeat_interval_seconds or DEFAULT_HEARTBEAT
        socket = web.WebSocketResponse(
            protocols=tuple(self._dialects),
            heartbeat=None
            if settings.ping_disabled
            else settings.ping_interval_seconds or DEFAULT_PING,
            receive_timeout=heartbeat * IDLE_HEARTBEATS,
            timeout=CLOSE_TIMEOUT,
            max_msg_size=MAX_FRAME_BYTES,
            compress=True,
        )
        try:
            await socket.prepare(request)
        except ConnectionResetError:  # the station stopped waiting while the engine was asked
            metrics.HANDSHAKES.labels("gone").inc()
            _LOG.info("handshake.refused", reason="gone", station=admitted.visitor.identity)
            return web.Response(status=408)
        dialect = self._dialect_for(request, socket, admitted.station)
        if dialect is None:
            metrics.HANDSHAKES.labels("no_subprotocol").inc()
            _LOG.info(
                "handshake.refused",
                reason="no_subprotocol",
                station=admitted.visitor.identity,
                offered=request.headers.get("Sec-WebSocket-Protocol", "")[:100],
            )
            await socket.close(code=WSCloseCode.PROTOCOL_ERROR, message=b"No common subprotocol.")
            return socket
        visitor = replace(admitted.visitor, subprotocol=dialect.subprotocol)
        connection = await self._connect(socket, visitor, dialect, heartbeat)
        if connection is None:
            metrics.HANDSHAKES.labels("not_connected").inc()
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
            return socket
        return connection

    def _dialect_for(
        self, request: web.Request, socket: web.WebSocketResponse, station: Station
    ) -> Dialect | None:
        """The client's first subprotocol that we speak; 1.6 for a station that may leave it out."""
        if socket.ws_protocol is not None:
            return self._dialects[socket.ws_protocol]
        if station.settings.subprotocol_optional and (
            "Sec-WebSocket-Protocol" not in request.headers
        ):
            return self._dialects["ocpp1.6"]
        return None

    async def _connect(
        self,
        socket: web.WebSocketResponse,
        visitor: Visitor,
        dialect: Dialect,
        heartbeat: int,
    ) -> Connection | None:
        """Become the holder of the station's connection."""
        try:
            station = await self._admission.connect(visitor)
        except (EngineError, EngineUnavailable) as error:
            _LOG.warning("connection.unanswered", station=visitor.identity, reason=error.message)
            return None
        if station is None:
            return None
        connected = ConnectedStation(
            id=station.id,
            generation=station.generation,
            connected_at=self._now(),
            heartbeat_interval=heartbeat,
            engine=self._engine,
            now=self._now,
            repaired=self._count_repair,
        )
        dispatcher = self._dispatchers[dialect.subprotocol]
        return Connection(socket, connected, dialect, dispatcher, trace=self._trace)

    async def _serve(self, connection: Connection) -> None:
        """Hold a connection until it closes."""
        metrics.HANDSHAKES.labels("connected").inc()
        station = connection.station
        older = self._hub.hold(connection)
        if older is not None:
            self._later(older.close(WSCloseCode.OK, "A newer connection is open."))
            del older
        _LOG.info("station.connected", station=station.id, generation=station.generation)
        with metrics.CONNECTIONS.labels(connection.dialect.subprotocol).track_inprogress():
            try:
                await connection.serve()
            finally:
                self._hub.release(connection)
                self._later(self._say_goodbye(connection, connection.socket.close_code))

    async def _say_goodbye(self, connection: Connection, code: int | None) -> None:
        """After the connection: let what it sent be handled, and tell the engine."""
        station = connection.station
        _LOG.info(
            "station.disconnected", station=station.id, generation=station.generation, code=code
        )
        try:
            await self._engine.disconnect(station_id=station.id, generation=station.generation)
        except (EngineError, EngineUnavailable) as error:
            _LOG.warning("disconnection.not_told", station=station.id, reason=error.message)
        await connection.finish(grace=TRANSACTION_TIMEOUT)

    def _later(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)

    @staticmethod
    def _count_repair(name: str) -> None:
        metrics.REPAIRS.labels(name).inc()
        _LOG.info("payload.repaired", repair=name)


def _unknown(admitted: Admitted | Turned) -> bool:
    """Return whether there is no such station; what else is wrong with the visitor matters less."""
    return isinstance(admitted, Turned) and admitted.status == 404
