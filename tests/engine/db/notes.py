"""Rows to write in tests of the store: callers stand in for any domain's."""

from __future__ import annotations

from engine.callers import store
from engine.callers.model import Caller
from engine.db.port import Database, NewEvent, Transaction, Work
from engine.events import store as events
from engine.events.model import Event


def note(name: str, *, count: int = 0) -> Caller:
    """Make a row; `count` is a number that tests may change."""
    return Caller(name, "ADMIN", f"hash of {name}", "", count, 0, None)


def adding(name: str, *, fail_with: Exception | None = None) -> Work[str]:
    """Make a unit of work that adds a row and tells of it, and then fails when asked to."""

    async def work(tx: Transaction) -> str:
        await store.add(tx, note(name))
        tx.emit(NewEvent("note.added", f"note/{name}", payload={"name": name}))
        if fail_with is not None:
            raise fail_with
        return name

    return work


def counting_up(name: str) -> Work[int]:
    """Make a unit of work that reads a row for update and writes it back, one more."""

    async def work(tx: Transaction) -> int:
        found = await store.by_name(tx, name)
        assert found is not None
        count = found.previous_until_us + 1
        await store.replace(tx, note(name, count=count))
        return count

    return work


async def names(database: Database) -> list[str]:
    return [caller.name for caller in await database.read(store.all_callers)]


async def told(database: Database, after: int = 0) -> list[Event]:
    return await database.read(lambda tx: events.read_after(tx, after, 10_000))
