"""`interwatt partner`: platforms we exchange with."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from interwatt.commands.v1.command_pb2 import Command
from interwatt.commands.v1.commands_service_pb2 import AwaitCommandRequest
from interwatt.commands.v1.commands_service_pb2_grpc import CommandsServiceStub
from interwatt.partners.v1.partner_pb2 import Partner
from interwatt.partners.v1.partners_service_pb2 import (
    CreatePartnerRequest,
    EndPartnerRequest,
    GetPartnerRequest,
    ListPartnersRequest,
)
from interwatt.partners.v1.partners_service_pb2_grpc import PartnersServiceStub

from engine.cli.app import new_app
from engine.cli.client import Client, new_request_id
from engine.cli.errors import EXIT_NO
from engine.cli.output import as_data, enum_of, party, print_facts, print_json, print_table, when
from engine.cli.shell_command import Limit, command

app = new_app(help="Platforms we exchange with over OCPI.")

Id = Annotated[str, typer.Argument(metavar="PARTNER", help="Our name for it: a-z, 0-9 and -.")]


@command(app, "add", example="interwatt partner add sunrise")
def add(client: Client, partner: Id, *, as_json: bool = False) -> None:
    """Make a partner and a first token to hand over.

    The partner calls our versions URL with this token and makes the credentials handshake. The
    token is shown once; where it was lost, add the partner again: the one before stops working.
    """
    stub = client.stub(PartnersServiceStub)
    request = CreatePartnerRequest(request_id=new_request_id(), id=partner)
    made = client.call(stub.CreatePartner, request)
    if as_json:
        print_json(as_data(made))
        return
    print(f"Partner {made.partner.id} is planned. Hand over, by a safe way:")
    print_facts(
        {
            "  token": made.token,
            "  versions URL": "the one interwatt up printed, e.g. http://HOST:8080/ocpi/versions",
        }
    )


@command(
    app,
    "connect",
    example="interwatt partner connect sunrise --versions-url https://emsp.example/ocpi/versions "
    "--token THEIR-TOKEN",
)
def connect(
    client: Client,
    partner: Id,
    *,
    versions_url: Annotated[
        str, typer.Option("--versions-url", metavar="URL", help="The partner's versions URL.")
    ],
    token: Annotated[
        str, typer.Option("--token", metavar="TOKEN", help="The token the partner gave us.")
    ],
    wait: Annotated[
        int, typer.Option("--wait", min=0, metavar="SECONDS", help="Wait for the handshake.")
    ] = 30,
    as_json: bool = False,
) -> int:
    """Make a partner by calling it.

    Our side makes the credentials handshake. Ends with 1 and says why when that was not done in
    time; the OCPI gateway must run.
    """
    stub = client.stub(PartnersServiceStub)
    request = CreatePartnerRequest(
        request_id=new_request_id(), id=partner, versions_url=versions_url, their_token=token
    )
    made = client.call(stub.CreatePartner, request)
    handshake = _await_handshake(client, made.command_id, wait) if wait else Command()
    found = client.call(stub.GetPartner, GetPartnerRequest(partner_id=partner)).partner
    _show(found, as_json=as_json)
    if found.state == Partner.STATE_REGISTERED:
        return 0
    result = handshake.result
    said = result.message or result.code or "no gateway has made it yet"
    print(f"The handshake with {partner} was not done: {said}", file=sys.stderr)
    print("To try again: mend what was wrong and run the same command.", file=sys.stderr)
    return EXIT_NO


@command(app, "list", example="interwatt partner list")
def list_(client: Client, *, limit: Limit = 100, as_json: bool = False) -> None:
    """List partners."""
    stub = client.stub(PartnersServiceStub)
    found = list(client.pages(stub.ListPartners, ListPartnersRequest(), "partners", limit))
    if as_json:
        print_json([as_data(partner) for partner in found])
        return
    print_table(
        ["partner", "state", "parties", "OCPI", "since"],
        [
            [p.id, enum_of(p, "state"), _parties(p), p.ocpi_version, when(p.created_at)]
            for p in found
        ],
        empty="No partners yet. Add one: interwatt partner add NAME",
    )


@command(app, "show", example="interwatt partner show sunrise")
def show(client: Client, partner: Id, *, as_json: bool = False) -> None:
    """Show one partner and its endpoints."""
    stub = client.stub(PartnersServiceStub)
    found = client.call(stub.GetPartner, GetPartnerRequest(partner_id=partner))
    _show(found.partner, as_json=as_json)


@command(app, "end", example="interwatt partner end sunrise")
def end(client: Client, partner: Id, *, as_json: bool = False) -> None:
    """End a partner.

    Its calls are refused from now on and nothing is sent to it.
    """
    stub = client.stub(PartnersServiceStub)
    request = EndPartnerRequest(request_id=new_request_id(), partner_id=partner)
    _show(client.call(stub.EndPartner, request).partner, as_json=as_json)


def _await_handshake(client: Client, command_id: str, wait_s: int) -> Command:
    """Return the handshake as it is after at most `wait_s`."""
    stub = client.stub(CommandsServiceStub)
    request = AwaitCommandRequest(command_id=command_id)
    return client.call(stub.AwaitCommand, request, wait_s).command


def _show(partner: Partner, *, as_json: bool) -> None:
    if as_json:
        print_json(as_data(partner))
        return
    print_facts(
        {
            "partner": partner.id,
            "state": enum_of(partner, "state"),
            "parties": _parties(partner),
            "versions URL": partner.versions_url,
            "OCPI version": partner.ocpi_version,
            "since": when(partner.created_at),
        }
    )
    if partner.endpoints:
        print()
        print_table(
            ["module", "interface", "URL"],
            [[e.module, e.interface_role, e.url] for e in partner.endpoints],
            empty="",
        )


def _parties(partner: Partner) -> str:
    return ", ".join(f"{party(p.party)} {enum_of(p, 'role')}" for p in partner.parties)
