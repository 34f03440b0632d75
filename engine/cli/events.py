"""`interwatt events`: follow what happens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer
from interwatt.events.v1.events_service_pb2 import (
    Event,
    ListEventsRequest,
    StreamEventsRequest,
)
from interwatt.events.v1.events_service_pb2_grpc import EventsServiceStub

from engine.cli.client import Client
from engine.cli.output import as_data, print_json_line, when
from engine.cli.shell_command import PartnerFilter, with_client

_PAGE = 1_000


@with_client
def events(
    client: Client,
    *,
    after: Annotated[
        int, typer.Option("--after", min=0, metavar="N", help="Start after this number.")
    ] = 0,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help='E.g. "session.*"; may be repeated.'),
    ] = None,
    partner: PartnerFilter = "",
    follow: Annotated[
        bool, typer.Option("--follow/--no-follow", help="Wait for what comes, until Ctrl-C.")
    ] = True,
    as_json: bool = False,
) -> None:
    """Print what happened, in order and without gaps, and then what happens.

    With --json each event is one line. Stop anywhere and go on with --after and the last number.
    """
    try:
        if follow:
            _follow(client, after, kind or [], partner, as_json=as_json)
        else:
            _list(client, after, kind or [], partner, as_json=as_json)
    except KeyboardInterrupt:
        pass


def _follow(client: Client, after: int, kinds: list[str], partner: str, *, as_json: bool) -> None:
    request = StreamEventsRequest(after_seq=after, kinds=kinds, partner_id=partner)
    for response in client.stream(client.stub(EventsServiceStub).StreamEvents, request):
        _print(response.events, as_json=as_json)


def _list(client: Client, after: int, kinds: list[str], partner: str, *, as_json: bool) -> None:
    stub = client.stub(EventsServiceStub)
    while True:
        request = ListEventsRequest(
            after_seq=after, page_size=_PAGE, kinds=kinds, partner_id=partner
        )
        response = client.call(stub.ListEvents, request)
        _print(response.events, as_json=as_json)
        if response.position == after:
            return
        after = response.position


def _print(found: Iterable[Event], *, as_json: bool) -> None:
    for event in found:
        if as_json:
            print_json_line(as_data(event))
        else:
            facts = event.payload.decode()
            line = f"{event.seq:>6}  {when(event.recorded_at)}  {event.kind:<24} {event.subject}"
            print(f"{line}  {facts if facts != '{}' else ''}".rstrip(), flush=True)
