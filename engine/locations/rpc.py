"""LocationsService over gRPC."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import grpc
from interwatt.locations.v1 import location_pb2 as location_pb
from interwatt.locations.v1 import locations_service_pb2 as pb
from interwatt.locations.v1 import locations_service_pb2_grpc as pb_grpc

from engine.kernel.errors import InvalidArgument
from engine.kernel.outcome import require
from engine.kernel.paging import page_size
from engine.kernel.party import PartyKey
from engine.kernel.versioned import Put
from engine.locations.model import Connector, Evse, Location, encode_evses, location_key
from engine.locations.service import LocationsService
from engine.rpc.convert import (
    read_enum,
    read_optional_time,
    read_party,
    read_time,
    requests,
    text,
    write_party,
    write_time,
)
from engine.rpc.outcomes import write_outcomes


class LocationsRpc(pb_grpc.LocationsServiceServicer):
    def __init__(self, service: LocationsService) -> None:
        self._service = service

    async def PutLocations(
        self, request: pb.PutLocationsRequest, context: grpc.aio.ServicerContext
    ) -> pb.PutLocationsResponse:
        outcomes = await self._service.put(
            requests(request.items, lambda item: _read(item.location))
        )
        response = pb.PutLocationsResponse()
        write_outcomes(outcomes, response.outcomes, _write_put)
        return response

    async def GetLocation(
        self, request: pb.GetLocationRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetLocationResponse:
        owner = read_party(request.owner, "owner")
        return pb.GetLocationResponse(
            location=_write(await self._service.get(location_key(owner, request.id)))
        )

    async def ListLocations(
        self, request: pb.ListLocationsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListLocationsResponse:
        page = await self._service.list_page(
            size=page_size(request.page_size),
            token=request.page_token,
            partner_id=request.partner_id,
            updated_from=read_optional_time(request, "updated_from"),
            updated_to=read_optional_time(request, "updated_to"),
        )
        return pb.ListLocationsResponse(
            locations=map(_write, page.items),
            next_page_token=page.next_token,
            total_size=page.total,
        )


def _read(message: location_pb.Location) -> Location:
    owner = read_party(message.owner, "location.owner")
    id_ = text(message.id, "location.id", longest=36)
    require(len(message.country) == 3, "location.country", "three letters, e.g. NLD")
    return Location(
        key=location_key(owner, id_),
        owner=owner,
        id=id_,
        name=text(message.name, "location.name", longest=255, shortest=0),
        address=text(message.address, "location.address", longest=255, shortest=0),
        city=text(message.city, "location.city", longest=45, shortest=0),
        postal_code=text(message.postal_code, "location.postal_code", longest=10, shortest=0),
        country=message.country.upper(),
        latitude=text(message.latitude, "location.latitude", longest=11, shortest=0),
        longitude=text(message.longitude, "location.longitude", longest=11, shortest=0),
        time_zone=_read_zone(message.time_zone),
        publish=message.publish,
        evses_json=encode_evses([_read_evse(evse) for evse in message.evses]),
        last_updated_us=read_time(message, "last_updated"),
        partner_id=text(message.partner_id, "location.partner_id", longest=64, shortest=0),
        document=message.document,
        version=0,
        created_us=0,
    )


def _read_zone(name: str) -> str:
    """Check an IANA zone; a partner may leave it out."""
    try:
        return ZoneInfo(name).key if name else ""
    except (KeyError, ValueError, OSError) as error:
        raise InvalidArgument(
            f"location.time_zone: expected an IANA zone such as Europe/Amsterdam, found {name!r}.",
            field="location.time_zone",
        ) from error


def _read_evse(message: location_pb.Evse) -> Evse:
    return Evse(
        uid=text(message.uid, "evse.uid", longest=36),
        evse_id=text(message.evse_id, "evse.evse_id", longest=48, shortest=0),
        status=read_enum(
            location_pb.Evse.Status,
            message.status,
            prefix="STATUS_",
            field="evse.status",
            default="UNKNOWN",
        ),
        connectors=[
            Connector(
                id=text(c.id, "connector.id", longest=36),
                standard=c.standard,
                format=c.format,
                power_type=c.power_type,
                max_voltage=c.max_voltage,
                max_amperage=c.max_amperage,
                max_electric_power=c.max_electric_power,
                tariff_ids=list(c.tariff_ids),
            )
            for c in message.connectors
        ],
        last_updated_us=read_time(message, "last_updated"),
    )


def _write_put(item: pb.PutLocationOutcome, put: Put[Location]) -> None:
    item.location.CopyFrom(_write(put.stored))
    item.created = put.created


def _write(location: Location) -> location_pb.Location:
    return location_pb.Location(
        owner=write_party(PartyKey(location.owner)),
        id=location.id,
        name=location.name,
        address=location.address,
        city=location.city,
        postal_code=location.postal_code,
        country=location.country,
        latitude=location.latitude,
        longitude=location.longitude,
        time_zone=location.time_zone,
        publish=location.publish,
        evses=[_write_evse(evse) for evse in location.evses()],
        last_updated=write_time(location.last_updated_us),
        partner_id=location.partner_id,
        document=location.document,
    )


def _write_evse(evse: Evse) -> location_pb.Evse:
    return location_pb.Evse(
        uid=evse.uid,
        evse_id=evse.evse_id,
        status=f"STATUS_{evse.status}",
        connectors=[
            location_pb.Connector(
                id=c.id,
                standard=c.standard,
                format=c.format,
                power_type=c.power_type,
                max_voltage=c.max_voltage,
                max_amperage=c.max_amperage,
                max_electric_power=c.max_electric_power,
                tariff_ids=c.tariff_ids,
            )
            for c in evse.connectors
        ],
        last_updated=write_time(evse.last_updated_us),
    )
