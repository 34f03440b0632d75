"""Followers: each event is handled once, whatever ends in between."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest

from engine.callers import store
from engine.db.port import Database, NewEvent, Transaction
from engine.events.feed import EventFeed
from engine.events.follower import Follower
from engine.events.look import Looking, Task
from engine.events.model import Event, Filter
from engine.events.store import saved_position
from engine.kernel.errors import StoreUnavailable
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.db.notes import adding, names, note


class Copier:
    """Writes a copy of each note, and fails as often as it is told to after having written."""

    def __init__(
        self, database: Database, *, failures: int = 0, failing_with: type[Exception] = OSError
    ) -> None:
        self._failures = failures
        self._failing_with = failing_with
        task = Task("copier", Filter(("note.added",)))
        looking = Looking(database, EventFeed(database), [task])
        self.follower = Follower(database, looking, task.name, self._handle)

    async def _handle(self, tx: Transaction, events: Sequence[Event]) -> None:
        for event in events:
            await store.add(tx, note(f"copy of {event.subject}"))
            tx.emit(NewEvent("note.copied", event.subject))
        if self._failures:
            self._failures -= 1
            raise self._failing_with("The power went.")


async def copies(database: Database) -> int:
    return sum(name.startswith("copy") for name in await names(database))


async def follow_until(database: Database, count: int, *copiers: Copier) -> None:
    tasks = [asyncio.create_task(copier.follower.run()) for copier in copiers]
    try:
        async with asyncio.timeout(20):
            while await copies(database) < count:
                await database.changed.wait(database.changed.subscribe(), timeout_s=0.05)
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_a_handler_that_fails_after_its_work_does_it_once(database: Database) -> None:
    for n in range(5):
        await database.write(adding(f"n{n}"))
    await follow_until(database, 5, Copier(database, failures=2))
    assert await copies(database) == 5


async def test_an_outage_of_any_length_costs_no_long_pause_afterwards(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def hurry(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    await database.write(adding("a"))
    copier = Copier(database, failures=40, failing_with=StoreUnavailable)
    monkeypatch.setattr("engine.events.follower.asyncio.sleep", hurry)
    await follow_until(database, 1, copier)
    assert pauses[:40] == sorted(pauses[:40])
    assert pauses[39] <= 1


async def test_one_that_ended_goes_on_where_it_was(database: Database) -> None:
    for n in range(3):
        await database.write(adding(f"n{n}"))
    await follow_until(database, 3, Copier(database))
    for n in range(3, 6):
        await database.write(adding(f"n{n}"))
    await follow_until(database, 6, Copier(database))
    assert await copies(database) == 6


async def test_two_engines_with_the_same_follower_do_it_once(open_database: OpenDatabase) -> None:
    engines = [await open_database(), await open_database()]
    copiers = [Copier(engine) for engine in engines]
    following = asyncio.create_task(follow_until(engines[0], 40, *copiers))
    await asyncio.gather(*(engines[n % 2].write(adding(f"n{n}")) for n in range(40)))
    await following
    assert await copies(engines[0]) == 40


async def test_others_events_move_its_position_too(database: Database) -> None:
    async def other(tx: Transaction) -> None:
        tx.emit(NewEvent("weather.changed", "sky"))

    await database.write(other)
    await database.write(adding("a"))
    await follow_until(database, 1, Copier(database))
    assert await copies(database) == 1


async def test_what_it_passes_over_is_saved_within_the_hour(
    database: Database, clock: ManualClock
) -> None:
    async def other(tx: Transaction) -> None:
        tx.emit(NewEvent("weather.changed", "sky"))

    async def saved(tx: Transaction) -> int:
        return await saved_position(tx, "copier")

    async def until_saved(position: int) -> None:
        async with asyncio.timeout(20):
            while await database.read(saved) != position:
                await database.changed.wait(database.changed.subscribe(), timeout_s=0.05)

    await database.write(other)
    following = asyncio.create_task(Copier(database).follower.run())
    await until_saved(1)
    await database.write(other)
    await asyncio.sleep(0.5)
    assert await database.read(saved) == 1
    clock.advance(3_600)
    await until_saved(2)
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
