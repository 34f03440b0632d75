"""SessionsService over gRPC."""

from __future__ import annotations

import grpc
from interwatt.sessions.v1 import sessions_service_pb2 as pb
from interwatt.sessions.v1 import sessions_service_pb2_grpc as pb_grpc

from engine.commands.service import timeout_seconds
from engine.kernel.paging import page_size
from engine.rpc import convert
from engine.rpc.convert import read_optional_time, read_party, requests, text
from engine.rpc.outcomes import write_outcomes
from engine.sessions.messages import (
    read_partner_session,
    read_readings,
    read_start,
    read_start_request,
    read_state,
    read_stop,
    write_ended,
    write_orphan,
    write_put,
    write_recorded,
    write_session,
    write_started,
)
from engine.sessions.remote import StopRequest
from engine.sessions.service import SessionsService

_CONNECTION = ("generation",)
_LATER = ("generation", "historical")  # a start told again after the fact is the same start


class SessionsRpc(pb_grpc.SessionsServiceServicer):
    def __init__(self, service: SessionsService) -> None:
        self._service = service

    async def StartSessions(
        self, request: pb.StartSessionsRequest, context: grpc.aio.ServicerContext
    ) -> pb.StartSessionsResponse:
        outcomes = await self._service.start(requests(request.items, read_start, ignore=_LATER))
        return pb.StartSessionsResponse(outcomes=map(write_started, outcomes))

    async def StartSession(
        self, request: pb.StartSessionRequest, context: grpc.aio.ServicerContext
    ) -> pb.StartSessionResponse:
        [outcome] = await self._service.start(
            [convert.request(request.item, read_start, ignore=_LATER)]
        )
        outcome.value()
        return pb.StartSessionResponse(outcome=write_started(outcome))

    async def RecordMeterReadings(
        self, request: pb.RecordMeterReadingsRequest, context: grpc.aio.ServicerContext
    ) -> pb.RecordMeterReadingsResponse:
        outcomes = await self._service.record(
            requests(request.items, read_readings, ignore=_CONNECTION)
        )
        response = pb.RecordMeterReadingsResponse()
        write_outcomes(outcomes, response.outcomes, write_recorded)
        return response

    async def StopSessions(
        self, request: pb.StopSessionsRequest, context: grpc.aio.ServicerContext
    ) -> pb.StopSessionsResponse:
        outcomes = await self._service.stop(requests(request.items, read_stop, ignore=_CONNECTION))
        return pb.StopSessionsResponse(outcomes=map(write_ended, outcomes))

    async def StopSession(
        self, request: pb.StopSessionRequest, context: grpc.aio.ServicerContext
    ) -> pb.StopSessionResponse:
        [outcome] = await self._service.stop(
            [convert.request(request.item, read_stop, ignore=_CONNECTION)]
        )
        outcome.value()
        return pb.StopSessionResponse(outcome=write_ended(outcome))

    async def PutPartnerSessions(
        self, request: pb.PutPartnerSessionsRequest, context: grpc.aio.ServicerContext
    ) -> pb.PutPartnerSessionsResponse:
        outcomes = await self._service.put_partner_sessions(
            requests(request.items, read_partner_session)
        )
        response = pb.PutPartnerSessionsResponse()
        write_outcomes(outcomes, response.outcomes, write_put)
        return response

    async def RequestStart(
        self, request: pb.RequestStartRequest, context: grpc.aio.ServicerContext
    ) -> pb.RequestStartResponse:
        outcome = await self._service.request_start(convert.request(request, read_start_request))
        requested = outcome.value()
        return pb.RequestStartResponse(
            command_id=requested.command_id,
            authorization_reference=requested.authorization_reference,
            replayed=outcome.replayed,
        )

    async def RequestStop(
        self, request: pb.RequestStopRequest, context: grpc.aio.ServicerContext
    ) -> pb.RequestStopResponse:
        outcome = await self._service.request_stop(
            convert.request(request, self._read_stop_request)
        )
        return pb.RequestStopResponse(
            command_id=outcome.value().command_id, replayed=outcome.replayed
        )

    async def GetSession(
        self, request: pb.GetSessionRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetSessionResponse:
        owner = read_party(request.owner, "owner") if request.HasField("owner") else None
        session = await self._service.get(owner, request.session_id)
        return pb.GetSessionResponse(session=write_session(session))

    async def ListSessions(
        self, request: pb.ListSessionsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListSessionsResponse:
        page = await self._service.list_page(
            size=page_size(request.page_size),
            token=request.page_token,
            partner_id=request.partner_id,
            at_our_stations=request.at_our_stations,
            state=read_state(request.state) if request.state else "",
            updated_from=read_optional_time(request, "updated_from"),
            updated_to=read_optional_time(request, "updated_to"),
        )
        return pb.ListSessionsResponse(
            sessions=map(write_session, page.items),
            next_page_token=page.next_token,
            total_size=page.total,
        )

    async def ListOrphans(
        self, request: pb.ListOrphansRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListOrphansResponse:
        page, known = await self._service.list_orphans(
            size=page_size(request.page_size),
            token=request.page_token,
            station_id=request.station_id,
            loose=request.loose,
        )
        return pb.ListOrphansResponse(
            orphans=[write_orphan(orphan, known.get(orphan.attached_to)) for orphan in page.items],
            next_page_token=page.next_token,
        )

    def _read_stop_request(self, message: pb.RequestStopRequest) -> StopRequest:
        owner = read_party(message.owner, "owner") if message.HasField("owner") else None
        return StopRequest(
            session_key=self._service.session_key(
                owner, text(message.session_id, "session_id", longest=64)
            ),
            requested_by_partner_id=message.requested_by_partner_id,
            timeout_s=timeout_seconds(message.timeout_seconds),
        )
