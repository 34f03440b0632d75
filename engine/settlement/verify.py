"""Recomputing the book from its transfers. Each check is an invariant of `engine.settlement`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import msgspec
import sqlalchemy as sa

from engine.cdrs.store import POSTED_SUBJECTS
from engine.db.port import Transaction
from engine.kernel.money import decimal_text
from engine.settlement import store, tables
from engine.settlement.model import BOOK
from engine.settlement.statements import make_statements
from engine.settlement.tables import accounts, balances, entries, transfers

_WORST = 20
"""This many of a kind are enough to see that an invariant does not hold."""


class Verification(msgspec.Struct, frozen=True):
    """What was read, and a sentence for each breach found."""

    transfers: int
    entries: int
    violations: tuple[str, ...]


async def verify(tx: Transaction) -> Verification:
    """Check every invariant on one consistent view."""
    [(transfer_count, entry_count)] = await tx.fetch(_COUNTS)
    violations = [
        f"Invariant {number}: {sentence}"
        for number, check in enumerate(_CHECKS, start=1)
        for sentence in await check(tx)
    ]
    return Verification(transfer_count, entry_count, tuple(violations))


def _count(table: sa.Table) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .select_from(table)
        .where(table.c.book_id == BOOK)
        .scalar_subquery()
    )


def _sum(amount: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.coalesce(sa.func.sum(amount), 0), sa.BigInteger)


_COUNTS = sa.select(_count(transfers.table), _count(entries.table))

_OF_ACCOUNT = sa.and_(
    balances.c.book_id == accounts.c.book_id, balances.c.account_id == accounts.c.id
)
_UNBALANCED = (
    sa.select(accounts.c.currency, _sum(balances.c.debits_e4), _sum(balances.c.credits_e4))
    .join(balances.table, _OF_ACCOUNT)
    .where(accounts.c.book_id == BOOK)
    .group_by(accounts.c.currency)
    .having(_sum(balances.c.debits_e4) != _sum(balances.c.credits_e4))
    .order_by(accounts.c.currency)
)


def _moved(side: sa.Column[str], name: str) -> sa.Subquery:
    return (
        sa.select(side.label("account_id"), _sum(transfers.c.amount_e4).label("e4"))
        .where(transfers.c.book_id == BOOK)
        .group_by(side)
        .subquery(name)
    )


_DEBITED = _moved(transfers.c.debit_account_id, "debited")
_CREDITED = _moved(transfers.c.credit_account_id, "credited")
_DEBITS = sa.func.coalesce(_DEBITED.c.e4, 0)
_CREDITS = sa.func.coalesce(_CREDITED.c.e4, 0)
_WRONG_BALANCES = (
    sa.select(balances.c.account_id, balances.c.debits_e4, _DEBITS, balances.c.credits_e4, _CREDITS)
    .outerjoin(_DEBITED, _DEBITED.c.account_id == balances.c.account_id)
    .outerjoin(_CREDITED, _CREDITED.c.account_id == balances.c.account_id)
    .where(
        balances.c.book_id == BOOK,
        sa.or_(balances.c.debits_e4 != _DEBITS, balances.c.credits_e4 != _CREDITS),
    )
    .order_by(balances.c.account_id)
    .limit(_WORST)
)

_DEBIT = accounts.table.alias("debit_account")
_CREDIT = accounts.table.alias("credit_account")
_DEBIT_OF = sa.and_(
    _DEBIT.c.book_id == transfers.c.book_id, _DEBIT.c.id == transfers.c.debit_account_id
)
_CREDIT_OF = sa.and_(
    _CREDIT.c.book_id == transfers.c.book_id, _CREDIT.c.id == transfers.c.credit_account_id
)
_WRONG_CURRENCIES = (
    sa.select(transfers.c.id)
    .outerjoin(_DEBIT, _DEBIT_OF)
    .outerjoin(_CREDIT, _CREDIT_OF)
    .where(
        transfers.c.book_id == BOOK,
        sa.or_(
            sa.func.coalesce(_DEBIT.c.currency, "") != transfers.c.currency,
            sa.func.coalesce(_CREDIT.c.currency, "") != transfers.c.currency,
        ),
    )
    .order_by(transfers.c.id)
    .limit(_WORST)
)

# From receivable (1...) to payable (2...) is forward: the eMSP owes more. The other way takes back.
_FORWARD = sa.case(
    (_DEBIT.c.code < _CREDIT.c.code, transfers.c.amount_e4), else_=-transfers.c.amount_e4
)
_OF_ENTRY = sa.and_(transfers.c.book_id == entries.c.book_id, transfers.c.entry_id == entries.c.id)
_WRONG_SUMS = (
    sa.select(entries.c.source, entries.c.amount_e4, _sum(_FORWARD))
    .select_from(entries.table)
    .outerjoin(transfers.table, _OF_ENTRY)
    .outerjoin(_DEBIT, _DEBIT_OF)
    .outerjoin(_CREDIT, _CREDIT_OF)
    .where(entries.c.book_id == BOOK)
    .group_by(entries.c.source, entries.c.amount_e4, entries.c.transfers)
    .having(
        sa.or_(
            _sum(_FORWARD) != entries.c.amount_e4,
            sa.func.count(transfers.c.id) != entries.c.transfers,
        )
    )
    .order_by(entries.c.source)
    .limit(_WORST)
)

_POSTED = POSTED_SUBJECTS.subquery("posted")
_SOURCES = sa.select(entries.c.source).where(entries.c.book_id == BOOK)
_POSTED_WITHOUT_ENTRY = (
    sa.select(_POSTED.c.subject)
    .where(_POSTED.c.subject.not_in(_SOURCES))
    .order_by(_POSTED.c.subject)
    .limit(_WORST)
)
_ENTRY_WITHOUT_POSTED = (
    _SOURCES.where(entries.c.source.startswith("cdr/"), entries.c.source.not_in(POSTED_SUBJECTS))
    .order_by(entries.c.source)
    .limit(_WORST)
)

_MISPLACED_TRANSFERS = (
    sa.select(transfers.c.id)
    .outerjoin(entries.table, _OF_ENTRY)
    .where(
        transfers.c.book_id == BOOK,
        sa.or_(
            entries.c.id.is_(None),
            transfers.c.recorded_us != entries.c.recorded_us + transfers.c.seq,
        ),
    )
    .order_by(transfers.c.id)
    .limit(_WORST)
)
_IN_ORDER = (
    sa.select(
        entries.c.source,
        entries.c.recorded_us,
        sa.func.lag(entries.c.recorded_us + entries.c.transfers)
        .over(order_by=entries.c.recorded_us)
        .label("free_from_us"),
    )
    .where(entries.c.book_id == BOOK)
    .subquery("in_order")
)
_INTERLEAVED = (
    sa.select(_IN_ORDER.c.source)
    .where(_IN_ORDER.c.recorded_us < _IN_ORDER.c.free_from_us)
    .order_by(_IN_ORDER.c.recorded_us)
    .limit(_WORST)
)
_AHEAD_OF_BOOK = (
    sa.select(entries.c.source)
    .join(tables.books.table, tables.books.c.book_id == entries.c.book_id)
    .where(entries.c.book_id == BOOK, entries.c.recorded_us > tables.books.c.recorded_us)
    .order_by(entries.c.recorded_us)
    .limit(_WORST)
)


async def _debits_equal_credits(tx: Transaction) -> list[str]:
    return [
        f"{currency} debits are {decimal_text(debits)}, credits {decimal_text(credits)}."
        for currency, debits, credits in await tx.fetch(_UNBALANCED)
    ]


async def _balances_are_sums(tx: Transaction) -> list[str]:
    return [
        f"account {id_} has debits {decimal_text(debits)} and credits {decimal_text(credits)}, "
        f"its transfers sum to {decimal_text(debited)} and {decimal_text(credited)}."
        for id_, debits, debited, credits, credited in await tx.fetch(_WRONG_BALANCES)
    ]


async def _transfers_share_a_currency(tx: Transaction) -> list[str]:
    return [
        f"transfer {id_} is not in the currency of its accounts."
        for (id_,) in await tx.fetch(_WRONG_CURRENCIES)
    ]


async def _entries_sum(tx: Transaction) -> list[str]:
    return [
        f"the entry of {source} is for {decimal_text(amount)}, "
        f"its transfers sum to {decimal_text(found)}."
        for source, amount, found in await tx.fetch(_WRONG_SUMS)
    ]


async def _posted_cdrs_have_entries(tx: Transaction) -> list[str]:
    return [
        f"{subject} is POSTED and has no entry."
        for (subject,) in await tx.fetch(_POSTED_WITHOUT_ENTRY)
    ] + [
        f"{source} has an entry and is not POSTED."
        for (source,) in await tx.fetch(_ENTRY_WITHOUT_POSTED)
    ]


async def _recorded_increases(tx: Transaction) -> list[str]:
    return [
        *(
            f"transfer {id_} is not where its entry is in the book's order."
            for (id_,) in await tx.fetch(_MISPLACED_TRANSFERS)
        ),
        *(
            f"the entry of {source} was recorded inside the one before it."
            for (source,) in await tx.fetch(_INTERLEAVED)
        ),
        *(
            f"the entry of {source} was recorded after the book's last instant."
            for (source,) in await tx.fetch(_AHEAD_OF_BOOK)
        ),
    ]


async def _periods_follow(tx: Transaction) -> list[str]:
    breaches: list[str] = []
    previous: int | None = None
    for period in await store.periods(tx):
        if period.recorded_after_us != previous:
            breaches.append(f"period {period.id} does not begin where the one before it ended.")
        previous = period.recorded_until_us
        entries_found, _ = await store.entries_between(
            tx, period.recorded_after_us, period.recorded_until_us
        )
        on_statements = sorted(
            line.source
            for statement in await store.statements(tx, period.statement_ids)
            for line in statement.lines
        )
        breaches += _difference(period.id, (entry.source for entry in entries_found), on_statements)
    return breaches


def _difference(period_id: str, recorded: Iterable[str], shown: list[str]) -> list[str]:
    if sorted(recorded) == shown:
        return []
    return [f"the statements of period {period_id} do not hold each of its entries once."]


async def _statements_are_unchanged(tx: Transaction) -> list[str]:
    breaches: list[str] = []
    for period in await store.periods(tx):
        recorded = await store.entries_between(
            tx, period.recorded_after_us, period.recorded_until_us
        )
        made = make_statements(period.id, *recorded, closed_us=period.closed_us)
        expected = {statement.id: store.freeze(statement) for statement in made}
        stored = await store.statement_bodies(tx, period.statement_ids)
        if sorted(expected.values()) != sorted(stored):
            breaches.append(f"the statements of period {period.id} differ from its entries.")
    return breaches


_CHECKS: tuple[Callable[[Transaction], Awaitable[list[str]]], ...] = (
    _debits_equal_credits,
    _balances_are_sums,
    _transfers_share_a_currency,
    _entries_sum,
    _posted_cdrs_have_entries,
    _recorded_increases,
    _periods_follow,
    _statements_are_unchanged,
)
