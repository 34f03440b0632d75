"""`interwatt token`: what identifies a driver's contract."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from interwatt.tokens.v1.token_pb2 import Token, TokenType, Whitelist
from interwatt.tokens.v1.tokens_service_pb2 import (
    Authorization,
    AuthorizeTokenItem,
    AuthorizeTokensRequest,
    AwaitAuthorizationRequest,
    ListTokensRequest,
    PutTokenItem,
    PutTokensRequest,
)
from interwatt.tokens.v1.tokens_service_pb2_grpc import TokensServiceStub

from engine.cli.app import new_app
from engine.cli.choices import choose
from engine.cli.client import Client, new_request_id, value_of
from engine.cli.errors import EXIT_NO
from engine.cli.output import as_data, enum_of, party, print_json, print_table
from engine.cli.parties import our_emsp, read_party
from engine.cli.shell_command import Limit, Owner, PartnerFilter, command

app = new_app(help="What identifies a driver's contract.")

Uid = Annotated[str, typer.Argument(metavar="UID", help="What the reader sees.")]
Type = Annotated[
    str,
    typer.Option("--type", metavar="TYPE", help="RFID, APP_USER, AD_HOC_USER, OTHER or EMAID."),
]


@command(app, "put", example="interwatt token put 04A1B2C3 --contract NL-IWT-C00000001-X")
def put(
    client: Client,
    uid: Uid,
    *,
    contract: Annotated[str, typer.Option("--contract", metavar="ID", help="eMAID or similar.")],
    type_: Type = "RFID",
    owner: Owner = "",
    issuer: Annotated[str, typer.Option("--issuer", metavar="TEXT", help="Company name.")] = "",
    group: Annotated[
        str, typer.Option("--group", metavar="ID", help="Tokens of one group stop each other's.")
    ] = "",
    whitelist: Annotated[
        str,
        typer.Option(
            "--whitelist", metavar="RULE", help="ALWAYS, ALLOWED, ALLOWED_OFFLINE or NEVER."
        ),
    ] = "ALWAYS",
    blocked: Annotated[bool, typer.Option("--blocked", help="It may not charge.")] = False,
    as_json: bool = False,
) -> None:
    """Add or replace a token of ours."""
    issuing = read_party(owner) if owner else our_emsp(client)
    now = Timestamp()
    now.GetCurrentTime()
    token = Token(
        owner=issuing,
        uid=uid,
        type=read_type(type_),
        contract_id=contract,
        issuer=issuer or party(issuing),
        group_id=group,
        valid=not blocked,
        whitelist=choose(Whitelist, whitelist, prefix="WHITELIST_", option="--whitelist"),
        last_updated=now,
    )
    request = PutTokensRequest(items=[PutTokenItem(request_id=new_request_id(), token=token)])
    outcomes = client.call(client.stub(TokensServiceStub).PutTokens, request).outcomes
    _show([value_of(outcome) for outcome in outcomes], as_json=as_json)


@command(app, "list", example="interwatt token list --partner sunrise")
def list_(
    client: Client, *, partner: PartnerFilter = "", limit: Limit = 100, as_json: bool = False
) -> None:
    """List tokens, ours and our partners'.

    --partner - shows ours alone.
    """
    request = ListTokensRequest(partner_id=partner)
    stub = client.stub(TokensServiceStub)
    _show(list(client.pages(stub.ListTokens, request, "tokens", limit)), as_json=as_json)


@command(app, "authorize", example="interwatt token authorize 04A1B2C3 --station CP1")
def authorize(
    client: Client,
    uid: Uid,
    *,
    station: Annotated[
        str, typer.Option("--station", metavar="ID", help="As if presented at this station.")
    ] = "",
    type_: Type = "RFID",
    as_json: bool = False,
) -> int:
    """Ask whether a token may charge.

    Its issuer is asked where that is due. Ends with 1 when it may not.
    """
    stub = client.stub(TokensServiceStub)
    item = AuthorizeTokenItem(
        request_id=new_request_id(), uid=uid, type=read_type(type_), station_id=station
    )
    outcomes = client.call(stub.AuthorizeTokens, AuthorizeTokensRequest(items=[item])).outcomes
    decision: Authorization = value_of(outcomes[0])
    if decision.status == Authorization.STATUS_PENDING:
        request = AwaitAuthorizationRequest(command_id=decision.command_id)
        decision = client.call(stub.AwaitAuthorization, request).authorization
    if as_json:
        print_json(as_data(decision))
    else:
        words = [enum_of(decision, "status"), decision.token.contract_id, _decided_by(decision)]
        print(": ".join(filter(None, [*words, decision.info])))
    return 0 if decision.status == Authorization.STATUS_ACCEPTED else EXIT_NO


def _decided_by(decision: Authorization) -> str:
    """Say in words who decided; OCPI's name for it, `auth_method`, tells only the initiated."""
    if not decision.token.uid:
        return "nobody we know issued this token"
    if not decision.token.partner_id:
        return "it is ours"
    if decision.auth_method == "WHITELIST":
        return f"by what {decision.token.partner_id} last told us of it"
    if decision.auth_method == "COMMAND":
        return f"{decision.token.partner_id} asked for this charge"
    return f"as {decision.token.partner_id} answered"


def read_type(text: str) -> TokenType:
    """Read a token type.

    Raises:
        CommandError: there is no such type.
    """
    found: TokenType = choose(TokenType, text, prefix="TOKEN_TYPE_", option="--type")
    return found


def _show(tokens: list[Token], *, as_json: bool) -> None:
    if as_json:
        print_json([as_data(token) for token in tokens])
        return
    print_table(
        ["owner", "uid", "type", "contract", "valid", "whitelist", "partner"],
        [
            [
                party(t.owner),
                t.uid,
                enum_of(t, "type"),
                t.contract_id,
                "yes" if t.valid else "no",
                enum_of(t, "whitelist"),
                t.partner_id,
            ]
            for t in tokens
        ],
        empty="No tokens. Add one of ours: interwatt token put UID --contract ID",
    )
