"""CDRs (section 10): CPOs send those of our drivers, eMSPs pull those of theirs.

A CDR never changes.
"""

from interwatt.cdrs.v1.cdr_pb2 import Cdr, CdrLocation
from interwatt.cdrs.v1.cdrs_service_pb2 import GetCdrRequest, ImportCdrItem, ListCdrsRequest
from interwatt.common.v1.party_pb2 import PartyId
from msgspec import Raw

from gateways.common import request_ids
from gateways.ocpi import decimals, status, urls
from gateways.ocpi.exchange import Exchange, Reply
from gateways.ocpi.status import OcpiError
from gateways.ocpi.times import Instant
from gateways.ocpi.v221 import VERSION, values, wire

MOST_ID_CHARACTERS = 36
"""Of a CDR that is no credit; a credit may append to the id of the one it credits."""

NOT_AVAILABLE = "#NA"


def to_proto(cdr: wire.Cdr, *, partner_id: str, document: bytes) -> Cdr:
    """Convert a partner's CDR and keep it as it was sent."""
    return Cdr(
        owner=PartyId(country_code=cdr.country_code, party_id=cdr.party_id),
        id=cdr.id,
        partner_id=partner_id,
        session_id=cdr.session_id or "",
        started_at=cdr.start_date_time.to_proto(),
        ended_at=cdr.end_date_time.to_proto(),
        token=values.token_to_proto(cdr.cdr_token, cdr.auth_method, cdr.authorization_reference),
        location=_location_to_proto(cdr.cdr_location),
        meter_id=cdr.meter_id or "",
        currency=cdr.currency,
        tariffs=[bytes(tariff) for tariff in cdr.tariffs or ()],
        charging_periods=values.periods_to_proto(cdr.charging_periods),
        total_cost=values.price_to_proto(cdr.total_cost, cdr.currency),
        total_fixed_cost=values.price_to_proto(cdr.total_fixed_cost, cdr.currency),
        total_energy_cost=values.price_to_proto(cdr.total_energy_cost, cdr.currency),
        total_time_cost=values.price_to_proto(cdr.total_time_cost, cdr.currency),
        total_parking_cost=values.price_to_proto(cdr.total_parking_cost, cdr.currency),
        total_reservation_cost=values.price_to_proto(cdr.total_reservation_cost, cdr.currency),
        total_energy_mwh=decimals.kwh_to_mwh(cdr.total_energy),
        total_time_seconds=_duration(cdr.total_time, "total_time"),
        total_parking_seconds=_duration(
            cdr.total_parking_time or wire.Number(0), "total_parking_time"
        ),
        credit=bool(cdr.credit),
        credit_reference_id=cdr.credit_reference_id or "",
        last_updated=cdr.last_updated.to_proto(),
        document=document,
    )


def to_wire(cdr: Cdr) -> wire.Cdr:
    """Convert a CDR of ours."""
    return wire.Cdr(
        country_code=cdr.owner.country_code,
        party_id=cdr.owner.party_id,
        id=cdr.id,
        start_date_time=Instant.from_proto(cdr.started_at),
        end_date_time=Instant.from_proto(cdr.ended_at),
        session_id=cdr.session_id or None,
        cdr_token=values.token_to_wire(cdr.token),
        auth_method=values.auth_method(cdr.token),
        authorization_reference=cdr.token.authorization_reference or None,
        cdr_location=_location_to_wire(cdr.location),
        meter_id=cdr.meter_id or None,
        currency=cdr.currency,
        tariffs=[Raw(tariff) for tariff in cdr.tariffs] or None,
        charging_periods=values.periods_to_wire(cdr.charging_periods),
        total_cost=_total(cdr),
        total_fixed_cost=values.price_to_wire(cdr.total_fixed_cost),
        total_energy=decimals.mwh_to_kwh(cdr.total_energy_mwh),
        total_energy_cost=values.price_to_wire(cdr.total_energy_cost),
        total_time=decimals.seconds_to_hours(cdr.total_time_seconds),
        total_time_cost=values.price_to_wire(cdr.total_time_cost),
        total_parking_time=decimals.seconds_to_hours(cdr.total_parking_seconds)
        if cdr.total_parking_seconds
        else None,
        total_parking_cost=values.price_to_wire(cdr.total_parking_cost),
        total_reservation_cost=values.price_to_wire(cdr.total_reservation_cost),
        credit=cdr.credit or None,
        credit_reference_id=cdr.credit_reference_id or None,
        last_updated=Instant.from_proto(cdr.last_updated),
    )


def as_shown(cdr: Cdr) -> Raw | wire.Cdr:
    """Show a partner's CDR as it was sent, and ours as we write it."""
    return Raw(cdr.document) if cdr.document else to_wire(cdr)


async def post(exchange: Exchange) -> Reply:
    """Store a CDR of the caller's and tell where it is. The same CDR again is absorbed.

    The id of the write comes from what was sent, so that a partner that lost our answer may send it
    again.
    """
    cdr = exchange.read(wire.Cdr)
    owner = PartyId(country_code=cdr.country_code, party_id=cdr.party_id)
    exchange.must_own(owner, http=200)
    _check(cdr)
    outcome = await exchange.calls.import_cdr.call(
        ImportCdrItem(
            request_id=request_ids.derive("cdr", exchange.partner.id, cdr.id, exchange.body),
            partner_id=exchange.partner.id,
            cdr=to_proto(cdr, partner_id=exchange.partner.id, document=exchange.body),
        )
    )
    stored = outcome.cdr
    module = exchange.platform.urls.module(VERSION, "receiver", "cdrs")
    where = urls.join(module, stored.owner.country_code, stored.owner.party_id, stored.id)
    return Reply(
        http=201 if outcome.created and not outcome.replayed else 200,
        headers={"Location": where},
    )


async def get(exchange: Exchange) -> Reply:
    """Answer with a CDR that the caller sent, as it sent it."""
    owner = exchange.owner()
    response = await exchange.calls.cdrs.GetCdr(
        GetCdrRequest(owner=owner, id=exchange.path["cdr_id"])
    )
    return Reply(data=as_shown(response.cdr))


async def list_ours(exchange: Exchange) -> Reply:
    """Answer with a page of the CDRs that we issued to the caller."""
    return await exchange.page(
        exchange.calls.cdrs.ListCdrs,
        ListCdrsRequest(partner_id=exchange.partner.id, issued=True),
        "cdrs",
        to_wire,
    )


def _check(cdr: wire.Cdr) -> None:
    if cdr.credit and not cdr.credit_reference_id:
        raise OcpiError(
            200, status.INVALID_PARAMETERS, "A credit CDR needs the field `credit_reference_id`."
        )
    if not cdr.credit and len(cdr.id) > MOST_ID_CHARACTERS:
        raise OcpiError(
            200,
            status.INVALID_PARAMETERS,
            f"Expected at most {MOST_ID_CHARACTERS} characters in `id`, found {len(cdr.id)}.",
        )


def _duration(hours: wire.Number, name: str) -> int:
    seconds = decimals.hours_to_seconds(hours)
    if seconds < 0:
        raise OcpiError(200, status.INVALID_PARAMETERS, f"Expected {name} from 0, found {hours}.")
    return seconds


def _location_to_proto(location: wire.CdrLocation) -> CdrLocation:
    return CdrLocation(
        id=location.id,
        name=location.name or "",
        address=location.address,
        city=location.city,
        postal_code=location.postal_code or "",
        country=location.country,
        latitude=location.coordinates.latitude,
        longitude=location.coordinates.longitude,
        evse_uid=location.evse_uid,
        evse_id=location.evse_id,
        connector_id=location.connector_id,
        connector_standard=location.connector_standard,
        connector_format=location.connector_format,
        connector_power_type=location.connector_power_type,
    )


def _total(cdr: Cdr) -> wire.Price:
    total = values.price_to_wire(cdr.total_cost)
    if total is None:
        raise ValueError(f"CDR {cdr.id} has no total; such a CDR is held and no partner sees it.")
    return total


def _location_to_wire(location: CdrLocation) -> wire.CdrLocation:
    return wire.CdrLocation(
        id=location.id or NOT_AVAILABLE,
        name=location.name or None,
        address=location.address,
        city=location.city,
        postal_code=location.postal_code or None,
        country=location.country,
        coordinates=wire.GeoLocation(latitude=location.latitude, longitude=location.longitude),
        evse_uid=location.evse_uid or NOT_AVAILABLE,
        evse_id=location.evse_id or NOT_AVAILABLE,
        connector_id=location.connector_id or NOT_AVAILABLE,
        connector_standard=location.connector_standard,
        connector_format="CABLE" if location.connector_format == "CABLE" else "SOCKET",
        connector_power_type=location.connector_power_type,
    )
