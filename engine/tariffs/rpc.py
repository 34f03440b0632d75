"""TariffsService and PricingService over gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import grpc
import msgspec
from interwatt.tariffs.v1 import pricing_service_pb2 as pricing_pb
from interwatt.tariffs.v1 import pricing_service_pb2_grpc as pricing_pb_grpc
from interwatt.tariffs.v1 import tariff_pb2 as tariff_pb
from interwatt.tariffs.v1 import tariffs_service_pb2 as pb
from interwatt.tariffs.v1 import tariffs_service_pb2_grpc as pb_grpc

from engine.kernel.clock import from_rfc3339
from engine.kernel.errors import InvalidArgument, TariffInvalid
from engine.kernel.outcome import require
from engine.kernel.paging import page_size
from engine.kernel.party import PartyKey, party_key
from engine.kernel.versioned import Put
from engine.rpc import convert
from engine.rpc.convert import (
    read_optional_time,
    read_party,
    requests,
    text,
    write_party,
    write_time,
)
from engine.rpc.errors import item_error
from engine.rpc.outcomes import write_outcomes
from engine.tariffs.model import Finding, ParsedTariff, Tariff, tariff_key
from engine.tariffs.pricing import Pricer
from engine.tariffs.service import TariffsService, Withdrawal

_MAX_PRICED = 1_000
_LONGEST_DOCUMENT = 1_000_000


class Parser(Protocol):
    """What reads tariff documents."""

    def parse_tariff(self, document: bytes) -> ParsedTariff: ...


class TariffsRpc(pb_grpc.TariffsServiceServicer):
    def __init__(self, service: TariffsService, parser: Parser) -> None:
        self._service = service
        self._parser = parser

    async def PutTariffs(
        self, request: pb.PutTariffsRequest, context: grpc.aio.ServicerContext
    ) -> pb.PutTariffsResponse:
        findings: list[list[Finding]] = []

        def read(item: pb.PutTariffItem) -> Tariff:
            findings.append([])
            parsed = self._parser.parse_tariff(_document(item.tariff))
            findings[-1] = parsed.findings
            return _read(item.tariff, parsed)

        outcomes = await self._service.put(requests(request.items, read))
        response = pb.PutTariffsResponse()
        write_outcomes(outcomes, response.outcomes, _write_put)
        for item, found in zip(response.outcomes, findings, strict=True):
            item.findings.extend(map(_write_finding, found))
        return response

    async def DeleteTariff(
        self, request: pb.DeleteTariffRequest, context: grpc.aio.ServicerContext
    ) -> pb.DeleteTariffResponse:
        outcome = await self._service.withdraw(
            convert.request(request, lambda m: Withdrawal(read_party(m.owner, "owner"), m.id))
        )
        return pb.DeleteTariffResponse(tariff=_write(outcome.value()))

    async def GetTariff(
        self, request: pb.GetTariffRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetTariffResponse:
        owner = read_party(request.owner, "owner")
        return pb.GetTariffResponse(
            tariff=_write(await self._service.get(tariff_key(owner, request.id)))
        )

    async def ListTariffs(
        self, request: pb.ListTariffsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListTariffsResponse:
        page = await self._service.list_page(
            size=page_size(request.page_size),
            token=request.page_token,
            partner_id=request.partner_id,
            updated_from=read_optional_time(request, "updated_from"),
            updated_to=read_optional_time(request, "updated_to"),
        )
        return pb.ListTariffsResponse(
            tariffs=map(_write, page.items),
            next_page_token=page.next_token,
            total_size=page.total,
        )


class PricingRpc(pricing_pb_grpc.PricingServiceServicer):
    def __init__(self, pricer: Pricer) -> None:
        self._pricer = pricer

    async def PriceCdrs(
        self, request: pricing_pb.PriceCdrsRequest, context: grpc.aio.ServicerContext
    ) -> pricing_pb.PriceCdrsResponse:
        require(1 <= len(request.items) <= _MAX_PRICED, "items", f"1 to {_MAX_PRICED}")
        # Rust lets go of the interpreter lock: other calls go on meanwhile.
        loop = asyncio.get_running_loop()
        outcomes = await loop.run_in_executor(None, self._price_all, request.items)
        return pricing_pb.PriceCdrsResponse(outcomes=outcomes)

    def _price_all(
        self, items: Sequence[pricing_pb.PriceCdrItem]
    ) -> list[pricing_pb.PriceCdrOutcome]:
        return [self._price(item) for item in items]

    def _price(self, item: pricing_pb.PriceCdrItem) -> pricing_pb.PriceCdrOutcome:
        try:
            priced = self._pricer.price(
                item.document,
                item.tariffs or None,
                time_zone=item.time_zone,
                policy=dict(item.policy),
                explain=item.explain,
            )
        except ValueError as error:
            refused = InvalidArgument(str(error), field="policy")
            return pricing_pb.PriceCdrOutcome(error=item_error(refused))
        return pricing_pb.PriceCdrOutcome(report=priced.report_json.encode())


class _Head(msgspec.Struct):
    """What a tariff says of itself besides its prices."""

    country_code: str = ""
    party_id: str = ""
    last_updated: str = ""


def _document(message: tariff_pb.Tariff) -> bytes:
    require(
        1 <= len(message.document) <= _LONGEST_DOCUMENT,
        "tariff.document",
        f"1 to {_LONGEST_DOCUMENT} bytes of JSON",
    )
    return message.document


def _read(message: tariff_pb.Tariff, parsed: ParsedTariff) -> Tariff:
    """Read a tariff; what the message does not say, its document does."""
    try:
        head = msgspec.json.decode(message.document, type=_Head)
        owner = (
            read_party(message.owner, "tariff.owner")
            if message.HasField("owner")
            else party_key(head.country_code, head.party_id)
        )
        updated = read_optional_time(message, "last_updated")
        if updated is None:
            updated = from_rfc3339(head.last_updated)
    except (ValueError, msgspec.MsgspecError) as error:
        raise TariffInvalid(f"Tariff refused: {error}", path="$") from error
    id_ = text(message.id or parsed.id, "tariff.id", longest=36)
    return Tariff(
        key=tariff_key(owner, id_),
        owner=owner,
        id=id_,
        currency=parsed.currency,
        document=message.document,
        ocpi_version=message.ocpi_version or "2.2.1",
        last_updated_us=updated,
        partner_id=text(message.partner_id, "tariff.partner_id", longest=64, shortest=0),
        withdrawn=False,
        version=0,
        created_us=0,
    )


def _write_put(item: pb.PutTariffOutcome, put: Put[Tariff]) -> None:
    item.tariff.CopyFrom(_write(put.stored))
    item.created = put.created


def _write(tariff: Tariff) -> tariff_pb.Tariff:
    return tariff_pb.Tariff(
        owner=write_party(PartyKey(tariff.owner)),
        id=tariff.id,
        currency=tariff.currency,
        document=tariff.document,
        ocpi_version=tariff.ocpi_version,
        last_updated=write_time(tariff.last_updated_us),
        partner_id=tariff.partner_id,
    )


def _write_finding(finding: Finding) -> pb.Finding:
    return pb.Finding(code=finding.code, path=finding.path, message=finding.message)
