"""Callers, stored."""

from __future__ import annotations

import sqlalchemy as sa

from engine.callers.model import Caller
from engine.db.port import Transaction
from engine.db.schema import Mapped, integer, optional_integer, text

_callers = Mapped(
    "caller",
    Caller,
    text("name", key=True),
    text("role"),
    text("key_hash"),
    text("previous_key_hash"),
    integer("previous_until_us"),
    integer("created_us"),
    optional_integer("revoked_us"),
    sa.Index(None, "key_hash"),
    sa.Index(None, "previous_key_hash"),
)
_BY_KEY = _callers.select().where(
    sa.or_(
        _callers.c.key_hash == sa.bindparam("hashed"),
        _callers.c.previous_key_hash == sa.bindparam("hashed"),
    )
)
_BY_NAME = _callers.select().where(_callers.c.name == sa.bindparam("name")).with_for_update()
_ALL = _callers.select().order_by(_callers.c.name)


async def by_key_hash(tx: Transaction, hashed: str) -> list[Caller]:
    return _callers.rows(await tx.fetch(_BY_KEY, hashed=hashed))


async def by_name(tx: Transaction, name: str) -> Caller | None:
    found = _callers.rows(await tx.fetch(_BY_NAME, name=name))
    return found[0] if found else None


async def all_callers(tx: Transaction) -> list[Caller]:
    return _callers.rows(await tx.fetch(_ALL))


async def add(tx: Transaction, caller: Caller) -> None:
    await tx.insert(_callers, [caller])


async def replace(tx: Transaction, caller: Caller) -> None:
    await tx.update(_callers, [caller])
