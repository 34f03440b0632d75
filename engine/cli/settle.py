"""`interwatt settle`: the ledger, who owes whom how much, and why."""

from __future__ import annotations

from typing import Annotated

import typer
from interwatt.common.v1.party_pb2 import PartyId
from interwatt.settlement.v1.settlement_pb2 import Statement
from interwatt.settlement.v1.settlement_service_pb2 import (
    ClosePeriodRequest,
    GetStatementRequest,
    ListStatementsRequest,
    VerifyLedgerRequest,
)
from interwatt.settlement.v1.settlement_service_pb2_grpc import SettlementServiceStub

from engine.cli.app import new_app
from engine.cli.client import Client, new_request_id
from engine.cli.errors import EXIT_NO, AnswerIsNo
from engine.cli.output import as_data, money, party, print_json, print_table, when
from engine.cli.shell_command import Limit, command
from engine.kernel.money import decimal_text

app = new_app(help="The ledger: who owes whom how much, and why.")

_LONG_S = 300.0


@command(app, "close", example="interwatt settle close 2026-11 --dry-run")
def close(
    client: Client,
    period: Annotated[str, typer.Argument(metavar="PERIOD", help='A new name, e.g. "2026-11".')],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what closing would give; close nothing.")
    ] = False,
    as_json: bool = False,
) -> None:
    """Close a settlement period.

    Seals what was posted since the last close, and prints a statement for each pair of parties.
    Where nothing was posted, nothing is closed and the name stays free: ends with 1.
    """
    stub = client.stub(SettlementServiceStub)
    request = ClosePeriodRequest(period_id=period, validate_only=True)
    closed = client.call(stub.ClosePeriod, request, _LONG_S)
    if not closed.statements:
        raise AnswerIsNo(f"Nothing was posted since the last close; {period} was not closed.")
    if not dry_run:
        request = ClosePeriodRequest(request_id=new_request_id(), period_id=period)
        closed = client.call(stub.ClosePeriod, request, _LONG_S)
    if as_json:
        print_json(as_data(closed))
        return
    done = "would be closed" if dry_run else "is closed"
    count = len(closed.statements)
    print(f"Period {closed.period.id} {done}: {count} statement{'' if count == 1 else 's'}.")
    for statement in closed.statements:
        print()
        _print_statement(statement)


@command(app, "statement", example="interwatt settle statement 2026-11/NL-IWT/NL-SUN/EUR")
def statement(
    client: Client,
    id_: Annotated[
        str, typer.Argument(metavar="STATEMENT", help="Its id; see interwatt settle list.")
    ],
    *,
    as_json: bool = False,
) -> None:
    """Print a statement, line by line."""
    request = GetStatementRequest(statement_id=id_)
    found = client.call(client.stub(SettlementServiceStub).GetStatement, request).statement
    if as_json:
        print_json(as_data(found))
    else:
        _print_statement(found)


@command(app, "list", example="interwatt settle list --period 2026-11")
def list_(
    client: Client,
    *,
    period: Annotated[
        str, typer.Option("--period", metavar="PERIOD", help="Only this period's.")
    ] = "",
    limit: Limit = 100,
    as_json: bool = False,
) -> None:
    """List statements."""
    request = ListStatementsRequest(period_id=period)
    stub = client.stub(SettlementServiceStub)
    found = list(client.pages(stub.ListStatements, request, "statements", limit))
    if as_json:
        print_json([as_data(statement) for statement in found])
        return
    print_table(
        ["statement", "lines", "result", "closed"],
        [[s.id, str(len(s.lines)), _result(s), when(s.closed_at)] for s in found],
        empty="No statements yet. Close a period: interwatt settle close NAME",
    )


@command(app, "verify", example="interwatt settle verify")
def verify(client: Client, *, as_json: bool = False) -> int:
    """Recompute the ledger from its transfers and compare.

    Ends with 1 when something does not hold.
    """
    stub = client.stub(SettlementServiceStub)
    found = client.call(stub.VerifyLedger, VerifyLedgerRequest(), _LONG_S)
    if as_json:
        print_json(as_data(found))
    else:
        print(f"{found.transfers} transfers in {found.entries} entries read.")
        print("\n".join(found.violations) or "Everything holds.")
    return EXIT_NO if found.violations else 0


def _print_statement(found: Statement) -> None:
    print(f"Statement {found.id}")
    for line in found.lines:
        print()
        print(f"  {line.description}")
        print(f"  {line.source}: {_owes(line.debtor, line.creditor)} {money(line.amount)}")
        for part in line.transfers:
            amount = decimal_text(part.amount.amount_e4)
            print(f"    {part.kind:<14} {amount:>14}  {part.description}".rstrip())
    print()
    a, b = found.party_a, found.party_b
    if a != b:
        print(f"  {_owes(a, b)} {money(found.a_owes_b)}")
        print(f"  {_owes(b, a)} {money(found.b_owes_a)}")
    print(f"  In all, {_result(found)}.")


def _result(found: Statement) -> str:
    a, b, net = found.party_a, found.party_b, found.net
    if not net.amount_e4:
        return "nobody owes anything"
    debtor, creditor = (a, b) if net.amount_e4 > 0 else (b, a)
    return f"{_owes(debtor, creditor)} {decimal_text(abs(net.amount_e4))} {net.currency}"


def _owes(debtor: PartyId, creditor: PartyId) -> str:
    return f"{party(debtor)} owes {party(creditor)}"
