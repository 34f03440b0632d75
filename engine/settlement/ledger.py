"""Posting to the ledger: what a transfer must be, and writing many at once.

A posting is refused whole or recorded whole. The same posting again changes nothing; another under
the same id can only be a mistake of ours, and halts the poster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from engine.db.port import Transaction
from engine.kernel.clock import Micros
from engine.settlement import store
from engine.settlement.model import (
    MAX_E4,
    Account,
    Balance,
    Book,
    Entry,
    LedgerHaltedError,
    Posting,
    Result,
    Transfer,
)


async def post(tx: Transaction, postings: Sequence[Posting], now: Micros) -> list[Entry]:
    """Record postings in the book, in order; returns the entries that are new, as recorded.

    Raises:
        LedgerHaltedError: one of them cannot be right; nothing of any was recorded.
    """
    book = await store.lock_book(tx)
    needed = {account.id: account for posting in postings for account in posting.accounts}
    await store.open_accounts(tx, list(needed.values()))
    state = LedgerState(
        book=book,
        accounts=await store.accounts(tx, sorted(needed)),
        balances=await store.balances(tx, sorted(needed)),
        entries=await store.entries(tx, [posting.entry.id for posting in postings]),
        transfers=await store.transfers(
            tx, [transfer.id for posting in postings for transfer in posting.transfers]
        ),
    )
    recorded = [entry for posting in postings if (entry := state.apply(posting, now)) is not None]
    if recorded:
        await store.record(
            tx,
            entries=recorded,
            transfers=state.new_transfers,
            balances=[state.balances[id_] for id_ in sorted(state.moved)],
        )
        await store.save_book(tx, state.book)
    return recorded


@dataclass(slots=True)
class LedgerState:
    """What of the ledger a batch of postings touches, and what the batch makes of it."""

    book: Book
    accounts: Mapping[str, Account]
    balances: dict[str, Balance]
    entries: dict[str, Entry]
    transfers: dict[str, Transfer]
    new_transfers: list[Transfer] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)

    def apply(self, posting: Posting, now: Micros) -> Entry | None:
        """Record one posting; nothing when it is there already.

        Raises:
            LedgerHaltedError: it cannot be right.
        """
        results = [self.judge(transfer) for transfer in posting.transfers]
        known = self.entries.get(posting.entry.id)
        for transfer, result in zip(posting.transfers, results, strict=True):
            expected = Result.OK if known is None else Result.EXISTS
            if result is not expected:
                fault = result if result is not Result.OK else Result.LINKED_TRANSFER_FAILED
                raise LedgerHaltedError(fault, transfer.id, posting.entry.source)
        if known is not None:
            if _facts(known) != _facts(posting.entry):
                raise LedgerHaltedError(
                    Result.EXISTS_WITH_DIFFERENT_ENTRY, posting.entry.id, posting.entry.source
                )
            return None
        return self._record(posting, now)

    def judge(self, transfer: Transfer) -> Result:
        """Return the first fault of a transfer, in the order of `Result`."""
        fault = _malformed(transfer)
        if fault is not Result.OK:
            return fault
        debit = self.accounts.get(transfer.debit_account_id)
        credit = self.accounts.get(transfer.credit_account_id)
        if debit is None:
            return Result.DEBIT_ACCOUNT_NOT_FOUND
        if credit is None:
            return Result.CREDIT_ACCOUNT_NOT_FOUND
        if debit.currency != credit.currency:
            return Result.ACCOUNTS_MUST_SHARE_A_CURRENCY
        if transfer.currency != debit.currency:
            return Result.TRANSFER_MUST_SHARE_THE_ACCOUNTS_CURRENCY
        known = self.transfers.get(transfer.id)
        return self._overflow(transfer) if known is None else compare(known, transfer)

    def _overflow(self, transfer: Transfer) -> Result:
        if self.balances[transfer.debit_account_id].debits_e4 + transfer.amount_e4 > MAX_E4:
            return Result.OVERFLOWS_DEBITS
        if self.balances[transfer.credit_account_id].credits_e4 + transfer.amount_e4 > MAX_E4:
            return Result.OVERFLOWS_CREDITS
        return Result.OK

    def _record(self, posting: Posting, now: Micros) -> Entry:
        first_us = self.book.next_us(now)
        last_us = first_us + max(len(posting.transfers), 1) - 1
        self.book = msgspec.structs.replace(self.book, recorded_us=last_us)
        entry = msgspec.structs.replace(posting.entry, recorded_us=first_us)
        self.entries[entry.id] = entry
        for transfer in posting.transfers:
            recorded = msgspec.structs.replace(transfer, recorded_us=first_us + transfer.seq)
            fault = self._overflow(recorded)
            if fault is not Result.OK:
                raise LedgerHaltedError(fault, recorded.id, recorded.source)
            self.transfers[recorded.id] = recorded
            self.new_transfers.append(recorded)
            self._move(recorded)
        return entry

    def _move(self, transfer: Transfer) -> None:
        debit = self.balances[transfer.debit_account_id]
        self.balances[debit.account_id] = msgspec.structs.replace(
            debit, debits_e4=debit.debits_e4 + transfer.amount_e4
        )
        credit = self.balances[transfer.credit_account_id]
        self.balances[credit.account_id] = msgspec.structs.replace(
            credit, credits_e4=credit.credits_e4 + transfer.amount_e4
        )
        self.moved |= {debit.account_id, credit.account_id}


def compare(known: Transfer, again: Transfer) -> Result:
    """Return whether a transfer that has come again is the one we know."""
    facts = (
        ("entry_id", Result.EXISTS_WITH_DIFFERENT_ENTRY),
        ("debit_account_id", Result.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT),
        ("credit_account_id", Result.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT),
        ("amount_e4", Result.EXISTS_WITH_DIFFERENT_AMOUNT),
        ("currency", Result.EXISTS_WITH_DIFFERENT_CURRENCY),
        ("kind", Result.EXISTS_WITH_DIFFERENT_KIND),
        ("effective_us", Result.EXISTS_WITH_DIFFERENT_EFFECTIVE_TIME),
    )
    for name, result in facts:
        if getattr(known, name) != getattr(again, name):
            return result
    return Result.EXISTS


def _malformed(transfer: Transfer) -> Result:
    if not transfer.id:
        return Result.ID_MUST_NOT_BE_EMPTY
    if transfer.amount_e4 <= 0:
        return Result.AMOUNT_MUST_BE_ABOVE_ZERO
    if transfer.debit_account_id == transfer.credit_account_id:
        return Result.ACCOUNTS_MUST_DIFFER
    return Result.OK


def _facts(entry: Entry) -> Entry:
    """Return what must not differ when an entry comes again; its words may."""
    return msgspec.structs.replace(entry, recorded_us=0, description="")
