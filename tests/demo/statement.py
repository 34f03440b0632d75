"""Print a settlement statement: who owes whom how much, and why, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from interwatt.common.v1.money_pb2 import Money
from interwatt.common.v1.party_pb2 import PartyId
from interwatt.settlement.v1.settlement_pb2 import Statement, StatementLine
from rich.console import Console
from rich.table import Table

Explain = Callable[[str], Iterable[str]]
_WIDTHS = (12, 44, 14)


def print_statement(console: Console, statement: Statement, explain: Explain) -> None:
    """Print it as tables on a terminal, as plain text elsewhere; `explain` says why of a line."""
    console.print(f"\nStatement {statement.id}", style="bold", highlight=False, markup=False)
    for line in statement.lines:
        console.print(f"\n{_heading(line)}", highlight=False, markup=False)
        if console.is_terminal:
            console.print(_table(line))
        else:
            _print_plain(console, line)
        for sentence in explain(line.source):
            console.print(f"    {sentence}", style="dim", highlight=False, markup=False)
    console.print()
    for sentence in conclusion(statement):
        console.print(sentence, style="bold", highlight=False, markup=False)


def conclusion(statement: Statement) -> list[str]:
    """Say who owes whom, and what is left to pay."""
    a, b = party(statement.party_a), party(statement.party_b)
    sentences = [
        f"{b} owes {a} {money(statement.b_owes_a)}.",
        f"{a} owes {b} {money(statement.a_owes_b)}.",
    ]
    net = statement.net.amount_e4
    left = money(Money(currency=statement.net.currency, amount_e4=abs(net)))
    if net == 0:
        return [*sentences, "Nothing is left to pay."]
    debtor, creditor = (a, b) if net > 0 else (b, a)
    return [*sentences, f"So {debtor} pays {creditor} {left}."]


def money(amount: Money) -> str:
    """Write an amount with its four decimals."""
    return f"{Decimal(amount.amount_e4).scaleb(-4):.4f} {amount.currency}"


def party(value: PartyId) -> str:
    """Write a party as "NL-IWT"."""
    return f"{value.country_code}-{value.party_id}"


def _heading(line: StatementLine) -> str:
    return f"{party(line.debtor)} owes {party(line.creditor)}: {line.description} ({line.source})"


def _rows(line: StatementLine) -> list[tuple[str, str, str]]:
    rows = [(part.kind, part.description, money(part.amount)) for part in line.transfers]
    return [*rows, ("", "Sum", money(line.amount))]


def _table(line: StatementLine) -> Table:
    table = Table("For", "Why", box=None, padding=(0, 2))
    table.add_column("Amount", justify="right")
    for row in _rows(line):
        table.add_row(*row, style="bold" if not row[0] else None)
    return table


def _print_plain(console: Console, line: StatementLine) -> None:
    for kind, why, amount in _rows(line):
        text = f"  {kind:<{_WIDTHS[0]}} {why:<{_WIDTHS[1]}} {amount:>{_WIDTHS[2]}}"
        console.print(text, highlight=False, markup=False)
