"""What only the embedded store does: group commit in one writer thread; what a full disk means."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.db.migrate import upgrade
from engine.db.port import Transaction
from engine.db.sqlite import SqliteDatabase, connect
from engine.kernel.errors import Overloaded, StoreUnavailable
from tests.engine.conftest import ManualClock
from tests.engine.db.notes import adding, names, told


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    path = tmp_path / "interwatt.db"
    await upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
async def database(path: Path, clock: ManualClock) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase(path, clock, max_waiting=4)
    yield database
    await database.close()


class Gate:
    """A unit of work that holds the writer until it is opened."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._open = threading.Event()

    async def work(self, tx: Transaction) -> None:
        self.entered.set()
        assert self._open.wait(10)

    async def hold(self, database: SqliteDatabase) -> asyncio.Task[None]:
        task = asyncio.create_task(database.write(self.work))
        assert await asyncio.to_thread(self.entered.wait, 10)
        return task

    def open(self) -> None:
        self._open.set()


def commits(path: Path) -> int:
    """Count the transactions in the write-ahead log: frames that carry a database size end one."""
    log = path.with_name(path.name + "-wal").read_bytes()
    page = int.from_bytes(log[8:12], "big")
    frames = range(32, len(log), 24 + page)
    return sum(int.from_bytes(log[at + 4 : at + 8], "big") > 0 for at in frames)


async def test_file_and_those_beside_it_are_the_owners_alone(
    path: Path, database: SqliteDatabase
) -> None:
    await database.write(adding("kept"))
    files = list(path.parent.glob("interwatt.db*"))
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


async def test_connections_that_come_at_once_to_a_new_file_all_open(tmp_path: Path) -> None:
    def open_once(path: Path) -> None:
        with closing(connect(path)) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS made (name)")

    for number in range(20):
        path = tmp_path / f"{number}.db"
        await asyncio.gather(*(asyncio.to_thread(open_once, path) for _ in range(6)))


async def test_what_waits_together_is_committed_together(
    database: SqliteDatabase, path: Path
) -> None:
    gate = Gate()
    held = await gate.hold(database)
    before = commits(path)
    waiting = [asyncio.create_task(database.write(adding(name))) for name in "abcd"]
    await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(held, *waiting)
    assert await names(database) == list("abcd")
    assert commits(path) == before + 1  # the gate alone wrote nothing


async def test_more_than_may_wait_is_refused_and_recovers(database: SqliteDatabase) -> None:
    gate = Gate()
    held = await gate.hold(database)
    waiting = [asyncio.create_task(database.write(adding(name))) for name in "abcd"]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as raised:
        await database.write(adding("e"))
    assert int(raised.value.metadata["retry_after_ms"]) > 0
    gate.open()
    await asyncio.gather(held, *waiting)
    assert await database.write(adding("e")) == "e"


async def test_waiting_for_anything_else_is_a_mistake_that_spoils_nobody(
    database: SqliteDatabase,
) -> None:
    async def impatient(tx: Transaction) -> None:
        await adding("lost")(tx)
        await asyncio.sleep(0)

    results = await asyncio.gather(
        database.write(adding("a")),
        database.write(impatient),
        database.write(adding("b")),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [str, RuntimeError, str]
    assert await names(database) == ["a", "b"]
    assert [event.seq for event in await told(database)] == [1, 2]


async def test_a_full_disk_is_said_and_changes_nothing_and_passes(
    database: SqliteDatabase,
) -> None:
    pages: int = database._connection.execute("PRAGMA page_count").fetchone()[0]
    database._connection.execute(f"PRAGMA max_page_count = {pages}")

    added = 0

    async def fill() -> None:
        nonlocal added
        for added in range(10_000):
            await database.write(adding(f"n{added:05}"))

    with pytest.raises(StoreUnavailable, match="full"):
        await fill()
    assert await names(database) == [f"n{n:05}" for n in range(added)]
    assert [event.seq for event in await told(database)] == list(range(1, added + 1))

    database._connection.execute("PRAGMA max_page_count = 1000000")
    assert await database.write(adding("room again")) == "room again"
    assert len(await told(database)) == added + 1


async def test_a_file_that_another_holds_is_said_and_passes(
    database: SqliteDatabase, path: Path
) -> None:
    database._connection.execute("PRAGMA busy_timeout = 50")
    with closing(connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            await database.write(adding("a"))
        other.execute("ROLLBACK")
    assert await database.write(adding("a")) == "a"


async def test_reads_go_on_beside_a_long_write(database: SqliteDatabase) -> None:
    await database.write(adding("a"))
    gate = Gate()
    held = await gate.hold(database)
    assert await names(database) == ["a"]
    gate.open()
    await held


async def test_closing_finishes_what_was_accepted(path: Path, clock: ManualClock) -> None:
    database = SqliteDatabase(path, clock)
    waiting = [asyncio.create_task(database.write(adding(f"n{n:03}"))) for n in range(300)]
    await asyncio.sleep(0)
    await database.close()
    assert len(await asyncio.gather(*waiting)) == 300


def test_a_commit_is_durable(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "x.db")) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert sqlite3.threadsafety >= 1
