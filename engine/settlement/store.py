"""The ledger, periods and statements, stored."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from engine.db.port import Transaction
from engine.db.schema import any_of
from engine.settlement import tables
from engine.settlement.model import (
    BOOK,
    Account,
    Balance,
    Book,
    Entry,
    SettlementPeriod,
    Statement,
    Transfer,
)
from engine.settlement.tables import PeriodRow, StatementRow

_LIMIT = sa.bindparam("limit", type_=sa.Integer)

_BOOK = tables.books.select().where(tables.books.c.book_id == BOOK)
_LOCK_BOOK = _BOOK.with_for_update()
_BALANCES = tables.balances.select().where(
    tables.balances.c.book_id == BOOK, any_of(tables.balances.c.account_id, "ids")
)
_ACCOUNTS = tables.accounts.select().where(
    tables.accounts.c.book_id == BOOK, any_of(tables.accounts.c.id, "ids")
)
_ENTRIES_BY_ID = tables.entries.select().where(
    tables.entries.c.book_id == BOOK, any_of(tables.entries.c.id, "ids")
)
_TRANSFERS_BY_ID = tables.transfers.select().where(
    tables.transfers.c.book_id == BOOK, any_of(tables.transfers.c.id, "ids")
)

_IN_RANGE = sa.and_(
    tables.entries.c.book_id == BOOK,
    tables.entries.c.recorded_us > sa.bindparam("after_us"),
    tables.entries.c.recorded_us <= sa.bindparam("until_us"),
)
_ENTRIES_BETWEEN = tables.entries.select().where(_IN_RANGE).order_by(tables.entries.c.recorded_us)
_TRANSFERS_BETWEEN = (
    sa.select(*tables.transfers.table.columns)
    .join(
        tables.entries.table,
        sa.and_(
            tables.entries.c.book_id == tables.transfers.c.book_id,
            tables.entries.c.id == tables.transfers.c.entry_id,
        ),
    )
    .where(_IN_RANGE)
    .order_by(tables.transfers.c.recorded_us)
)

_LAST_PERIOD = (
    tables.periods.select()
    .where(tables.periods.c.book_id == BOOK)
    .order_by(tables.periods.c.recorded_until_us.desc())
    .limit(sa.literal(1, sa.Integer))
)
_PERIODS = (
    tables.periods.select()
    .where(tables.periods.c.book_id == BOOK)
    .order_by(tables.periods.c.recorded_until_us)
)
_PERIOD_BY_ID = tables.periods.select().where(
    tables.periods.c.book_id == BOOK, tables.periods.c.id == sa.bindparam("id")
)
_STATEMENT_BODIES = (
    sa.select(tables.statements.c.body)
    .where(tables.statements.c.book_id == BOOK, any_of(tables.statements.c.id, "ids"))
    .order_by(tables.statements.c.id)
)
_STATEMENTS_AFTER = (
    sa.select(tables.statements.c.body)
    .where(tables.statements.c.book_id == BOOK, tables.statements.c.id > sa.bindparam("after"))
    .order_by(tables.statements.c.id)
    .limit(_LIMIT)
)
_STATEMENTS_OF_PERIOD_AFTER = _STATEMENTS_AFTER.where(
    tables.statements.c.period_id == sa.bindparam("period_id")
)
_TRANSFERS_AFTER = (
    tables.transfers.select()
    .where(
        tables.transfers.c.book_id == BOOK,
        tables.transfers.c.recorded_us > sa.bindparam("after_us"),
    )
    .order_by(tables.transfers.c.recorded_us)
    .limit(_LIMIT)
)
_TRANSFERS_OF_SOURCE_AFTER = _TRANSFERS_AFTER.where(
    tables.transfers.c.source == sa.bindparam("source")
)
_ACCOUNTS_AFTER = (
    sa.select(
        *tables.accounts.table.columns, tables.balances.c.debits_e4, tables.balances.c.credits_e4
    )
    .join(
        tables.balances.table,
        sa.and_(
            tables.balances.c.book_id == tables.accounts.c.book_id,
            tables.balances.c.account_id == tables.accounts.c.id,
        ),
    )
    .where(tables.accounts.c.book_id == BOOK, tables.accounts.c.id > sa.bindparam("after"))
    .order_by(tables.accounts.c.id)
    .limit(_LIMIT)
)


async def lock_book(tx: Transaction) -> Book:
    """Return the book and keep everyone else from recording in it until the commit."""
    found = tables.books.rows(await tx.fetch(_LOCK_BOOK))
    if found:
        return found[0]
    book = Book(BOOK, 0)
    await tx.insert(tables.books, [book])
    return book


async def read_book(tx: Transaction) -> Book:
    found = tables.books.rows(await tx.fetch(_BOOK))
    return found[0] if found else Book(BOOK, 0)


async def save_book(tx: Transaction, book: Book) -> None:
    await tx.update(tables.books, [book])


async def open_accounts(tx: Transaction, accounts: Sequence[Account]) -> None:
    """Add the accounts that are not there yet, each with a balance of nothing."""
    await tx.insert(tables.accounts, accounts, skip_existing=True)
    zeros = [Balance(account.book_id, account.id, 0, 0) for account in accounts]
    await tx.insert(tables.balances, zeros, skip_existing=True)


async def accounts(tx: Transaction, ids: Sequence[str]) -> dict[str, Account]:
    found = tables.accounts.rows(await tx.fetch(_ACCOUNTS, ids=list(ids)))
    return {account.id: account for account in found}


async def balances(tx: Transaction, account_ids: Sequence[str]) -> dict[str, Balance]:
    found = tables.balances.rows(await tx.fetch(_BALANCES, ids=list(account_ids)))
    return {balance.account_id: balance for balance in found}


async def entries(tx: Transaction, ids: Sequence[str]) -> dict[str, Entry]:
    found = tables.entries.rows(await tx.fetch(_ENTRIES_BY_ID, ids=list(ids)))
    return {entry.id: entry for entry in found}


async def transfers(tx: Transaction, ids: Sequence[str]) -> dict[str, Transfer]:
    found = tables.transfers.rows(await tx.fetch(_TRANSFERS_BY_ID, ids=list(ids)))
    return {transfer.id: transfer for transfer in found}


async def record(
    tx: Transaction,
    *,
    entries: Sequence[Entry],
    transfers: Sequence[Transfer],
    balances: Sequence[Balance],
) -> None:
    """Add entries with their transfers, and move the balances with them."""
    await tx.insert(tables.entries, entries)
    await tx.insert(tables.transfers, transfers)
    await tx.update(tables.balances, balances)


async def entries_between(
    tx: Transaction, after_us: int | None, until_us: int
) -> tuple[list[Entry], list[Transfer]]:
    """Return what was recorded after one instant and up to another, in that order."""
    span = {"after_us": -1 if after_us is None else after_us, "until_us": until_us}
    found = tables.entries.rows(await tx.fetch(_ENTRIES_BETWEEN, **span))
    return found, tables.transfers.rows(await tx.fetch(_TRANSFERS_BETWEEN, **span))


async def last_period(tx: Transaction) -> SettlementPeriod | None:
    found = await tx.fetch(_LAST_PERIOD)
    return _period(found[0]) if found else None


async def periods(tx: Transaction) -> list[SettlementPeriod]:
    return [_period(row) for row in await tx.fetch(_PERIODS)]


async def period_named(tx: Transaction, id_: str) -> SettlementPeriod | None:
    found = await tx.fetch(_PERIOD_BY_ID, id=id_)
    return _period(found[0]) if found else None


async def close(tx: Transaction, period: SettlementPeriod, statements: Sequence[Statement]) -> None:
    """Add a period with its statements, for ever."""
    row = PeriodRow(
        period.book_id,
        period.id,
        period.recorded_after_us,
        period.recorded_until_us,
        period.closed_us,
        msgspec.json.encode(period.statement_ids).decode(),
    )
    await tx.insert(tables.periods, [row])
    await tx.insert(
        tables.statements, [StatementRow(BOOK, s.id, s.period_id, freeze(s)) for s in statements]
    )


async def statements(tx: Transaction, ids: Sequence[str]) -> list[Statement]:
    return [thaw(body) for (body,) in await tx.fetch(_STATEMENT_BODIES, ids=list(ids))]


async def statement_bodies(tx: Transaction, ids: Sequence[str]) -> list[bytes]:
    """Return statements as they were frozen, by id."""
    return [body for (body,) in await tx.fetch(_STATEMENT_BODIES, ids=list(ids))]


async def statements_after(
    tx: Transaction, after: str, limit: int, period_id: str
) -> list[Statement]:
    if period_id:
        found = await tx.fetch(
            _STATEMENTS_OF_PERIOD_AFTER, after=after, limit=limit, period_id=period_id
        )
    else:
        found = await tx.fetch(_STATEMENTS_AFTER, after=after, limit=limit)
    return [thaw(body) for (body,) in found]


def freeze(statement: Statement) -> bytes:
    """Write a statement in the one way it is kept."""
    return msgspec.msgpack.encode(statement)


def thaw(body: bytes) -> Statement:
    return msgspec.msgpack.decode(body, type=Statement)


def _period(row: tuple[object, ...]) -> SettlementPeriod:
    stored = PeriodRow(*row)  # type: ignore[arg-type]
    ids = msgspec.json.decode(stored.statement_ids_json, type=tuple[str, ...])
    return SettlementPeriod(
        stored.book_id,
        stored.id,
        stored.recorded_after_us,
        stored.recorded_until_us,
        stored.closed_us,
        ids,
    )


async def transfers_after(
    tx: Transaction, after_us: int, limit: int, source: str
) -> list[Transfer]:
    if source:
        found = await tx.fetch(
            _TRANSFERS_OF_SOURCE_AFTER, after_us=after_us, limit=limit, source=source
        )
    else:
        found = await tx.fetch(_TRANSFERS_AFTER, after_us=after_us, limit=limit)
    return tables.transfers.rows(found)


async def accounts_after(tx: Transaction, after: str, limit: int) -> list[tuple[Account, Balance]]:
    found = await tx.fetch(_ACCOUNTS_AFTER, after=after, limit=limit)
    return [(Account(*row[:-2]), Balance(row[0], row[1], row[-2], row[-1])) for row in found]
