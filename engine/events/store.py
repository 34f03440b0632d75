"""Reading the outbox, and how far each follower has come."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from engine.db.events_table import event
from engine.db.port import Transaction
from engine.db.schema import Mapped, integer, text
from engine.events.model import Event


class _Position(msgspec.Struct, frozen=True):
    follower: str
    seq: int


_positions = Mapped("follower_position", _Position, text("follower", key=True), integer("seq"))

_AFTER = (
    sa.select(event)
    .where(event.c.seq > sa.bindparam("after_seq"))
    .order_by(event.c.seq)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_POSITION = sa.select(_positions.c.seq).where(_positions.c.follower == sa.bindparam("follower"))
_LOCK_POSITION = _POSITION.with_for_update()


async def read_after(tx: Transaction, after_seq: int, limit: int) -> list[Event]:
    found = await tx.fetch(_AFTER, after_seq=after_seq, limit=limit)
    return [Event(*row) for row in found]


async def saved_position(tx: Transaction, follower: str) -> int:
    """Return how far a follower has come at least."""
    found = await tx.fetch(_POSITION, follower=follower)
    return found[0][0] if found else 0


async def position(tx: Transaction, follower: str) -> int:
    """Return how far a follower has come, and keep others from moving it meanwhile."""
    found = await tx.fetch(_LOCK_POSITION, follower=follower)
    if found:
        seq: int = found[0][0]
        return seq
    await tx.insert(_positions, [_Position(follower, 0)])
    return 0


async def move(tx: Transaction, follower: str, seq: int) -> None:
    await tx.update(_positions, [_Position(follower, seq)])
