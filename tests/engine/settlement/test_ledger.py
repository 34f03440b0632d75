"""Posting: what is refused, what is recorded, and that the book balances whatever comes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given

from engine.cdrs.model import Cdr
from engine.kernel.clock import Micros
from engine.settlement.ledger import LedgerState, compare
from engine.settlement.model import (
    MAX_E4,
    Balance,
    Book,
    LedgerHaltedError,
    Posting,
    Result,
    Transfer,
)
from engine.settlement.parts import posting
from tests.engine.cdrs.builders import make_cdr
from tests.engine.settlement.strategies import batches

NOW = Micros(1_000)


def state_for(*postings: Posting, recorded_us: int = 0) -> LedgerState:
    accounts = {account.id: account for made in postings for account in made.accounts}
    return LedgerState(
        book=Book("main", recorded_us),
        accounts=accounts,
        balances={id_: Balance("main", id_, 0, 0) for id_ in accounts},
        entries={},
        transfers={},
    )


@given(batches())
def test_invariants_1_and_2_debits_equal_credits_and_balances_are_sums(found: list[Cdr]) -> None:
    postings = [posting(cdr) for cdr in found]
    state = state_for(*postings)
    for made in postings:
        state.apply(made, NOW)
    debits: Counter[str] = Counter()
    credits: Counter[str] = Counter()
    for transfer in state.new_transfers:
        debits[transfer.debit_account_id] += transfer.amount_e4
        credits[transfer.credit_account_id] += transfer.amount_e4
    for id_, balance in state.balances.items():
        assert (balance.debits_e4, balance.credits_e4) == (debits[id_], credits[id_])
    for currency in ("EUR", "SEK"):
        of_currency = [b for id_, b in state.balances.items() if id_.endswith(currency)]
        assert sum(b.debits_e4 - b.credits_e4 for b in of_currency) == 0


@given(batches())
def test_invariant_6_recorded_instants_strictly_increase(found: list[Cdr]) -> None:
    state = state_for(*(posting(cdr) for cdr in found), recorded_us=5_000)
    entries = [state.apply(posting(cdr), NOW) for cdr in found]
    recorded = [transfer.recorded_us for transfer in state.new_transfers]
    assert recorded == sorted(set(recorded))
    starts = [entry.recorded_us for entry in entries if entry]
    assert starts == sorted(set(starts))
    assert all(5_000 < at <= state.book.recorded_us for at in [*recorded, *starts])


@given(batches())
def test_same_posting_again_changes_nothing(found: list[Cdr]) -> None:
    postings = [posting(cdr) for cdr in found]
    state = state_for(*postings)
    for made in postings:
        assert state.apply(made, NOW) is not None
    before = (dict(state.balances), len(state.new_transfers), state.book)
    for made in postings:
        assert state.apply(made, NOW) is None
    assert (dict(state.balances), len(state.new_transfers), state.book) == before


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": ""}, Result.ID_MUST_NOT_BE_EMPTY),
        ({"amount_e4": 0}, Result.AMOUNT_MUST_BE_ABOVE_ZERO),
        ({"id": "", "amount_e4": 0}, Result.ID_MUST_NOT_BE_EMPTY),
        ({"credit_account_id": "1100/NL-IWT/NL-SUN/EUR"}, Result.ACCOUNTS_MUST_DIFFER),
        ({"debit_account_id": "x"}, Result.DEBIT_ACCOUNT_NOT_FOUND),
        ({"credit_account_id": "x"}, Result.CREDIT_ACCOUNT_NOT_FOUND),
        ({"debit_account_id": "x", "credit_account_id": "y"}, Result.DEBIT_ACCOUNT_NOT_FOUND),
        ({"currency": "SEK"}, Result.TRANSFER_MUST_SHARE_THE_ACCOUNTS_CURRENCY),
        ({"amount_e4": MAX_E4}, Result.OVERFLOWS_DEBITS),
        ({}, Result.OK),
    ],
)
def test_first_fault_in_the_order_of_the_codes_is_found(
    changes: dict[str, Any], expected: Result
) -> None:
    made = posting(make_cdr())
    state = state_for(made)
    account = state.balances[made.accounts[0].id]
    state.balances[account.account_id] = msgspec.structs.replace(account, debits_e4=1)
    transfer = msgspec.structs.replace(made.transfers[0], **changes)
    assert state.judge(transfer) is expected


def test_accounts_of_two_currencies_are_never_joined() -> None:
    euros, kronor = posting(make_cdr()), posting(make_cdr(currency="SEK"))
    transfer = msgspec.structs.replace(
        euros.transfers[0], credit_account_id=kronor.transfers[0].credit_account_id
    )
    assert state_for(euros, kronor).judge(transfer) is Result.ACCOUNTS_MUST_SHARE_A_CURRENCY


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"entry_id": "other"}, Result.EXISTS_WITH_DIFFERENT_ENTRY),
        ({"debit_account_id": "other"}, Result.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT),
        ({"credit_account_id": "other"}, Result.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT),
        ({"amount_e4": 7}, Result.EXISTS_WITH_DIFFERENT_AMOUNT),
        ({"currency": "SEK"}, Result.EXISTS_WITH_DIFFERENT_CURRENCY),
        ({"kind": "FLAT"}, Result.EXISTS_WITH_DIFFERENT_KIND),
        ({"effective_us": 1}, Result.EXISTS_WITH_DIFFERENT_EFFECTIVE_TIME),
        ({"description": "in other words", "recorded_us": 9}, Result.EXISTS),
    ],
)
def test_transfer_that_comes_again_is_compared(changes: dict[str, Any], expected: Result) -> None:
    known: Transfer = posting(make_cdr()).transfers[0]
    assert compare(known, msgspec.structs.replace(known, **changes)) is expected


def test_posting_under_a_known_id_with_another_amount_halts() -> None:
    made = posting(make_cdr())
    state = state_for(made)
    state.apply(made, NOW)
    first = msgspec.structs.replace(made.transfers[0], amount_e4=1)
    other = msgspec.structs.replace(made, transfers=(first, *made.transfers[1:]))
    with pytest.raises(LedgerHaltedError) as halted:
        state.apply(other, NOW)
    assert halted.value.result is Result.EXISTS_WITH_DIFFERENT_AMOUNT


def test_overflow_by_the_sum_of_an_entry_halts() -> None:
    made = posting(make_cdr())
    state = state_for(made)
    id_ = made.accounts[0].id
    room = MAX_E4 - made.transfers[0].amount_e4
    state.balances[id_] = Balance("main", id_, room, 0)
    with pytest.raises(LedgerHaltedError) as halted:
        state.apply(made, NOW)
    assert halted.value.result is Result.OVERFLOWS_DEBITS
