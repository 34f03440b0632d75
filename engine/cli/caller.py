"""`interwatt caller`: who may call the engine."""

from __future__ import annotations

from typing import Annotated

import typer
from interwatt.callers.v1.callers_service_pb2 import (
    CallerRole,
    CreateCallerRequest,
    ListCallersRequest,
    RevokeCallerRequest,
    RotateCallerKeyRequest,
)
from interwatt.callers.v1.callers_service_pb2_grpc import CallersServiceStub

from engine.cli.app import new_app
from engine.cli.choices import choose
from engine.cli.client import Client
from engine.cli.output import as_data, enum_of, print_json, print_table, when
from engine.cli.shell_command import command

app = new_app(help="Who may call the engine.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="1 to 64 of a-z, 0-9 and -.")]


@command(app, "create", example="interwatt caller create billing --role service")
def create(
    client: Client,
    name: Name,
    *,
    role: Annotated[
        str,
        typer.Option(
            "--role",
            metavar="ROLE",
            help="gateway (translates a protocol), service (sessions, tokens, tariffs, events), "
            "analyst (reads) or admin.",
        ),
    ],
    as_json: bool = False,
) -> None:
    """Make a caller and print its key, once; only a hash of it is kept."""
    request = CreateCallerRequest(
        name=name, role=choose(CallerRole, role, prefix="CALLER_ROLE_", option="--role")
    )
    made = client.call(client.stub(CallersServiceStub).CreateCaller, request)
    if as_json:
        print_json(as_data(made))
    else:
        print(made.key)


@command(app, "list", example="interwatt caller list")
def list_(client: Client, *, as_json: bool = False) -> None:
    """List who may call, never a key."""
    stub = client.stub(CallersServiceStub)
    found = client.call(stub.ListCallers, ListCallersRequest()).callers
    if as_json:
        print_json([as_data(caller) for caller in found])
        return
    print_table(
        ["caller", "role", "since", "revoked"],
        [
            [c.name, enum_of(c, "role").lower(), when(c.created_at), when(c.revoked_at)]
            for c in found
        ],
        empty="No callers.",
    )


@command(app, "rotate", example="interwatt caller rotate billing --grace 3600")
def rotate(
    client: Client,
    name: Name,
    *,
    grace: Annotated[
        int,
        typer.Option("--grace", min=0, metavar="SECONDS", help="The old key works this long."),
    ] = 0,
    as_json: bool = False,
) -> None:
    """Make a new key for a caller and print it, once."""
    request = RotateCallerKeyRequest(name=name, grace_seconds=grace)
    made = client.call(client.stub(CallersServiceStub).RotateCallerKey, request)
    if as_json:
        print_json(as_data(made))
    else:
        print(made.key)


@command(app, "revoke", example="interwatt caller revoke billing")
def revoke(client: Client, name: Name, *, as_json: bool = False) -> None:
    """End all keys of a caller at once."""
    request = RevokeCallerRequest(name=name)
    found = client.call(client.stub(CallersServiceStub).RevokeCaller, request).caller
    if as_json:
        print_json(as_data(found))
    else:
        print(f"Caller {found.name} may call no more.")
