"""Tariffs (section 11): CPOs push theirs to us, eMSPs pull ours. The document is the tariff."""

from interwatt.common.v1.party_pb2 import PartyId
from interwatt.tariffs.v1.tariff_pb2 import Tariff
from interwatt.tariffs.v1.tariffs_service_pb2 import (
    DeleteTariffRequest,
    GetTariffRequest,
    ListTariffsRequest,
    PutTariffItem,
)
from msgspec import Raw

from gateways.common import request_ids
from gateways.ocpi.exchange import Exchange, Reply
from gateways.ocpi.v221 import VERSION, wire

OURS = "-"


def to_proto(tariff: wire.Tariff, *, partner_id: str, document: bytes) -> Tariff:
    """Convert a partner's tariff and keep it as it was sent."""
    return Tariff(
        owner=PartyId(country_code=tariff.country_code, party_id=tariff.party_id),
        id=tariff.id,
        currency=tariff.currency,
        document=document,
        ocpi_version=VERSION,
        last_updated=tariff.last_updated.to_proto(),
        partner_id=partner_id,
    )


def to_wire(tariff: Tariff) -> Raw:
    """Show a tariff: its document, digit for digit."""
    return Raw(tariff.document)


async def get(exchange: Exchange) -> Reply:
    """Answer with a tariff that the caller pushed, as it pushed it."""
    response = await exchange.calls.tariffs.GetTariff(
        GetTariffRequest(owner=exchange.owner(), id=exchange.path["tariff_id"])
    )
    return Reply(data=to_wire(response.tariff))


async def put(exchange: Exchange) -> Reply:
    """Store a tariff of the caller's; one that cannot be understood is refused with the place."""
    owner = exchange.owner()
    tariff = exchange.read(wire.Tariff)
    exchange.must_match(
        country_code=(tariff.country_code, owner.country_code),
        party_id=(tariff.party_id, owner.party_id),
        id=(tariff.id, exchange.path["tariff_id"]),
    )
    outcome = await exchange.calls.put_tariff.call(
        PutTariffItem(
            request_id=request_ids.fresh(),
            tariff=to_proto(tariff, partner_id=exchange.partner.id, document=exchange.body),
        )
    )
    return Reply(http=201 if outcome.created else 200)


async def delete(exchange: Exchange) -> Reply:
    """Withdraw a tariff of the caller's."""
    await exchange.calls.tariffs.DeleteTariff(
        DeleteTariffRequest(
            request_id=request_ids.fresh(),
            owner=exchange.owner(),
            id=exchange.path["tariff_id"],
        )
    )
    return Reply()


async def list_ours(exchange: Exchange) -> Reply:
    """Answer with a page of our tariffs."""
    return await exchange.page(
        exchange.calls.tariffs.ListTariffs, ListTariffsRequest(partner_id=OURS), "tariffs", to_wire
    )
