"""The statement as plain text: every part, every sum, and who pays in the end."""

from __future__ import annotations

from io import StringIO

from interwatt.common.v1.money_pb2 import Money
from interwatt.common.v1.party_pb2 import PartyId
from interwatt.settlement.v1.settlement_pb2 import Statement, StatementLine, Transfer
from rich.console import Console

from tests.demo.statement import conclusion, print_statement

OURS = PartyId(country_code="NL", party_id="IWT")
SUNRISE = PartyId(country_code="NL", party_id="SUN")


def euro(amount_e4: int) -> Money:
    return Money(currency="EUR", amount_e4=amount_e4)


def statement(*, a_owes_b: int, b_owes_a: int) -> Statement:
    part = Transfer(kind="ENERGY", description="21.9600 kWh", amount=euro(b_owes_a))
    line = StatementLine(
        debtor=SUNRISE,
        creditor=OURS,
        source="cdr/NL-IWT/1",
        description="Charge at Stationsplein 1",
        transfers=[part],
        amount=euro(b_owes_a),
    )
    return Statement(
        id="demo-1/NL-IWT/NL-SUN/EUR",
        party_a=OURS,
        party_b=SUNRISE,
        lines=[line],
        a_owes_b=euro(a_owes_b),
        b_owes_a=euro(b_owes_a),
        net=euro(a_owes_b - b_owes_a),
    )


def test_plain_text_has_parts_sum_and_net() -> None:
    text = StringIO()

    console = Console(file=text, width=80, soft_wrap=True)
    whole = statement(a_owes_b=104205, b_owes_a=126501)
    print_statement(console, whole, lambda source: [f"Because of {source}."])

    printed = text.getvalue()
    assert "NL-SUN owes NL-IWT: Charge at Stationsplein 1 (cdr/NL-IWT/1)" in printed
    assert "ENERGY       21.9600 kWh" in printed
    assert "12.6501 EUR" in printed
    assert "    Because of cdr/NL-IWT/1.\n" in printed
    assert "\x1b" not in printed
    assert printed.endswith("So NL-SUN pays NL-IWT 2.2296 EUR.\n")


def test_equal_debts_leave_nothing() -> None:
    assert conclusion(statement(a_owes_b=5, b_owes_a=5))[-1] == "Nothing is left to pay."
