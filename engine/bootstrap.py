"""The only place that builds things: every service, what it needs, and the workers beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from interwatt.callers.v1 import callers_service_pb2_grpc as callers_grpc
from interwatt.cdrs.v1 import cdrs_service_pb2_grpc as cdrs_grpc
from interwatt.commands.v1 import commands_service_pb2_grpc as commands_grpc
from interwatt.deliveries.v1 import deliveries_service_pb2_grpc as deliveries_grpc
from interwatt.events.v1 import events_service_pb2_grpc as events_grpc
from interwatt.locations.v1 import locations_service_pb2_grpc as locations_grpc
from interwatt.partners.v1 import partners_service_pb2_grpc as partners_grpc
from interwatt.reconciliation.v1 import reconciliation_service_pb2_grpc as reconciliation_grpc
from interwatt.sessions.v1 import sessions_service_pb2_grpc as sessions_grpc
from interwatt.settlement.v1 import settlement_service_pb2_grpc as settlement_grpc
from interwatt.stations.v1 import stations_service_pb2_grpc as stations_grpc
from interwatt.tariffs.v1 import pricing_service_pb2_grpc as pricing_grpc
from interwatt.tariffs.v1 import tariffs_service_pb2_grpc as tariffs_grpc
from interwatt.tokens.v1 import tokens_service_pb2_grpc as tokens_grpc

from engine.beside import Beside, tasks
from engine.callers.rpc import CallersRpc
from engine.callers.service import CallersService
from engine.cdrs import issue, judge
from engine.cdrs.held import HeldCdrs
from engine.cdrs.rpc import CdrsRpc
from engine.cdrs.service import CdrsService
from engine.commands.rpc import CommandsRpc
from engine.commands.service import CommandsService
from engine.db.connect import connect
from engine.db.port import Database
from engine.deliveries import service as deliveries
from engine.deliveries.rpc import DeliveriesRpc
from engine.events.feed import EventFeed
from engine.events.follower import Follower, Handler
from engine.events.look import Look, Looking
from engine.events.retention import Sweeper
from engine.events.rpc import EventsRpc
from engine.events.service import EventsService
from engine.kernel.clock import Clock, SystemClock
from engine.kernel.errors import InvalidArgument
from engine.kernel.ids import IdSource, RandomIds
from engine.kernel.party import Role
from engine.locations.rpc import LocationsRpc
from engine.locations.service import LocationsService
from engine.partners.model import Party
from engine.partners.rpc import PartnersRpc
from engine.partners.service import PartnersService
from engine.reconciliation.rpc import ReconciliationRpc
from engine.reconciliation.service import ReconciliationService
from engine.rpc.boundary import Spans
from engine.rpc.server import Server, Service
from engine.sampling import Following, Sampler
from engine.sessions.rpc import SessionsRpc
from engine.sessions.service import SessionsService
from engine.settings import Settings
from engine.settlement import poster
from engine.settlement.rpc import SettlementRpc
from engine.settlement.service import SettlementService
from engine.stations.rpc import StationsRpc
from engine.stations.service import StationPlaces, StationsService
from engine.tariffs.pricing import Pricer
from engine.tariffs.rpc import PricingRpc, TariffsRpc
from engine.tariffs.service import TariffsService
from engine.tokens.rpc import TokensRpc
from engine.tokens.service import TokensService


class Engine:
    """A built engine: serves when started, finishes what it accepted when stopped."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        server: Server,
        workers: Sequence[Coroutine[Any, Any, None]],
        closing: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._database = database
        self._server = server
        self._workers = workers
        self._closing = closing
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> int:
        """Serve; returns the port.

        Raises:
            RuntimeError: the address is in use.
        """
        self._tasks = [asyncio.create_task(worker) for worker in self._workers]
        return await self._server.start(self._settings.listen)

    async def serve_until(self, stopping: asyncio.Event) -> None:
        """Serve until told to stop.

        Raises:
            RuntimeError: a worker ended; an engine without it only looks well.
        """
        told = asyncio.create_task(stopping.wait())
        done, _ = await asyncio.wait([told, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        for worker in done - {told}:
            raise RuntimeError("A worker of the engine ended.") from worker.exception()

    async def stop(self) -> None:
        """Refuse new calls, finish those in progress, end the workers, let go of the store."""
        await self._server.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._database.close()
        await asyncio.to_thread(self._closing)


async def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    looking_beside: bool = False,
) -> Engine:
    """Build an engine on the store that `settings` name.

    Args:
        looking_beside: whether followers look in a process of their own; see `engine.beside`.

    Raises:
        EngineError: the store cannot be opened.
    """
    ids = ids or RandomIds()
    database = await connect(settings.database_url, clock or SystemClock())
    our_parties = [
        Party(party.key, role, settings.platform_name)
        for party in settings.parties
        for role in party.roles
    ]
    keys = frozenset(party.key for party in our_parties)
    cpo = next((p.key for p in our_parties if p.role is Role.CPO), our_parties[0].key)
    places, pricer, feed = StationPlaces(), Pricer(), EventFeed(database)

    callers = CallersService(database, ids)
    commands = CommandsService(database, ids)
    delivering = deliveries.DeliveriesService(database)
    tariffs = TariffsService(database, keys)
    sessions = SessionsService(database, ids, cpo=cpo, places=places)
    services = [
        _service("callers.v1.CallersService", callers_grpc, CallersRpc(callers)),
        _service("events.v1.EventsService", events_grpc, EventsRpc(EventsService(feed))),
        _service("commands.v1.CommandsService", commands_grpc, CommandsRpc(commands)),
        _service(
            "partners.v1.PartnersService",
            partners_grpc,
            PartnersRpc(PartnersService(database, ids, our_parties)),
        ),
        _service("deliveries.v1.DeliveriesService", deliveries_grpc, DeliveriesRpc(delivering)),
        _service(
            "tokens.v1.TokensService",
            tokens_grpc,
            TokensRpc(TokensService(database, ids, keys, places)),
        ),
        _service(
            "locations.v1.LocationsService",
            locations_grpc,
            LocationsRpc(LocationsService(database, keys)),
        ),
        _service(
            "stations.v1.StationsService",
            stations_grpc,
            StationsRpc(StationsService(database, ids, cpo)),
        ),
        _service("tariffs.v1.TariffsService", tariffs_grpc, TariffsRpc(tariffs, pricer)),
        _service("tariffs.v1.PricingService", pricing_grpc, PricingRpc(pricer)),
        _service("sessions.v1.SessionsService", sessions_grpc, SessionsRpc(sessions)),
        _service(
            "cdrs.v1.CdrsService",
            cdrs_grpc,
            CdrsRpc(CdrsService(database, cpo=cpo), HeldCdrs(database, pricer)),
        ),
        _service(
            "reconciliation.v1.ReconciliationService",
            reconciliation_grpc,
            ReconciliationRpc(ReconciliationService(database, ids)),
        ),
        _service(
            "settlement.v1.SettlementService",
            settlement_grpc,
            SettlementRpc(SettlementService(database)),
        ),
    ]
    wanted = {task.name: task for task in tasks(database, pricer)}
    beside = None
    if looking_beside:
        beside = Beside(settings.database_url, settings.log_level, database, wanted)
    looking: Look = beside or Looking(database, feed, wanted.values())
    handlers: dict[str, Handler] = {
        "deliveries": delivering.plan,
        "session-decisions": sessions.take_decisions,
        "cdr-issuer": issue.Issuer(database, pricer).handle,
        "cdr-judge": judge.Judge(database, pricer).handle,
        "ledger-poster": poster.Poster(database).handle,
    }
    followers = [Follower(database, looking, name, handlers[name]) for name in wanted]
    following: list[Following] = [*followers]
    if settings.nats_url:
        following.append(_publisher(database, feed, settings.nats_url))
    sweeper = Sweeper(
        database,
        [one.name for one in following],
        event_days=settings.event_days,
        request_id_days=settings.request_id_days,
    )
    workers = [
        commands.expire_forever(),
        sweeper.run(),
        *(one.run() for one in following),
    ]
    if beside is not None:
        workers.append(beside.run())
    if settings.metrics_listen:
        workers.append(Sampler(database, following).run())
    spans, closing = _spans(settings.otlp)
    server = Server(services, callers, spans=spans)
    return Engine(settings, database, server, workers, closing)


def _publisher(database: Database, feed: EventFeed, url: str) -> Following:
    """Return what publishes events to NATS; only who wants it needs its client."""
    try:
        from engine.events.fanout import Publisher  # noqa: PLC0415
    except ImportError as error:
        raise InvalidArgument(
            "Publishing to NATS needs its client: install interwatt[nats].", field="nats"
        ) from error
    return Publisher(database, feed, url)


def _spans(collector: str) -> tuple[Spans | None, Callable[[], None]]:
    """Return what makes spans, if anything does, and what ends it."""
    if not collector:
        return None, lambda: None
    try:
        from engine.rpc.tracing import CallSpans  # noqa: PLC0415
    except ImportError as error:
        raise InvalidArgument(
            "Sending traces needs OpenTelemetry: install interwatt[otel].", field="otlp"
        ) from error
    spans = CallSpans(collector)
    return spans, spans.close


def _service(name: str, generated: Any, servicer: object) -> Service:
    """Return a service to serve; `name` is without the `interwatt.` that all share."""
    short = name.rpartition(".")[2]
    add = getattr(generated, f"add_{short}Servicer_to_server")
    return Service(f"interwatt.{name}", add, servicer)
