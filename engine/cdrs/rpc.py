"""CdrsService over gRPC."""

from __future__ import annotations

import grpc
from interwatt.cdrs.v1 import cdr_pb2 as cdr_pb
from interwatt.cdrs.v1 import cdrs_service_pb2 as pb
from interwatt.cdrs.v1 import cdrs_service_pb2_grpc as pb_grpc
from interwatt.sessions.v1 import session_pb2
from interwatt.tokens.v1 import token_pb2

from engine.cdrs.held import HeldCdrs, Repricing
from engine.cdrs.model import (
    MAX_ID,
    Cdr,
    CdrFinding,
    CdrLocation,
    CdrState,
    CdrToken,
    Totals,
    check_new,
)
from engine.cdrs.service import Acceptance, CdrsService, Imported
from engine.kernel.errors import InvalidArgument
from engine.kernel.paging import page_size
from engine.kernel.party import PartyKey
from engine.rpc import convert
from engine.rpc.convert import (
    json_object,
    read_enum,
    read_optional_time,
    read_party,
    read_price,
    read_time,
    requests,
    shown,
    text,
    write_party,
    write_price,
    write_time,
)
from engine.rpc.outcomes import write_outcomes
from engine.sessions.messages import write_period
from engine.tariffs.model import Dimension, Period

_LOCATION_FIELDS = CdrLocation.__struct_fields__
_LONGEST_SHOWN = 255


class CdrsRpc(pb_grpc.CdrsServiceServicer):
    def __init__(self, service: CdrsService, held: HeldCdrs) -> None:
        self._service = service
        self._held = held

    async def ImportCdrs(
        self, request: pb.ImportCdrsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ImportCdrsResponse:
        outcomes = await self._service.import_all(requests(request.items, _read_item))
        response = pb.ImportCdrsResponse()
        write_outcomes(outcomes, response.outcomes, _write_import)
        return response

    async def AcceptCdr(
        self, request: pb.AcceptCdrRequest, context: grpc.aio.ServicerContext
    ) -> pb.AcceptCdrResponse:
        outcome = await self._service.accept(convert.request(request, _read_acceptance))
        return pb.AcceptCdrResponse(cdr=write_cdr(outcome.value()))

    async def PriceCdr(
        self, request: pb.PriceCdrRequest, context: grpc.aio.ServicerContext
    ) -> pb.PriceCdrResponse:
        outcome = await self._held.price(convert.request(request, _read_repricing))
        return pb.PriceCdrResponse(cdr=write_cdr(outcome.value()), replayed=outcome.replayed)

    async def GetCdr(
        self, request: pb.GetCdrRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetCdrResponse:
        owner = read_party(request.owner, "owner") if request.HasField("owner") else None
        return pb.GetCdrResponse(
            cdr=write_cdr(await self._service.get(owner, text(request.id, "id", longest=MAX_ID)))
        )

    async def ListCdrs(
        self, request: pb.ListCdrsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListCdrsResponse:
        page = await self._service.list_page(
            size=page_size(request.page_size),
            token=request.page_token,
            partner_id=text(request.partner_id, "partner_id", longest=64, shortest=0),
            issued=request.issued,
            state=_read_state(request.state),
            updated_from=read_optional_time(request, "updated_from"),
            updated_to=read_optional_time(request, "updated_to"),
        )
        return pb.ListCdrsResponse(
            cdrs=map(write_cdr, page.items),
            next_page_token=page.next_token,
            total_size=page.total,
        )


def _read_acceptance(message: pb.AcceptCdrRequest) -> Acceptance:
    return Acceptance(read_party(message.owner, "owner"), text(message.id, "id", longest=MAX_ID))


def _read_repricing(message: pb.PriceCdrRequest) -> Repricing:
    return Repricing(
        read_party(message.owner, "owner"),
        text(message.id, "id", longest=MAX_ID),
        text(message.tariff_id, "tariff_id", longest=36, shortest=0),
    )


def _read_state(value: cdr_pb.Cdr.State) -> str:
    return read_enum(cdr_pb.Cdr.State, value, prefix="STATE_", field="state") if value else ""


def _read_item(message: pb.ImportCdrItem) -> Cdr:
    return check_new(read_cdr(message.cdr, text(message.partner_id, "partner_id", longest=64)))


def read_cdr(message: cdr_pb.Cdr, partner_id: str) -> Cdr:
    """Read a CDR as a partner sent it.

    Raises:
        InvalidArgument: a field is missing or malformed.
    """
    currency = text(message.currency, "cdr.currency", longest=3, shortest=3)
    id_ = text(message.id, "cdr.id", longest=MAX_ID)
    session_id = text(message.session_id, "cdr.session_id", longest=64, shortest=0)
    return Cdr(
        owner=read_party(message.owner, "cdr.owner"),
        id=id_,
        state=CdrState.RECEIVED,
        partner_id=partner_id,
        issued=False,
        session_id=session_id,
        started_us=read_time(message, "started_at"),
        ended_us=read_time(message, "ended_at"),
        token=_read_token(message.token),
        location=_read_location(message.location),
        meter_id=text(message.meter_id, "cdr.meter_id", longest=255, shortest=0),
        currency=currency,
        tariffs=tuple(_read_json(tariff, "cdr.tariffs") for tariff in message.tariffs),
        charging_periods=tuple(map(_read_period, message.charging_periods)),
        totals=_read_totals(message, currency),
        energy_mwh=message.total_energy_mwh,
        time_s=message.total_time_seconds,
        parking_s=message.total_parking_seconds,
        credit=message.credit,
        credit_reference_id=text(
            message.credit_reference_id, "cdr.credit_reference_id", longest=MAX_ID, shortest=0
        ),
        last_updated_us=read_time(message, "last_updated"),
        document=_read_json(message.document, "cdr.document") if message.document else "",
        correlation_id=session_id or id_,
    )


def _read_json(value: bytes, field: str) -> str:
    json_object(value, field)
    return value.decode()


def _read_totals(message: cdr_pb.Cdr, currency: str) -> Totals:
    cost = read_price(message, "total_cost", currency)
    if cost is None:
        raise InvalidArgument("cdr.total_cost: expected a price.", field="cdr.total_cost")
    return Totals(
        cost=cost,
        fixed=read_price(message, "total_fixed_cost", currency),
        energy=read_price(message, "total_energy_cost", currency),
        time=read_price(message, "total_time_cost", currency),
        parking=read_price(message, "total_parking_cost", currency),
        reservation=read_price(message, "total_reservation_cost", currency),
    )


def _read_token(message: session_pb2.SessionToken) -> CdrToken:
    owner: str = ""
    if message.HasField("owner"):
        owner = read_party(message.owner, "cdr.token.owner")
    return CdrToken(
        owner=owner,
        uid=text(message.uid, "cdr.token.uid", longest=255, shortest=0),
        type=read_enum(
            token_pb2.TokenType,
            message.type,
            prefix="TOKEN_TYPE_",
            field="cdr.token.type",
            default="RFID",
        ),
        contract_id=text(message.contract_id, "cdr.token.contract_id", longest=36, shortest=0),
        auth_method=text(message.auth_method, "cdr.token.auth_method", longest=36, shortest=0),
        authorization_reference=text(
            message.authorization_reference,
            "cdr.token.authorization_reference",
            longest=36,
            shortest=0,
        ),
    )


def _read_location(message: cdr_pb.CdrLocation) -> CdrLocation:
    """Read a place. It is only shown: line breaks and long names are no reason to refuse a CDR."""
    return CdrLocation(
        **{name: shown(getattr(message, name), longest=_LONGEST_SHOWN) for name in _LOCATION_FIELDS}
    )


def _read_period(message: session_pb2.ChargingPeriod) -> Period:
    return Period(
        start_us=read_time(message, "start_at"),
        dimensions=[
            Dimension(
                text(dimension.type, "cdr.charging_periods.dimensions.type", longest=36),
                text(dimension.volume, "cdr.charging_periods.dimensions.volume", longest=32),
            )
            for dimension in message.dimensions
        ],
        tariff_id=text(message.tariff_id, "cdr.charging_periods.tariff_id", longest=36, shortest=0),
    )


def _write_import(item: pb.ImportCdrOutcome, imported: Imported) -> None:
    item.cdr.CopyFrom(write_cdr(imported.cdr))
    item.created = imported.created


def write_cdr(cdr: Cdr) -> cdr_pb.Cdr:
    """Write a CDR."""
    return cdr_pb.Cdr(
        owner=write_party(cdr.owner),
        id=cdr.id,
        state=f"STATE_{cdr.state}",
        partner_id=cdr.partner_id,
        issued=cdr.issued,
        session_id=cdr.session_id,
        started_at=write_time(cdr.started_us),
        ended_at=write_time(cdr.ended_us),
        token=_write_token(cdr),
        location=cdr_pb.CdrLocation(
            **{name: getattr(cdr.location, name) for name in _LOCATION_FIELDS}
        ),
        meter_id=cdr.meter_id,
        currency=cdr.currency,
        tariffs=[tariff.encode() for tariff in cdr.tariffs],
        charging_periods=map(write_period, cdr.charging_periods),
        total_cost=write_price(cdr.totals.cost),
        total_fixed_cost=write_price(cdr.totals.fixed),
        total_energy_cost=write_price(cdr.totals.energy),
        total_time_cost=write_price(cdr.totals.time),
        total_parking_cost=write_price(cdr.totals.parking),
        total_reservation_cost=write_price(cdr.totals.reservation),
        total_energy_mwh=cdr.energy_mwh,
        total_time_seconds=cdr.time_s,
        total_parking_seconds=cdr.parking_s,
        credit=cdr.credit,
        credit_reference_id=cdr.credit_reference_id,
        last_updated=write_time(cdr.last_updated_us),
        document=cdr.document.encode(),
        findings=map(_write_finding, cdr.findings),
        repriced_cost=write_price(cdr.repriced),
        version=cdr.version,
    )


def _write_token(cdr: Cdr) -> session_pb2.SessionToken:
    token = cdr.token
    return session_pb2.SessionToken(
        owner=write_party(PartyKey(token.owner)) if token.owner else None,
        uid=token.uid,
        type=f"TOKEN_TYPE_{token.type}",
        contract_id=token.contract_id,
        auth_method=token.auth_method,
        authorization_reference=token.authorization_reference,
        accepted=True,
    )


def _write_finding(finding: CdrFinding) -> cdr_pb.CdrFinding:
    return cdr_pb.CdrFinding(
        code=finding.code,
        blocking=finding.blocking,
        message=finding.message,
        observed=finding.observed,
        expected=finding.expected,
    )
