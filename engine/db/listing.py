"""Lists in order of creation, by keyset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from engine.db.port import Database, Transaction
from engine.db.schema import Mapped
from engine.kernel.paging import Page, make_page, read_cursor


class Created(Protocol):
    """What rows of such a list have."""

    @property
    def key(self) -> str: ...
    @property
    def created_us(self) -> int: ...


R = TypeVar("R", bound=Any)


async def read_page(
    database: Database,
    mapped: Mapped[R],
    wanted: Sequence[sa.ColumnElement[bool]],
    *,
    size: int,
    token: str,
) -> Page[R]:
    """Return a page of the rows that meet all of `wanted`.

    The total is counted for the first page only and travels in the page token.

    Raises:
        PageTokenInvalid: `token` was not made here.
    """
    cursor = read_cursor(token, int, str)
    created, key = mapped.c.created_us, mapped.c.key
    after = [sa.tuple_(created, key) > sa.tuple_(*cursor.key)] if cursor else []
    statement = mapped.select().where(*wanted, *after).order_by(created, key).limit(size + 1)
    count = sa.select(sa.func.count()).select_from(mapped.table).where(*wanted)

    async def work(tx: Transaction) -> tuple[list[R], int]:
        total = cursor.total if cursor else (await tx.fetch(count))[0][0]
        return mapped.rows(await tx.fetch(statement)), total

    rows, total = await database.read(work)
    return make_page(rows, size=size, key=_position, total=total)


def _position(row: Created) -> list[int | str]:
    return [row.created_us, row.key]


def changed_between(
    column: sa.Column[Any], updated_from: int | None, updated_to: int | None
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of OCPI's date_from (inclusive) and date_to (exclusive)."""
    wanted: list[sa.ColumnElement[bool]] = []
    if updated_from is not None:
        wanted.append(column >= updated_from)
    if updated_to is not None:
        wanted.append(column < updated_to)
    return wanted


def of_partner(column: sa.Column[str], partner_id: str) -> list[sa.ColumnElement[bool]]:
    """Return the condition for one partner's rows; "" means all, "-" means ours."""
    if not partner_id:
        return []
    return [column == ("" if partner_id == "-" else partner_id)]
