"""Reading the outbox, and how far each follower has come."""

from __future__ import annotations

from itertools import takewhile

import msgspec
import sqlalchemy as sa

from engine.db.events_table import event, event_head
from engine.db.port import Database, Transaction
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
_POSITIONS = sa.select(_positions.c.follower, _positions.c.seq)
_HEAD = sa.select(event_head.c.seq)
_OLDEST = (
    sa.select(event.c.seq, event.c.recorded_us)
    .order_by(event.c.seq)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_REMOVE = sa.delete(event).where(event.c.seq <= sa.bindparam("until", type_=sa.BigInteger))
_LOCK_POSITION = _POSITION.with_for_update()


async def read_after(source: Database | Transaction, after_seq: int, limit: int) -> list[Event]:
    found = await source.fetch(_AFTER, after_seq=after_seq, limit=limit)
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


async def positions(tx: Transaction) -> dict[str, int]:
    """Return how far each follower that ever saved its position has come."""
    found: dict[str, int] = dict(await tx.fetch(_POSITIONS))
    return found


async def head(tx: Transaction) -> int:
    """Return the number of the newest event."""
    found = await tx.fetch(_HEAD)
    seq: int = found[0][0]
    return seq


async def remove_oldest(tx: Transaction, *, until: int, before_us: int, limit: int) -> int:
    """Remove at most `limit` of the oldest events up to `until`, as far as they are older than
    `before_us`; returns how many."""
    oldest = await tx.fetch(_OLDEST, limit=limit)
    due = list(takewhile(lambda row: row[0] <= until and row[1] < before_us, oldest))
    if due:
        await tx.execute(_REMOVE, until=due[-1][0])
    return len(due)
