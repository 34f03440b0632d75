"""ReconciliationService over gRPC."""

from __future__ import annotations

import grpc
from interwatt.reconciliation.v1 import discrepancy_pb2 as messages
from interwatt.reconciliation.v1 import reconciliation_service_pb2 as pb
from interwatt.reconciliation.v1 import reconciliation_service_pb2_grpc as pb_grpc

from engine.kernel.outcome import require
from engine.kernel.paging import page_size
from engine.kernel.party import PartyKey
from engine.reconciliation.model import Discrepancy, Run
from engine.reconciliation.service import Range, ReconciliationService, Resolution
from engine.rpc import convert
from engine.rpc.convert import read_enum, read_time, text, write_party, write_time


class ReconciliationRpc(pb_grpc.ReconciliationServiceServicer):
    def __init__(self, service: ReconciliationService) -> None:
        self._service = service

    async def RunReconciliation(
        self, request: pb.RunReconciliationRequest, context: grpc.aio.ServicerContext
    ) -> pb.RunReconciliationResponse:
        outcome = await self._service.run(convert.request(request, _read_range))
        return pb.RunReconciliationResponse(
            run=_write_run(outcome.value()), replayed=outcome.replayed
        )

    async def ListRuns(
        self, request: pb.ListRunsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListRunsResponse:
        page = await self._service.list_runs(
            size=page_size(request.page_size), token=request.page_token
        )
        return pb.ListRunsResponse(
            runs=map(_write_run, page.items), next_page_token=page.next_token
        )

    async def ListDiscrepancies(
        self, request: pb.ListDiscrepanciesRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListDiscrepanciesResponse:
        states = messages.Discrepancy.State
        page = await self._service.list_discrepancies(
            size=page_size(request.page_size),
            token=request.page_token,
            partner_id=request.partner_id,
            state=read_enum(states, request.state, prefix="STATE_", field="state")
            if request.state
            else "",
        )
        return pb.ListDiscrepanciesResponse(
            discrepancies=map(_write, page.items), next_page_token=page.next_token
        )

    async def ResolveDiscrepancy(
        self, request: pb.ResolveDiscrepancyRequest, context: grpc.aio.ServicerContext
    ) -> pb.ResolveDiscrepancyResponse:
        outcome = await self._service.resolve(convert.request(request, _read_resolution))
        return pb.ResolveDiscrepancyResponse(
            discrepancy=_write(outcome.value()), replayed=outcome.replayed
        )


def _read_range(message: pb.RunReconciliationRequest) -> Range:
    started_from = read_time(message, "started_from")
    started_to = read_time(message, "started_to")
    require(started_from < started_to, "started_to", "a time after started_from")
    return Range(text(message.partner_id, "partner_id", longest=64), started_from, started_to)


def _read_resolution(message: pb.ResolveDiscrepancyRequest) -> Resolution:
    return Resolution(
        text(message.discrepancy_id, "discrepancy_id", longest=64),
        text(message.resolution, "resolution", longest=1_000),
    )


def _write_run(run: Run) -> messages.ReconciliationRun:
    return messages.ReconciliationRun(
        id=run.id,
        partner_id=run.partner_id,
        started_from=write_time(run.started_from_us),
        started_to=write_time(run.started_to_us),
        sessions=run.sessions,
        cdrs=run.cdrs,
        matched=run.matched,
        discrepancies=run.discrepancies(),
        ran_at=write_time(run.ran_us),
    )


def _write(discrepancy: Discrepancy) -> messages.Discrepancy:
    return messages.Discrepancy(
        id=discrepancy.id,
        code=discrepancy.code,
        state=f"STATE_{discrepancy.state}",
        partner_id=discrepancy.partner_id,
        owner=write_party(PartyKey(discrepancy.owner)),
        session_id=discrepancy.session_id,
        cdr_id=discrepancy.cdr_id,
        observed=discrepancy.observed,
        expected=discrepancy.expected,
        tolerance=discrepancy.tolerance,
        message=discrepancy.message,
        opened_at=write_time(discrepancy.opened_us),
        resolution=discrepancy.resolution,
    )
