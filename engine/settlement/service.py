"""Closing settlement periods and reading the book."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from engine.db.idempotency import run_once
from engine.db.port import Database, NewEvent, Transaction
from engine.kernel.errors import AlreadyExists, EngineError, NotFound
from engine.kernel.outcome import Outcome, Request, require
from engine.kernel.paging import Page, make_page, page_size, read_position
from engine.settlement import store
from engine.settlement.model import BOOK, Account, Balance, SettlementPeriod, Statement, Transfer
from engine.settlement.statements import make_statements
from engine.settlement.verify import Verification, verify

_PERIOD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class ClosePeriod(msgspec.Struct, frozen=True):
    """Seal what was recorded so far, under a name of its own."""

    period_id: str


def read_close(period_id: str) -> ClosePeriod:
    """Check the name of a period.

    Raises:
        InvalidArgument: it cannot be one.
    """
    require(
        _PERIOD_ID.fullmatch(period_id),
        "period_id",
        "1 to 64 characters of A-Z, a-z, 0-9, ., _ and -, beginning with a letter or digit",
    )
    return ClosePeriod(period_id)


class SettlementService:
    """Keeps the book's periods."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def close(self, asked: Request[ClosePeriod]) -> Outcome[SettlementPeriod]:
        """Seal what was recorded and not sealed yet, with a statement a pair and currency."""

        async def handle(
            tx: Transaction, closes: Sequence[ClosePeriod]
        ) -> Sequence[SettlementPeriod | EngineError]:
            return [await self._close(tx, closes[0].period_id)]

        [outcome] = await run_once(
            self._database,
            scope="settlement.close",
            requests=[asked],
            answer_type=SettlementPeriod,
            handle=handle,
        )
        return outcome

    async def preview(self, close: ClosePeriod) -> tuple[SettlementPeriod, list[Statement]]:
        """Return what closing would give now, and close nothing.

        Raises:
            AlreadyExists: the name is taken.
        """

        async def work(tx: Transaction) -> tuple[SettlementPeriod, list[Statement]]:
            return await self._make(tx, close.period_id)

        return await self._database.read(work)

    async def statements_of(self, period: SettlementPeriod) -> list[Statement]:
        async def work(tx: Transaction) -> list[Statement]:
            return await store.statements(tx, period.statement_ids)

        return await self._database.read(work)

    async def statement(self, id_: str) -> Statement:
        """Return a statement as it was closed.

        Raises:
            NotFound: no such statement.
        """

        async def work(tx: Transaction) -> list[Statement]:
            return await store.statements(tx, [id_])

        found = await self._database.read(work)
        if not found:
            raise NotFound.of("statement", id_)
        return found[0]

    async def list_statements(self, period_id: str, *, size: int, token: str) -> Page[Statement]:
        size = page_size(size)
        after = read_position(token, "")

        async def work(tx: Transaction) -> list[Statement]:
            return await store.statements_after(tx, after, size + 1, period_id)

        rows = await self._database.read(work)
        return make_page(rows, size=size, key=lambda statement: [statement.id])

    async def list_transfers(self, source: str, *, size: int, token: str) -> Page[Transfer]:
        size = page_size(size)
        after = read_position(token, -1)

        async def work(tx: Transaction) -> list[Transfer]:
            return await store.transfers_after(tx, after, size + 1, source)

        rows = await self._database.read(work)
        return make_page(rows, size=size, key=lambda transfer: [transfer.recorded_us])

    async def list_accounts(self, *, size: int, token: str) -> Page[tuple[Account, Balance]]:
        size = page_size(size)
        after = read_position(token, "")

        async def work(tx: Transaction) -> list[tuple[Account, Balance]]:
            return await store.accounts_after(tx, after, size + 1)

        rows = await self._database.read(work)
        return make_page(rows, size=size, key=lambda row: [row[0].id])

    async def verify(self) -> Verification:
        """Recompute the book; see the invariants of this package."""
        return await self._database.read(verify, everything=True)

    async def _close(self, tx: Transaction, period_id: str) -> SettlementPeriod:
        book = await store.lock_book(tx)
        period, statements = await self._make(tx, period_id)
        await store.save_book(
            tx, msgspec.structs.replace(book, recorded_us=period.recorded_until_us)
        )
        await store.close(tx, period, statements)
        tx.emit(
            NewEvent(
                "period.closed",
                f"period/{period.id}",
                payload={"id": period.id, "statement_ids": period.statement_ids},
            )
        )
        return period

    async def _make(
        self, tx: Transaction, period_id: str
    ) -> tuple[SettlementPeriod, list[Statement]]:
        if await store.period_named(tx, period_id) is not None:
            raise AlreadyExists(
                f"Period {period_id!r} is closed already; choose another name.",
                kind="period",
                id=period_id,
            )
        now = self._database.now()
        book = await store.read_book(tx)
        last = await store.last_period(tx)
        after_us = last.recorded_until_us if last else None
        until_us = book.next_us(now)
        recorded = await store.entries_between(tx, after_us, until_us)
        statements = make_statements(period_id, *recorded, closed_us=now)
        ids = tuple(statement.id for statement in statements)
        return SettlementPeriod(BOOK, period_id, after_us, until_us, now, ids), statements
