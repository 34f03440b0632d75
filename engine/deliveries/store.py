"""Deliveries, stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from engine.db.port import Transaction
from engine.db.schema import Mapped, any_of, boolean, integer, text
from engine.deliveries.model import Delivery

_deliveries = Mapped(
    "delivery",
    Delivery,
    text("key", key=True),
    text("partner_id"),
    text("module"),
    text("owner"),
    text("object_id"),
    integer("version"),
    integer("delivered_version"),
    boolean("pending"),
    integer("attempts"),
    integer("due_us"),
    integer("leased_until_us"),
    text("last_error"),
    text("remote_url"),
)
# As text: SQLAlchemy writes a comparison for SQLite, by which the index would not be found.
_IS_PENDING = sa.text("pending")
sa.Index(
    "ix_delivery_due",
    _deliveries.c.due_us,
    sqlite_where=_IS_PENDING,
    postgresql_where=_IS_PENDING,
)
sa.Index(None, _deliveries.c.partner_id, _deliveries.c.pending)

_BY_KEY = _deliveries.select().where(any_of(_deliveries.c.key, "keys"))
_LOCK = _BY_KEY.order_by(_deliveries.c.key).with_for_update()
_DUE = (
    _deliveries.select()
    .where(
        _IS_PENDING,
        _deliveries.c.due_us <= sa.bindparam("now", type_=sa.BigInteger),
        _deliveries.c.leased_until_us <= sa.bindparam("now", type_=sa.BigInteger),
    )
    .order_by(_deliveries.c.due_us)
)
_PEEK = _DUE.limit(1)
_TAKE = _DUE.limit(100).with_for_update(skip_locked=True)
_HURRY = (
    sa.update(_deliveries.table)
    .where(
        any_of(_deliveries.c.partner_id, "partner_ids"),
        _IS_PENDING,
        _deliveries.c.due_us > sa.bindparam("now", type_=sa.BigInteger),
    )
    .values(due_us=sa.bindparam("now", type_=sa.BigInteger))
)
_PENDING = (
    _deliveries.select()
    .where(
        _IS_PENDING,
        _deliveries.c.key > sa.bindparam("after", type_=sa.Text),
        sa.or_(
            sa.bindparam("partner_id", type_=sa.Text) == "",
            _deliveries.c.partner_id == sa.bindparam("partner_id", type_=sa.Text),
        ),
    )
    .order_by(_deliveries.c.key)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


async def by_key(tx: Transaction, keys: Iterable[str]) -> dict[str, Delivery]:
    found = await tx.fetch(_LOCK, keys=sorted(set(keys)))
    return {delivery.key: delivery for delivery in _deliveries.rows(found)}


async def add(tx: Transaction, new: Sequence[Delivery]) -> None:
    await tx.insert(_deliveries, new)


async def change(tx: Transaction, changed: Sequence[Delivery]) -> None:
    await tx.update(_deliveries, changed)


async def any_due(tx: Transaction, now: int) -> bool:
    return bool(await tx.fetch(_PEEK, now=now))


async def due(tx: Transaction, now: int) -> list[Delivery]:
    """Return what is due and nobody is at, kept from others."""
    return _deliveries.rows(await tx.fetch(_TAKE, now=now))


async def hurry(tx: Transaction, partner_ids: Sequence[str], now: int) -> None:
    """Make everything for these partners due at once: they answer again."""
    await tx.execute(_HURRY, partner_ids=list(partner_ids), now=now)


async def pending(tx: Transaction, partner_id: str, after: str, limit: int) -> list[Delivery]:
    found = await tx.fetch(_PENDING, partner_id=partner_id, after=after, limit=limit)
    return _deliveries.rows(found)
