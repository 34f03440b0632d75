"""Statements hold every entry once and say who owes whom."""

from __future__ import annotations

from hypothesis import given

from engine.cdrs.model import Cdr, CdrToken
from engine.kernel.clock import Micros
from engine.kernel.party import PartyKey
from engine.settlement.model import Entry, Statement
from engine.settlement.parts import posting
from engine.settlement.statements import make_statements
from tests.engine.cdrs.builders import CPO, EMSP, credit_of, make_cdr
from tests.engine.settlement.strategies import batches
from tests.engine.settlement.test_ledger import state_for

NOW = Micros(1_000)


def statements_of(found: list[Cdr]) -> tuple[list[Statement], list[Entry]]:
    state = state_for(*(posting(cdr) for cdr in found))
    entries = [entry for cdr in found if (entry := state.apply(posting(cdr), NOW))]
    return make_statements("P", entries, state.new_transfers, closed_us=9), entries


@given(batches())
def test_invariant_7_statements_partition_entries(found: list[Cdr]) -> None:
    statements, entries = statements_of(found)
    shown = [line.source for statement in statements for line in statement.lines]
    assert sorted(shown) == sorted(entry.source for entry in entries)
    assert len({(s.party_a, s.party_b, s.currency) for s in statements}) == len(statements)
    assert all(s.party_a <= s.party_b for s in statements)


@given(batches())
def test_net_is_what_the_entries_move_between_the_parties(found: list[Cdr]) -> None:
    statements, entries = statements_of(found)
    for statement in statements:
        a, b = statement.party_a, statement.party_b
        owed = sum(
            entry.amount_e4 * ((entry.debtor == a) - (entry.debtor == b))
            for entry in entries
            if {entry.debtor, entry.creditor} == {a, b} and entry.currency == statement.currency
        )
        assert statement.net_e4 == owed
        assert all(line.amount_e4 >= 0 for line in statement.lines)


def test_charges_both_ways_meet_on_one_statement() -> None:
    there = make_cdr(id="A")
    back = make_cdr(id="B", owner=EMSP, token=CdrToken(CPO, "T", "RFID", "C", "WHITELIST"))
    [statement], _ = statements_of([there, back, credit_of(there)])
    assert (statement.party_a, statement.party_b) == (EMSP, CPO)
    assert (statement.a_owes_b_e4, statement.b_owes_a_e4, statement.net_e4) == (
        124_025,
        248_050,
        -124_025,
    )
    assert [line.debtor for line in statement.lines] == [EMSP, CPO, CPO]


def test_charge_of_a_party_at_its_own_station_nets_to_nothing() -> None:
    own = make_cdr(token=CdrToken(PartyKey(CPO), "T", "RFID", "C", "WHITELIST"))
    [statement], _ = statements_of([own])
    assert statement.net_e4 == 0
    assert len(statement.lines) == 1
