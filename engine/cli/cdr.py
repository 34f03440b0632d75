"""`interwatt cdr`: sealed billing records."""

from __future__ import annotations

from typing import Annotated

import typer
from interwatt.cdrs.v1.cdr_pb2 import Cdr
from interwatt.cdrs.v1.cdrs_service_pb2 import (
    AcceptCdrRequest,
    GetCdrRequest,
    ListCdrsRequest,
    PriceCdrRequest,
)
from interwatt.cdrs.v1.cdrs_service_pb2_grpc import CdrsServiceStub

from engine.cli.app import new_app
from engine.cli.choices import choose
from engine.cli.client import Client, new_request_id
from engine.cli.errors import EXIT_NO
from engine.cli.output import (
    as_data,
    enum_of,
    party,
    price,
    print_facts,
    print_json,
    print_table,
    when,
)
from engine.cli.parties import our_cpo, read_party
from engine.cli.shell_command import Limit, Owner, PartnerFilter, command
from engine.kernel.money import kwh_text

app = new_app(help="Sealed billing records, ours and our partners'.")

Id = Annotated[str, typer.Argument(metavar="CDR", help="Its id.")]


@command(app, "list", example="interwatt cdr list --state HELD")
def list_(
    client: Client,
    *,
    partner: PartnerFilter = "",
    state: Annotated[
        str, typer.Option("--state", metavar="STATE", help="RECEIVED, ACCEPTED, HELD or POSTED.")
    ] = "",
    limit: Limit = 100,
    as_json: bool = False,
) -> None:
    """List CDRs, in the order they were made."""
    request = ListCdrsRequest(
        partner_id=partner, state=choose(Cdr.State, state, prefix="STATE_", option="--state")
    )
    stub = client.stub(CdrsServiceStub)
    found = list(client.pages(stub.ListCdrs, request, "cdrs", limit))
    if as_json:
        print_json([as_data(cdr) for cdr in found])
        return
    print_table(
        ["owner", "CDR", "state", "direction", "partner", "started", "kWh", "total", "findings"],
        [
            [
                party(c.owner),
                c.id,
                enum_of(c, "state"),
                "issued" if c.issued else "received",
                c.partner_id,
                when(c.started_at),
                kwh_text(c.total_energy_mwh),
                price(c.total_cost),
                ", ".join(finding.code for finding in c.findings),
            ]
            for c in found
        ],
        empty="No CDRs.",
    )


@command(app, "show", example="interwatt cdr show 019aa5f0-7c3e-7d44-9a55-6b1f0c1d2e3f")
def show(client: Client, cdr: Id, *, owner: Owner = "", as_json: bool = False) -> None:
    """Show one CDR.

    What it costs, what we make of it, and what was found.
    """
    request = GetCdrRequest(owner=read_party(owner) if owner else None, id=cdr)
    found = client.call(client.stub(CdrsServiceStub).GetCdr, request).cdr
    _show(found, as_json=as_json)


@command(
    app,
    "accept",
    example="interwatt cdr accept 019aa5f0-7c3e-7d44-9a55-6b1f0c1d2e3f --owner DE-ALF",
)
def accept(client: Client, cdr: Id, *, owner: Owner = "", as_json: bool = False) -> None:
    """Accept a held CDR as it is; it is then posted to the ledger."""
    request = AcceptCdrRequest(
        request_id=new_request_id(),
        owner=read_party(owner) if owner else our_cpo(client),
        id=cdr,
    )
    _show(client.call(client.stub(CdrsServiceStub).AcceptCdr, request).cdr, as_json=as_json)


@command(
    app,
    "price",
    example="interwatt cdr price 019aa5f0-7c3e-7d44-9a55-6b1f0c1d2e3f --tariff EVENING",
)
def price_again(
    client: Client,
    cdr: Id,
    *,
    owner: Owner = "",
    tariff: Annotated[
        str,
        typer.Option(
            "--tariff",
            metavar="ID",
            help="By this tariff of its owner; when absent, its own, or its connector's.",
        ),
    ] = "",
    as_json: bool = False,
) -> int:
    """Price a held CDR again, once the tariff that it lacked is there.

    It is accepted when nothing holds it back any more. Ends with 1 when something still does.
    """
    request = PriceCdrRequest(
        request_id=new_request_id(),
        owner=read_party(owner) if owner else our_cpo(client),
        id=cdr,
        tariff_id=tariff,
    )
    found = client.call(client.stub(CdrsServiceStub).PriceCdr, request).cdr
    _show(found, as_json=as_json)
    return EXIT_NO if found.state == Cdr.STATE_HELD else 0


def _show(cdr: Cdr, *, as_json: bool) -> None:
    if as_json:
        print_json(as_data(cdr))
        return
    print_facts(
        {
            "CDR": cdr.id,
            "owner": party(cdr.owner),
            "state": enum_of(cdr, "state"),
            "direction": "issued" if cdr.issued else "received",
            "partner": cdr.partner_id,
            "session": cdr.session_id,
            "token": cdr.token.uid,
            "contract": cdr.token.contract_id,
            "where": ", ".join(filter(None, [cdr.location.name, cdr.location.address])),
            "started": when(cdr.started_at),
            "ended": when(cdr.ended_at),
            "energy": f"{kwh_text(cdr.total_energy_mwh)} kWh",
            "total": price(cdr.total_cost),
            "  fixed": price(cdr.total_fixed_cost),
            "  energy ": price(cdr.total_energy_cost),
            "  time": price(cdr.total_time_cost),
            "  parking": price(cdr.total_parking_cost),
            "  reservation": price(cdr.total_reservation_cost),
            "as we price it": price(cdr.repriced_cost),
            "credits": cdr.credit_reference_id,
        }
    )
    for finding in cdr.findings:
        kind = "holds it back" if finding.blocking else "note"
        print(f"{finding.code} ({kind}): {finding.message}")
