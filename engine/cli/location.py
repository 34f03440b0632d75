"""`interwatt location`: where stations stand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from google.protobuf.timestamp_pb2 import Timestamp
from interwatt.locations.v1.location_pb2 import Connector, Evse, Location
from interwatt.locations.v1.locations_service_pb2 import (
    ListLocationsRequest,
    PutLocationItem,
    PutLocationsRequest,
)
from interwatt.locations.v1.locations_service_pb2_grpc import LocationsServiceStub

from engine.cli.app import new_app
from engine.cli.choices import choose
from engine.cli.client import Client, new_request_id, value_of
from engine.cli.documents import read_objects
from engine.cli.errors import CommandError
from engine.cli.output import as_data, enum_of, party, print_json, print_table
from engine.cli.parties import our_cpo, read_party
from engine.cli.shell_command import Limit, PartnerFilter, command

app = new_app(help="Where stations stand.")


class _Coordinates(msgspec.Struct):
    latitude: str = ""
    longitude: str = ""


class _Connector(msgspec.Struct):
    id: str
    standard: str = "IEC_62196_T2"
    format: str = "SOCKET"
    power_type: str = "AC_3_PHASE"
    max_voltage: int = 0
    max_amperage: int = 0
    max_electric_power: int = 0
    tariff_ids: list[str] = []


class _Evse(msgspec.Struct):
    uid: str
    evse_id: str = ""
    status: str = "UNKNOWN"
    connectors: list[_Connector] = []


class _Location(msgspec.Struct):
    """What is read of an OCPI Location; the rest is left."""

    id: str
    name: str = ""
    address: str = ""
    city: str = ""
    postal_code: str = ""
    country: str = ""
    coordinates: _Coordinates = msgspec.field(default_factory=_Coordinates)
    time_zone: str = ""
    publish: bool = True
    evses: list[_Evse] = []
    country_code: str = ""
    party_id: str = ""


@command(app, "put", example="interwatt location put interwatt-data/examples/location.json")
def put(
    client: Client,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="OCPI Location objects in JSON: one or a list; - reads stdin."
        ),
    ],
    *,
    as_json: bool = False,
) -> None:
    """Add or replace locations of ours.

    They are written as OCPI 2.2.1 Location objects.
    """
    now = Timestamp()
    now.GetCurrentTime()
    items = [
        PutLocationItem(request_id=new_request_id(), location=_read(client, file, document, now))
        for document in read_objects(file)
    ]
    stub = client.stub(LocationsServiceStub)
    outcomes = client.call(stub.PutLocations, PutLocationsRequest(items=items)).outcomes
    stored = [value_of(outcome) for outcome in outcomes]
    _show(stored, as_json=as_json)


@command(app, "list", example="interwatt location list --partner sunrise")
def list_(
    client: Client, *, partner: PartnerFilter = "", limit: Limit = 100, as_json: bool = False
) -> None:
    """List locations, ours and our partners'.

    --partner - shows ours alone.
    """
    request = ListLocationsRequest(partner_id=partner)
    stub = client.stub(LocationsServiceStub)
    found = list(client.pages(stub.ListLocations, request, "locations", limit))
    _show(found, as_json=as_json)


def _show(locations: list[Location], *, as_json: bool) -> None:
    if as_json:
        print_json([as_data(location) for location in locations])
        return
    print_table(
        ["owner", "location", "name", "city", "time zone", "EVSEs", "partner"],
        [
            [
                party(x.owner),
                x.id,
                x.name,
                x.city,
                x.time_zone,
                ", ".join(f"{evse.uid} {enum_of(evse, 'status')}" for evse in x.evses),
                x.partner_id,
            ]
            for x in locations
        ],
        empty="No locations yet. Add one: interwatt location put FILE",
    )


def _read(client: Client, file: Path, document: bytes, now: Timestamp) -> Location:
    try:
        found = msgspec.json.decode(document, type=_Location)
    except msgspec.ValidationError as error:
        raise CommandError(f"{file}: {error}.") from error
    owner = (
        read_party(f"{found.country_code}-{found.party_id}") if found.party_id else our_cpo(client)
    )
    return Location(
        owner=owner,
        id=found.id,
        name=found.name,
        address=found.address,
        city=found.city,
        postal_code=found.postal_code,
        country=found.country,
        latitude=found.coordinates.latitude,
        longitude=found.coordinates.longitude,
        time_zone=found.time_zone,
        publish=found.publish,
        evses=[_evse(evse, file, now) for evse in found.evses],
        last_updated=now,
    )


def _evse(evse: _Evse, file: Path, now: Timestamp) -> Evse:
    return Evse(
        uid=evse.uid,
        evse_id=evse.evse_id,
        status=choose(Evse.Status, evse.status, prefix="STATUS_", option=f"{file}: status"),
        connectors=[
            Connector(
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
        last_updated=now,
    )
