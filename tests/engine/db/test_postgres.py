"""What only the production store does: several engines, and a server that goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from engine.callers import store
from engine.db.port import Transaction
from engine.db.postgres import PostgresDatabase
from engine.kernel.errors import Overloaded, StoreUnavailable
from tests.engine.conftest import ManualClock
from tests.engine.db.notes import adding, names, told
from tests.engine.postgres_server import PostgresServer


@pytest.fixture
async def url(postgres: PostgresServer) -> AsyncIterator[str]:
    url = await postgres.new_database()
    yield url
    await postgres.drop_database(url)


@pytest.fixture
async def database(url: str, clock: ManualClock) -> AsyncIterator[PostgresDatabase]:
    database = await PostgresDatabase.open(url, clock, connections=2, max_waiting=3)
    yield database
    await database.close()


async def test_more_than_may_wait_is_refused_and_recovers(database: PostgresDatabase) -> None:
    gate = asyncio.Event()

    async def wait(tx: Transaction) -> None:
        await gate.wait()

    held = [asyncio.create_task(database.write(wait)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as raised:
        await database.write(adding("a"))
    assert int(raised.value.metadata["retry_after_ms"]) > 0
    gate.set()
    await asyncio.gather(*held)
    assert await database.write(adding("a")) == "a"


async def test_a_unit_of_work_that_lost_a_race_runs_again(
    database: PostgresDatabase, url: str, clock: ManualClock
) -> None:
    runs = 0

    async def work(tx: Transaction) -> str:
        nonlocal runs
        runs += 1
        found = await store.by_name(tx, "a")
        if found is not None:
            return "found it"
        if runs == 1:  # another engine is faster
            other = await PostgresDatabase.open(url, clock)
            await other.write(adding("a"))
            await other.close()
        return await adding("a")(tx)

    assert await database.write(work) == "found it"
    assert runs == 2
    assert len(await told(database)) == 1


async def test_a_commit_of_one_engine_wakes_another(
    database: PostgresDatabase, url: str, clock: ManualClock
) -> None:
    other = await PostgresDatabase.open(url, clock)
    try:
        await asyncio.wait_for(other.changed.subscribe(), 10)  # it listens now
        waiter = other.changed.subscribe()
        await database.write(adding("a"))
        await asyncio.wait_for(waiter, 10)
    finally:
        await other.close()


async def test_a_server_that_is_gone_is_said_and_passes(
    database: PostgresDatabase, postgres: PostgresServer
) -> None:
    await database.write(adding("before"))
    await postgres.crash()
    try:
        with pytest.raises(StoreUnavailable):
            await database.write(adding("meanwhile"))
        with pytest.raises(StoreUnavailable):
            await names(database)
    finally:
        await postgres.start_again()
    assert await database.write(adding("after")) == "after"
    assert await names(database) == ["after", "before"]
    assert [event.seq for event in await told(database)] == [1, 2]


@pytest.mark.parametrize(
    "failure",
    [
        asyncpg.InternalClientError,
        asyncpg.CrashShutdownError,
        asyncpg.CannotConnectNowError,
        asyncpg.QueryCanceledError,
        asyncpg.DiskFullError,
        asyncpg.PostgresIOError,
        ConnectionResetError,
    ],
)
async def test_every_way_in_which_a_server_goes_is_an_outage(
    database: PostgresDatabase, failure: type[Exception]
) -> None:
    async def work(tx: Transaction) -> None:
        raise failure("It went.")

    with pytest.raises(StoreUnavailable):
        await database.write(work)
    with pytest.raises(StoreUnavailable):
        await database.read(work)
    assert await database.write(adding("a")) == "a"


async def test_a_server_that_was_never_there_is_said(clock: ManualClock) -> None:
    with pytest.raises(StoreUnavailable):
        await PostgresDatabase.open("postgresql://nobody@127.0.0.1:1/nothing", clock)
