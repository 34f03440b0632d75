"""Events: read from anywhere, filtered, without gap, by readers that hold nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from engine.db.port import Database, NewEvent, Transaction
from engine.events.feed import EventFeed
from engine.events.model import Event, Filter
from engine.events.service import EventsService
from tests.engine.conftest import OpenDatabase

KINDS = ("session.started", "session.completed", "cdr.issued")


def reader(database: Database) -> EventsService:
    return EventsService(EventFeed(database))


async def tell(database: Database, *kinds: str, partner_id: str = "") -> None:
    async def work(tx: Transaction) -> None:
        for kind in kinds:
            tx.emit(NewEvent(kind, f"x/{kind}", partner_id, payload={"n": 1}))

    await database.write(work)


async def read(
    stream: AsyncIterator[tuple[list[Event], int]], until: int
) -> tuple[list[Event], list[int]]:
    """Read a stream until it reaches a position."""
    events: list[Event] = []
    positions: list[int] = []
    async with asyncio.timeout(20):
        async for some, position in stream:
            events += some
            positions.append(position)
            if position >= until:
                break
    return events, positions


@pytest.mark.parametrize(
    ("kinds", "admitted"),
    [
        ((), KINDS),
        (("session.*",), KINDS[:2]),
        (("cdr.issued",), KINDS[2:]),
        (("cdr.issued", "session.started"), (KINDS[0], KINDS[2])),
        (("*",), KINDS),
        (("session.",), ()),
        (("SESSION.*",), ()),
    ],
)
async def test_filter_admits_kinds_and_their_beginnings(
    database: Database, kinds: tuple[str, ...], admitted: tuple[str, ...]
) -> None:
    await tell(database, *KINDS)
    events, position = await reader(database).list_after(0, 100, Filter(kinds))
    assert tuple(event.kind for event in events) == admitted
    assert position == 3


async def test_filter_admits_one_partner(database: Database) -> None:
    await tell(database, "a", partner_id="sun")
    await tell(database, "b", partner_id="moon")
    await tell(database, "c")
    events, position = await reader(database).list_after(0, 100, Filter((), "moon"))
    assert ([event.kind for event in events], position) == (["b"], 3)


@pytest.mark.parametrize("after", range(6))
async def test_reading_goes_on_from_anywhere(database: Database, after: int) -> None:
    await tell(database, *"abcde")
    service = reader(database)
    events, position = await service.list_after(after, 2, Filter())
    assert [event.seq for event in events] == list(range(after + 1, min(after + 2, 5) + 1))
    rest, _ = await service.list_after(position, 100, Filter())
    assert [event.seq for event in rest] == list(range(position + 1, 6))


async def test_beyond_the_end_there_is_nothing_and_the_position_stays(database: Database) -> None:
    await tell(database, "a")
    assert await reader(database).list_after(9, 100, Filter()) == ([], 9)


async def test_stream_tells_what_left_out_events_moved(database: Database) -> None:
    await tell(database, *(["noise"] * 1_200), "wanted")
    events, positions = await read(reader(database).stream(0, Filter(("wanted",))), 1_201)
    assert [event.seq for event in events] == [1_201]
    assert positions == sorted(set(positions))
    assert len(positions) > 1


async def test_stream_that_waits_is_woken(database: Database) -> None:
    reading = asyncio.create_task(read(reader(database).stream(0, Filter()), 3))
    await tell(database, "a")
    await tell(database, "b", "c")
    events, _ = await reading
    assert [event.kind for event in events] == ["a", "b", "c"]


async def test_streams_begun_anywhere_under_concurrent_writers_have_no_gap(
    open_database: OpenDatabase,
) -> None:
    engines = [await open_database(), await open_database()]
    readers = [
        asyncio.create_task(read(reader(engines[n % 2]).stream(n * 10, Filter()), 150))
        for n in range(4)
    ]
    await asyncio.gather(*(tell(engines[n % 2], "a", "b", "c") for n in range(50)))
    for n, reading in enumerate(readers):
        events, _ = await reading
        assert [event.seq for event in events] == list(range(n * 10 + 1, 151))


async def test_slow_reader_holds_no_writer(database: Database) -> None:
    await tell(database, *(["a"] * 600))
    stream = reader(database).stream(0, Filter())
    some, _ = await anext(stream)
    await tell(database, *(["b"] * 100))
    rest, _ = await read(stream, 700)
    assert [event.seq for event in [*some, *rest]] == list(range(1, 701))
