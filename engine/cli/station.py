"""`interwatt station`: our charging stations."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from interwatt.commands.v1.commands_service_pb2 import CallStationRequest
from interwatt.commands.v1.commands_service_pb2_grpc import CommandsServiceStub
from interwatt.locations.v1.locations_service_pb2 import GetLocationRequest
from interwatt.locations.v1.locations_service_pb2_grpc import LocationsServiceStub
from interwatt.stations.v1.station_pb2 import Station, StationConnector, StationSettings
from interwatt.stations.v1.stations_service_pb2 import (
    GetStationRequest,
    ListStationsRequest,
    PutStationRequest,
)
from interwatt.stations.v1.stations_service_pb2_grpc import StationsServiceStub

from engine.cli.app import new_app
from engine.cli.client import Client, new_request_id
from engine.cli.errors import CommandError
from engine.cli.gateway_command import await_command, report_answer
from engine.cli.output import as_data, print_facts, print_json, print_table, when
from engine.cli.parties import our_cpo
from engine.cli.shell_command import Limit, command

app = new_app(help="Our charging stations.")

Id = Annotated[
    str, typer.Argument(metavar="STATION", help="Identity in the station's connection URL.")
]


@command(app, "add", example="interwatt station add CP1 --location LOC1")
def add(
    client: Client,
    station: Id,
    *,
    location: Annotated[
        str, typer.Option("--location", metavar="ID", help="The location it stands at; ours.")
    ],
    connector: Annotated[
        list[str] | None,
        typer.Option(
            "--connector",
            metavar="N=EVSE[/ID]",
            help="Which EVSE and connector number N of the station is; may be repeated. "
            "When absent, 1, 2, ... are the location's connectors in order.",
        ),
    ] = None,
    password: Annotated[
        str, typer.Option("--password", metavar="TEXT", help="16 to 64 characters; made if absent.")
    ] = "",
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Anybody on the network may connect as it.")
    ] = False,
    as_json: bool = False,
) -> None:
    """Add or change a station. A new one is given a password, shown once.

    The station connects by OCPP 1.6J to ws://HOST:9000/ocpp/STATION with Basic auth; with
    --no-password without.
    """
    if password and no_password:
        raise CommandError("Expected --password or --no-password, found both.")
    connectors = (
        [_read_connector(text) for text in connector]
        if connector
        else _connectors_of(client, location)
    )
    settings = StationSettings(security_profile=0 if no_password else 1)
    request = PutStationRequest(
        request_id=new_request_id(),
        station=Station(id=station, location_id=location, connectors=connectors, settings=settings),
        password=password,
    )
    put = client.call(client.stub(StationsServiceStub).PutStation, request)
    if as_json:
        print_json(as_data(put))
        return
    print(f"Station {put.station.id} stands at {put.station.location_id}.")
    print_facts(
        {
            "  user": put.station.id if put.password else "",
            "  password": put.password,
            "  URL": f"the one interwatt up printed, e.g. ws://HOST:9000/ocpp/{put.station.id}",
            "  connectors": _connectors(put.station),
        }
    )


@command(app, "list", example="interwatt station list")
def list_(
    client: Client,
    *,
    location: Annotated[
        str, typer.Option("--location", metavar="ID", help="Only those that stand there.")
    ] = "",
    limit: Limit = 100,
    as_json: bool = False,
) -> None:
    """List stations and whether they are connected."""
    stub = client.stub(StationsServiceStub)
    request = ListStationsRequest(location_id=location)
    found = list(client.pages(stub.ListStations, request, "stations", limit))
    if as_json:
        print_json([as_data(station) for station in found])
        return
    print_table(
        ["station", "location", "online", "since", "connectors", "model"],
        [
            [
                s.id,
                s.location_id,
                "yes" if s.online else "no",
                when(s.online_changed_at),
                _connectors(s),
                f"{s.boot.vendor} {s.boot.model}".strip(),
            ]
            for s in found
        ],
        empty="No stations yet. Add one: interwatt station add NAME --location ID",
    )


@command(app, "show", example="interwatt station show CP1")
def show(client: Client, station: Id, *, as_json: bool = False) -> None:
    """Show one station."""
    request = GetStationRequest(station_id=station)
    found = client.call(client.stub(StationsServiceStub).GetStation, request).station
    if as_json:
        print_json(as_data(found))
        return
    print_facts(
        {
            "station": found.id,
            "location": found.location_id,
            "online": "yes" if found.online else "no",
            "since": when(found.online_changed_at),
            "vendor": found.boot.vendor,
            "model": found.boot.model,
            "serial": found.boot.serial_number,
            "firmware": found.boot.firmware_version,
            "booted": when(found.boot.received_at),
            "connectors": _connectors(found),
        }
    )


@command(
    app, "call", example="""interwatt station call CP1 GetConfiguration '{"key": ["MeterValue"]}'"""
)
def call(
    client: Client,
    station: Id,
    action: Annotated[str, typer.Argument(metavar="ACTION", help='E.g. "GetConfiguration".')],
    payload: Annotated[str, typer.Argument(metavar="JSON", help="Its payload.")] = "{}",
    *,
    timeout: Annotated[
        int, typer.Option("--timeout", min=1, max=600, metavar="SECONDS", help="Wait this long.")
    ] = 30,
) -> int:
    """Send any OCPP call to a station.

    Prints its answer as JSON. Ends with 1 when the station refuses, fails or does not answer.
    """
    request = CallStationRequest(
        request_id=new_request_id(),
        station_id=station,
        action=action,
        payload=_payload(payload),
        timeout_seconds=timeout,
    )
    made = client.call(client.stub(CommandsServiceStub).CallStation, request).command
    return report_answer(await_command(client, made.id, timeout))


def _payload(text: str) -> bytes:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise CommandError(f"The payload is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise CommandError('The payload must be a JSON object, e.g. {"type": "Soft"}.')
    return text.encode()


def _read_connector(text: str) -> StationConnector:
    number, equals, place = text.partition("=")
    evse_uid, _, connector_id = place.partition("/")
    if not equals or not number.isdecimal() or not evse_uid:
        raise CommandError(f'Expected --connector N=EVSE or N=EVSE/ID, found "{text}".')
    return StationConnector(number=int(number), evse_uid=evse_uid, connector_id=connector_id or "1")


def _connectors_of(client: Client, location_id: str) -> list[StationConnector]:
    request = GetLocationRequest(owner=our_cpo(client), id=location_id)
    location = client.call(client.stub(LocationsServiceStub).GetLocation, request).location
    places = [(evse.uid, c.id) for evse in location.evses for c in evse.connectors]
    return [
        StationConnector(number=number, evse_uid=evse_uid, connector_id=connector_id)
        for number, (evse_uid, connector_id) in enumerate(places, start=1)
    ]


def _connectors(station: Station) -> str:
    return ", ".join(
        f"{c.number}={c.evse_uid}/{c.connector_id}" + (f" {c.status}" if c.status else "")
        for c in station.connectors
    )
