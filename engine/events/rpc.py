"""EventsService over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import grpc
from interwatt.events.v1 import events_service_pb2 as pb
from interwatt.events.v1 import events_service_pb2_grpc as pb_grpc

from engine.events.model import Event, Filter
from engine.events.service import EventsService
from engine.kernel.paging import page_size
from engine.rpc.convert import write_time


class EventsRpc(pb_grpc.EventsServiceServicer):
    def __init__(self, service: EventsService) -> None:
        self._service = service

    async def StreamEvents(
        self, request: pb.StreamEventsRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[pb.StreamEventsResponse]:
        wanted = Filter(tuple(request.kinds), request.partner_id)
        async for events, position in self._service.stream(request.after_seq, wanted):
            yield pb.StreamEventsResponse(events=_write_all(events), position=position)

    async def ListEvents(
        self, request: pb.ListEventsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListEventsResponse:
        wanted = Filter(tuple(request.kinds), request.partner_id)
        events, position = await self._service.list_after(
            request.after_seq, page_size(request.page_size), wanted
        )
        return pb.ListEventsResponse(events=_write_all(events), position=position)


def _write_all(events: Sequence[Event]) -> list[pb.Event]:
    return [
        pb.Event(
            seq=event.seq,
            kind=event.kind,
            subject=event.subject,
            partner_id=event.partner_id,
            correlation_id=event.correlation_id,
            recorded_at=write_time(event.recorded_us),
            payload=event.payload_json.encode(),
        )
        for event in events
    ]
