"""`interwatt session`: charges, running and done."""

from __future__ import annotations

from typing import Annotated

import typer
from interwatt.sessions.v1.session_pb2 import Session
from interwatt.sessions.v1.sessions_service_pb2 import (
    GetSessionRequest,
    ListOrphansRequest,
    ListSessionsRequest,
    Orphan,
    RequestStartRequest,
    RequestStopRequest,
    StopSessionItem,
)
from interwatt.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub

from engine.cli.app import new_app
from engine.cli.choices import choose
from engine.cli.client import Client, new_request_id
from engine.cli.errors import CommandError
from engine.cli.gateway_command import await_command, report
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
from engine.cli.parties import read_party
from engine.cli.shell_command import Limit, Owner, PartnerFilter, command
from engine.cli.token import Type, read_type
from engine.kernel.money import kwh_text

app = new_app(help="Charges: running and done.")

Id = Annotated[str, typer.Argument(metavar="SESSION", help="Its id.")]
Timeout = Annotated[
    int,
    typer.Option("--timeout", min=1, max=600, metavar="SECONDS", help="Wait this long for it."),
]


@command(app, "list", example="interwatt session list --state ACTIVE")
def list_(
    client: Client,
    *,
    partner: PartnerFilter = "",
    state: Annotated[
        str,
        typer.Option("--state", metavar="STATE", help="PENDING, ACTIVE, COMPLETED or INVALID."),
    ] = "",
    limit: Limit = 100,
    as_json: bool = False,
) -> None:
    """List sessions, in the order they were made."""
    request = ListSessionsRequest(
        partner_id=partner, state=choose(Session.State, state, prefix="STATE_", option="--state")
    )
    stub = client.stub(SessionsServiceStub)
    found = list(client.pages(stub.ListSessions, request, "sessions", limit))
    if as_json:
        print_json([as_data(session) for session in found])
        return
    print_table(
        ["owner", "session", "state", "where", "token", "started", "kWh", "cost", "partner"],
        [
            [
                party(s.owner),
                s.id,
                enum_of(s, "state"),
                s.station_id or s.location_id,
                s.token.uid,
                when(s.started_at),
                kwh_text(s.energy_mwh),
                price(s.cost),
                s.partner_id,
            ]
            for s in found
        ],
        empty="No sessions.",
    )


@command(app, "show", example="interwatt session show 019aa5f0-7c3e-7d44-9a55-6b1f0c1d2e3f")
def show(client: Client, session: Id, *, owner: Owner = "", as_json: bool = False) -> None:
    """Show one session."""
    request = GetSessionRequest(owner=read_party(owner) if owner else None, session_id=session)
    found = client.call(client.stub(SessionsServiceStub).GetSession, request).session
    if as_json:
        print_json(as_data(found))
        return
    print_facts(
        {
            "session": found.id,
            "owner": party(found.owner),
            "state": enum_of(found, "state"),
            "partner": found.partner_id,
            "station": found.station_id,
            "location": "/".join(filter(None, [found.location_id, found.evse_uid])),
            "token": found.token.uid,
            "contract": found.token.contract_id,
            "authorised by": found.token.auth_method,
            "started": when(found.started_at),
            "ended": when(found.ended_at),
            "stop reason": found.stop_reason,
            "energy": f"{kwh_text(found.energy_mwh)} kWh",
            "cost": price(found.cost),
            "tariff": found.tariff_id,
            "flags": ", ".join(found.flags),
            "changed": when(found.last_updated),
        }
    )


@command(app, "orphans", example="interwatt session orphans --station CP1")
def orphans(
    client: Client,
    *,
    station: Annotated[
        str, typer.Option("--station", metavar="ID", help="Only those of this station.")
    ] = "",
    loose: Annotated[
        bool, typer.Option("--loose", help="Only those that belong to no session.")
    ] = False,
    limit: Limit = 100,
    as_json: bool = False,
) -> None:
    """List what stations said about no session that was known, the newest first.

    It is kept and counts for nothing, but for a stop that comes before its start: it ends that
    session when the start comes. A STOP_CONFLICT is a second, different stop of a session that is
    over.
    """
    request = ListOrphansRequest(station_id=station, loose=loose)
    stub = client.stub(SessionsServiceStub)
    found = list(client.pages(stub.ListOrphans, request, "orphans", limit))
    if as_json:
        print_json([as_data(orphan) for orphan in found])
        return
    print_table(
        ["recorded", "kind", "station", "transaction", "said", "session"],
        [_orphan_row(orphan) for orphan in found],
        empty="No orphans.",
    )


def _orphan_row(orphan: Orphan) -> list[str]:
    stopped = orphan.WhichOneof("said") == "stop"
    about = orphan.stop if stopped else orphan.readings
    readings = about.readings
    said = (
        f"stopped {when(orphan.stop.stopped_at)} at {_register(orphan.stop)}"
        if stopped
        else "measured " + (when(readings[0].at) if readings else "nothing")
    )
    return [
        when(orphan.recorded_at),
        enum_of(orphan, "kind"),
        about.station_id,
        about.station_transaction_id or str(about.transaction_id or ""),
        said,
        orphan.session_id,
    ]


def _register(stop: StopSessionItem) -> str:
    return "no register" if stop.meter_stop_unknown else f"{kwh_text(stop.meter_stop_mwh)} kWh"


@command(app, "start", example="interwatt session start --station CP1 --token 04A1B2C3")
def start(
    client: Client,
    *,
    token: Annotated[str, typer.Option("--token", metavar="UID", help="Who charges.")],
    type_: Type = "RFID",
    station: Annotated[
        str, typer.Option("--station", metavar="ID", help="A station of ours.")
    ] = "",
    connector: Annotated[
        int, typer.Option("--connector", min=0, metavar="N", help="0 lets the station choose.")
    ] = 0,
    partner: Annotated[
        str, typer.Option("--partner", metavar="ID", help="Or: the partner whose station it is,")
    ] = "",
    location: Annotated[str, typer.Option("--location", metavar="ID", help="its location,")] = "",
    evse: Annotated[
        str, typer.Option("--evse", metavar="UID", help="and its EVSE, when it matters.")
    ] = "",
    timeout: Timeout = 30,
    as_json: bool = False,
) -> int:
    """Ask a station, ours or a partner's, to start a charge.

    Ends with 1 when it refuses or does not answer. The session follows when the station reports it:
    interwatt session list.
    """
    if bool(station) == bool(partner):
        raise CommandError("Say where: either --station, or --partner with --location.")
    request = RequestStartRequest(
        request_id=new_request_id(),
        station_id=station,
        connector_number=connector,
        partner_id=partner,
        location_id=location,
        evse_uid=evse,
        token_uid=token,
        token_type=read_type(type_),
        timeout_seconds=timeout,
    )
    made = client.call(client.stub(SessionsServiceStub).RequestStart, request)
    return report(await_command(client, made.command_id, timeout), as_json=as_json)


@command(app, "stop", example="interwatt session stop 019aa5f0-7c3e-7d44-9a55-6b1f0c1d2e3f")
def stop(
    client: Client, session: Id, *, owner: Owner = "", timeout: Timeout = 30, as_json: bool = False
) -> int:
    """Ask the station of a session to stop it.

    Ends with 1 when it refuses or does not answer.
    """
    request = RequestStopRequest(
        request_id=new_request_id(),
        owner=read_party(owner) if owner else None,
        session_id=session,
        timeout_seconds=timeout,
    )
    made = client.call(client.stub(SessionsServiceStub).RequestStop, request)
    return report(await_command(client, made.command_id, timeout), as_json=as_json)
