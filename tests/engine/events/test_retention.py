"""What is kept, how long, and what a reader hears who comes too late."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import grpc
import pytest

from engine.db import idempotency
from engine.db.port import Database, NewEvent, Transaction
from engine.events import store
from engine.events.feed import EventFeed
from engine.events.model import Filter
from engine.events.retention import Sweeper
from engine.events.service import EventsService
from engine.kernel.errors import EventsExpired
from tests.engine.conftest import ManualClock
from tests.engine.db.notes import adding, told
from tests.engine.rpc.running import failure, running
from tests.engine.world import asked

DAY = 86_400


async def move(database: Database, follower: str, seq: int) -> None:
    async def work(tx: Transaction) -> None:
        await store.position(tx, follower)
        await store.move(tx, follower, seq)

    await database.write(work)


async def add(database: Database, count: int) -> None:
    async def work(tx: Transaction) -> None:
        for n in range(count):
            tx.emit(NewEvent("note.added", f"note/{n}"))

    await database.write(work)


def sweeper(database: Database, *followers: str, days: int = 30) -> Sweeper:
    return Sweeper(database, followers, event_days=days, request_id_days=90, step=2)


async def kept(database: Database) -> list[int]:
    return [event.seq for event in await told(database)]


async def test_events_go_when_they_are_old_and_the_newest_stays(
    database: Database, clock: ManualClock
) -> None:
    await add(database, 5)
    clock.advance(20 * DAY)
    await add(database, 2)
    await move(database, "f", 7)
    clock.advance(11 * DAY)
    await sweeper(database, "f").sweep()
    assert await kept(database) == [6, 7]
    clock.advance(100 * DAY)
    await sweeper(database, "f").sweep()
    assert await kept(database) == [7]


async def test_events_wait_for_the_slowest_follower(database: Database, clock: ManualClock) -> None:
    await add(database, 6)
    await move(database, "fast", 6)
    await move(database, "of-another-engine", 4)
    clock.advance(31 * DAY)
    await sweeper(database, "fast", "never-ran").sweep()
    assert await kept(database) == [1, 2, 3, 4, 5, 6]
    await sweeper(database, "fast").sweep()
    assert await kept(database) == [5, 6]


async def test_no_days_keep_for_ever(database: Database, clock: ManualClock) -> None:
    await add(database, 3)
    clock.advance(3_000 * DAY)
    await sweeper(database, days=0).sweep()
    assert await kept(database) == [1, 2, 3]


async def test_what_was_told_by_a_slow_clock_leaves_no_gap(
    database: Database, clock: ManualClock
) -> None:
    clock.advance(40 * DAY)
    await add(database, 1)
    clock.advance(-40 * DAY)
    await add(database, 2)
    clock.advance(50 * DAY)
    await sweeper(database).sweep()
    assert await kept(database) == [1, 2, 3]


async def test_request_ids_go_after_their_time_and_a_repetition_is_then_new(
    database: Database, clock: ManualClock
) -> None:
    runs = 0

    async def once(request_id: str) -> bool:
        async def handle(tx: Transaction, bodies: object) -> list[int]:
            nonlocal runs
            runs += 1
            return [runs]

        [outcome] = await idempotency.run_once(
            database,
            scope="notes",
            requests=[asked("body", request_id)],
            answer_type=int,
            handle=handle,
        )
        return outcome.replayed

    for n in range(5):
        assert not await once(f"old-{n}")
    clock.advance(60 * DAY)
    assert not await once("young")
    clock.advance(31 * DAY)
    await sweeper(database).sweep()
    assert await once("young")
    assert not await once("old-3")


async def test_writers_go_on_while_it_sweeps(database: Database, clock: ManualClock) -> None:
    await add(database, 200)
    clock.advance(31 * DAY)
    sweep = asyncio.create_task(sweeper(database).sweep())
    names = [await database.write(adding(f"n{n}")) for n in range(20)]
    assert not sweep.done()
    assert len(names) == 20
    sweep.cancel()
    with suppress(asyncio.CancelledError):
        await sweep


async def test_a_reader_who_comes_too_late_is_told_and_zero_is_the_oldest_kept(
    database: Database, clock: ManualClock
) -> None:
    await add(database, 6)
    clock.advance(31 * DAY)
    await add(database, 2)
    await sweeper(database).sweep()
    service = EventsService(EventFeed(database))
    with pytest.raises(EventsExpired) as raised:
        await service.list_after(5, 10, Filter())
    assert raised.value.metadata == {"oldest_seq": "7"}
    for after in (0, 6):
        events, position = await service.list_after(after, 10, Filter())
        assert ([event.seq for event in events], position) == ([7, 8], 8)


async def test_the_error_is_the_catalogues_in_lists_and_streams(
    tmp_path: Path, database_url: str, database: Database, clock: ManualClock
) -> None:
    await add(database, 4)
    clock.advance(31 * DAY)
    await sweeper(database).sweep()
    async with running(tmp_path / "data", database_url) as engine:
        refused = await engine.admin.fails("ListEvents", {"after_seq": 2})
        assert (refused.code, refused.reason) == (
            grpc.StatusCode.OUT_OF_RANGE,
            "EVENTS_EXPIRED",
        )
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await anext(aiter(engine.admin.stream("StreamEvents", {"after_seq": 2})))
        assert failure(raised.value).reason == "EVENTS_EXPIRED"
        first = await anext(aiter(engine.admin.stream("StreamEvents", {})))
        assert first.events[0].seq == 4
