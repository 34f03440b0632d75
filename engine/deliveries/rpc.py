"""DeliveriesService over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import grpc
from interwatt.deliveries.v1 import deliveries_service_pb2 as pb
from interwatt.deliveries.v1 import deliveries_service_pb2_grpc as pb_grpc

from engine.deliveries.model import Delivery, Report, delivery_key
from engine.deliveries.service import DeliveriesService
from engine.kernel.outcome import attempt, require
from engine.kernel.paging import page_size
from engine.kernel.party import PartyKey
from engine.rpc.convert import MAX_ITEMS, read_party, shown, text, write_party, write_time
from engine.rpc.errors import item_error


class DeliveriesRpc(pb_grpc.DeliveriesServiceServicer):
    def __init__(self, service: DeliveriesService) -> None:
        self._service = service

    async def StreamDeliveries(
        self, request: pb.StreamDeliveriesRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[pb.StreamDeliveriesResponse]:
        text(request.gateway_id, "gateway_id", longest=64)
        async for delivery in self._service.stream():
            yield pb.StreamDeliveriesResponse(delivery=_write(delivery))

    async def ReportDeliveries(
        self, request: pb.ReportDeliveriesRequest, context: grpc.aio.ServicerContext
    ) -> pb.ReportDeliveriesResponse:
        require(1 <= len(request.items) <= MAX_ITEMS, "items", f"1 to {MAX_ITEMS}")
        reports = [attempt(partial(_read, item)) for item in request.items]
        found = iter(await self._service.report([r for r in reports if isinstance(r, Report)]))
        answers = [next(found) if isinstance(report, Report) else report for report in reports]
        return pb.ReportDeliveriesResponse(
            outcomes=[
                pb.ReportDeliveryOutcome(error=item_error(answer) if answer else None)
                for answer in answers
            ]
        )

    async def ListDeliveries(
        self, request: pb.ListDeliveriesRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListDeliveriesResponse:
        page = await self._service.list_pending(
            size=page_size(request.page_size),
            token=request.page_token,
            partner_id=request.partner_id,
        )
        return pb.ListDeliveriesResponse(
            deliveries=map(_write, page.items), next_page_token=page.next_token
        )


def _read(item: pb.ReportDeliveryItem) -> Report:
    delivery = item.delivery
    owner = read_party(delivery.owner, "delivery.owner")
    partner_id = text(delivery.partner_id, "delivery.partner_id", longest=64)
    module = text(delivery.module, "delivery.module", longest=32)
    object_id = text(delivery.object_id, "delivery.object_id", longest=255)
    require(item.delivered_version < 2**63, "delivered_version", "a version")
    return Report(
        key=delivery_key(partner_id, module, owner, object_id),
        version=delivery.version,
        delivered_version=item.delivered_version,
        remote_url=text(item.remote_url[:2_000], "remote_url", longest=2_000, shortest=0),
        error=shown(item.error, longest=1_000),
        refused=item.refused,
    )


def _write(delivery: Delivery) -> pb.Delivery:
    return pb.Delivery(
        partner_id=delivery.partner_id,
        module=delivery.module,
        owner=write_party(PartyKey(delivery.owner)),
        object_id=delivery.object_id,
        version=delivery.version,
        delivered_version=delivery.delivered_version,
        attempts=delivery.attempts,
        last_error=delivery.last_error,
        remote_url=delivery.remote_url,
        due_at=write_time(delivery.due_us),
    )
