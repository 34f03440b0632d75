"""`interwatt tariff`: what a charge costs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from interwatt.tariffs.v1.tariff_pb2 import Tariff
from interwatt.tariffs.v1.tariffs_service_pb2 import (
    GetTariffRequest,
    ListTariffsRequest,
    PutTariffItem,
    PutTariffsRequest,
)
from interwatt.tariffs.v1.tariffs_service_pb2_grpc import TariffsServiceStub

from engine.cli.app import new_app
from engine.cli.client import Client, new_request_id, value_of
from engine.cli.documents import read_objects
from engine.cli.output import as_data, party, print_json, print_table, when
from engine.cli.parties import our_cpo, read_party
from engine.cli.shell_command import Limit, Owner, PartnerFilter, command

app = new_app(help="What a charge costs.")


@command(app, "put", example="interwatt tariff put interwatt-data/examples/tariff.json")
def put(
    client: Client,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="OCPI Tariff objects in JSON: one or a list; - reads stdin."
        ),
    ],
    *,
    as_json: bool = False,
) -> None:
    """Add or replace tariffs of ours, written as OCPI Tariff objects.

    One that cannot be understood is refused with the place in the document. What is merely odd is
    told and does not stop it.
    """
    items = [
        PutTariffItem(request_id=new_request_id(), tariff=Tariff(document=document))
        for document in read_objects(file)
    ]
    stub = client.stub(TariffsServiceStub)
    outcomes = client.call(stub.PutTariffs, PutTariffsRequest(items=items)).outcomes
    stored = [value_of(outcome) for outcome in outcomes]
    if as_json:
        print_json([as_data(outcome) for outcome in outcomes])
        return
    for tariff, outcome in zip(stored, outcomes, strict=True):
        verb = "added" if outcome.created else "stored"
        print(f"Tariff {party(tariff.owner)} {tariff.id} ({tariff.currency}) {verb}.")
        for finding in outcome.findings:
            print(f"  {finding.code} at {finding.path}: {finding.message}")


@command(app, "list", example="interwatt tariff list")
def list_(
    client: Client, *, partner: PartnerFilter = "", limit: Limit = 100, as_json: bool = False
) -> None:
    """List tariffs, ours and our partners'; --partner - shows ours alone."""
    request = ListTariffsRequest(partner_id=partner)
    stub = client.stub(TariffsServiceStub)
    found = list(client.pages(stub.ListTariffs, request, "tariffs", limit))
    if as_json:
        print_json([as_data(tariff) for tariff in found])
        return
    print_table(
        ["owner", "tariff", "currency", "OCPI", "changed", "partner"],
        [
            [
                party(t.owner),
                t.id,
                t.currency,
                t.ocpi_version,
                when(t.last_updated),
                t.partner_id,
            ]
            for t in found
        ],
        empty="No tariffs yet. Add one: interwatt tariff put FILE",
    )


@command(app, "show", example="interwatt tariff show EVENING")
def show(
    client: Client,
    tariff: Annotated[str, typer.Argument(metavar="TARIFF", help="Its id.")],
    *,
    owner: Owner = "",
    as_json: bool = False,
) -> None:
    """Show one tariff as the OCPI document it is."""
    request = GetTariffRequest(owner=read_party(owner) if owner else our_cpo(client), id=tariff)
    found = client.call(client.stub(TariffsServiceStub).GetTariff, request).tariff
    print_json(as_data(found) if as_json else msgspec.Raw(found.document))
