"""Showing partners what changed: takes what is due from the engine, pushes it, reports how it went.

Each partner has workers of its own, so one that is slow or down holds up nobody else. An object is
shown to a partner by one push at a time. What cannot be pushed within its lease is left: the engine
gives it again. The engine also decides when a push that failed is due again.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from time import monotonic

import structlog
from interwatt.deliveries.v1.deliveries_service_pb2 import (
    Delivery,
    ReportDeliveryItem,
    StreamDeliveriesRequest,
    StreamDeliveriesResponse,
)
from prometheus_client import Counter

from gateways.common.errors import EngineError, EngineUnavailable
from gateways.common.streams import follow
from gateways.common.telemetry import correlated, correlation_id
from gateways.ocpi import outgoing, parties
from gateways.ocpi.client import Unreachable
from gateways.ocpi.connections import Connection
from gateways.ocpi.dialect import Dialect
from gateways.ocpi.exchange import Platform
from gateways.ocpi.outgoing import NoEndpoint, Plan
from gateways.ocpi.parties import Routing

WORKERS_A_PARTNER = 8
MOST_WAITING_A_PARTNER = 1000
LEASE_SECONDS = 30.0
PUSH_SECONDS = 22.0
"""Longest push; one that could not end within its lease is not started."""

WRONG_ADDRESS = 404
"""In answer to a whole object it says that the URL is wrong, which may be put right."""

Key = tuple[str, str, str, str]

_PUSHES = Counter("ocpi_pushes", "Objects pushed to partners.", ["module", "outcome"])

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """How a push went: the version that the partner has now, or why it has not."""

    version: int = 0
    remote_url: str = ""
    error: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class _Due:
    delivery: Delivery
    latest_start: float


class _Lane:
    """What waits for one partner, and how much of it is under way."""

    def __init__(self) -> None:
        self.waiting: deque[_Due] = deque()
        self.under_way: set[Key] = set()

    def offer(self, due: _Due) -> None:
        """Let it wait; beyond the limit the engine will give it again."""
        if len(self.waiting) < MOST_WAITING_A_PARTNER:
            self.waiting.append(due)

    def take(self) -> Delivery | None:
        """The next that may start now: in time still, and its object not under way."""
        if len(self.under_way) >= WORKERS_A_PARTNER:
            return None
        now = monotonic()
        for _ in range(len(self.waiting)):
            due = self.waiting.popleft()
            if due.latest_start < now:
                continue
            if key_of(due.delivery) in self.under_way:
                self.waiting.append(due)
                continue
            self.under_way.add(key_of(due.delivery))
            return due.delivery
        return None


class Pusher:
    """Pushes what the engine's deliveries ask for."""

    def __init__(
        self, *, platform: Platform, dialects: Mapping[str, Dialect], gateway_id: str
    ) -> None:
        self._calls = platform.calls
        self._client = platform.client
        self._connections = platform.connections
        self._background = platform.background
        self._dialects = dialects
        self._gateway_id = gateway_id
        self._lanes: dict[str, _Lane] = {}

    async def run(self) -> None:
        """Follow what is due, until cancelled."""

        def open_stream() -> AsyncIterable[StreamDeliveriesResponse]:
            return self._calls.deliveries.StreamDeliveries(
                StreamDeliveriesRequest(gateway_id=self._gateway_id)
            )

        async for response in follow(open_stream, name="deliveries"):
            delivery = response.delivery
            lane = self._lanes.setdefault(delivery.partner_id, _Lane())
            lane.offer(_Due(delivery, monotonic() + LEASE_SECONDS - PUSH_SECONDS))
            self._start(lane)

    def _start(self, lane: _Lane) -> None:
        while (delivery := lane.take()) is not None:
            self._background.start(self._work(lane, delivery), name=f"push {key_of(delivery)}")

    async def _work(self, lane: _Lane, delivery: Delivery) -> None:
        try:
            with correlated(delivery.object_id):
                await self._report(delivery, await self._show(delivery))
        finally:
            lane.under_way.discard(key_of(delivery))
            self._start(lane)

    async def _show(self, delivery: Delivery) -> Shown:
        try:
            async with asyncio.timeout(PUSH_SECONDS):
                connection = await self._connections.get(delivery.partner_id)
                dialect = self._dialects.get(connection.partner.ocpi_version)
                if dialect is None:
                    return Shown(error="The partner's OCPI version is not spoken here.")
                plan = await dialect.plan_push(delivery, self._calls)
                if plan.session_id:
                    correlation_id.set(plan.session_id)  # until the end of `_work`
                return await self._push(connection, plan)
        except (EngineError, EngineUnavailable, Unreachable) as error:
            return Shown(error=str(error))
        except TimeoutError:
            return Shown(error=f"No answer within {PUSH_SECONDS:.0f} seconds.")
        except NoEndpoint as error:
            return Shown(error=str(error), refused=True)

    async def _push(self, connection: Connection, plan: Plan) -> Shown:
        """Try the calls of a plan until one is taken; a refusal leads to the next."""
        shown = Shown(error="There was nothing to send.")
        for call in plan.calls:
            answer = await outgoing.send(
                self._client,
                connection,
                call,
                routing=Routing(
                    sender=plan.owner, receiver=parties.first(connection.partner.parties)
                ),
                correlation_id=correlation_id.get(),
            )
            if answer.succeeded or (plan.absent_is_done and answer.http == WRONG_ADDRESS):
                return Shown(plan.version, remote_url=answer.headers.get("location", ""))
            shown = Shown(
                error=f"{call.method} {call.module}: {answer}",
                refused=answer.refused and answer.http != WRONG_ADDRESS,
            )
            if answer.unauthorized:
                self._connections.forget(connection.partner.id)
            if not answer.refused:
                break
        return shown

    async def _report(self, delivery: Delivery, shown: Shown) -> None:
        item = ReportDeliveryItem(
            delivery=delivery,
            delivered_version=shown.version,
            remote_url=shown.remote_url,
            error=shown.error,
            refused=shown.refused,
        )
        outcome = "shown" if shown.version else "refused" if shown.refused else "failed"
        _PUSHES.labels(delivery.module, outcome).inc()
        if delivery.module == "cdrs" and shown.version:
            log.info("cdr.pushed", partner=delivery.partner_id, object=delivery.object_id)
        if shown.error:
            log.warning(
                "push.failed",
                partner=delivery.partner_id,
                module=delivery.module,
                object=delivery.object_id,
                error=shown.error,
                refused=shown.refused,
            )
        try:
            await self._calls.report_delivery.call(item)
        except (EngineError, EngineUnavailable) as error:
            log.warning("push.not_reported", object=delivery.object_id, message=str(error))


def key_of(delivery: Delivery) -> Key:
    """Name the object of a delivery among those of its partner."""
    owner = delivery.owner
    return delivery.module, owner.country_code, owner.party_id, delivery.object_id
