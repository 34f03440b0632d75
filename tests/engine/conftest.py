"""Both databases for every test that asks for one.

`database` is an open, migrated and empty store, first SQLite, then PostgreSQL; `open_database`
opens another handle on the same store, as a second engine would.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from engine.db.connect import connect
from engine.db.migrate import upgrade
from engine.db.port import Database
from engine.kernel.clock import SECOND, Micros
from tests.engine.postgres_server import PostgresServer, postgres_server

BOTH = ("sqlite", "postgresql")
START = Micros(1_795_307_400 * SECOND)  # 2026-11-22T00:30:00Z


class ManualClock:
    """A clock that moves when it is told to."""

    def __init__(self, at: Micros = START) -> None:
        self._at = at

    def now(self) -> Micros:
        return self._at

    def advance(self, seconds: float) -> None:
        self._at = Micros(self._at + int(seconds * SECOND))


OpenDatabase = Callable[[], Awaitable[Database]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=BOTH)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which of both; parametrize it indirectly to choose one."""
    kind: str = request.param
    return kind


@pytest.fixture
async def empty_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[str]:
    """Where a database without any table is."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'interwatt.db'}"
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    url = await postgres.new_database(migrated=False)
    yield url
    await postgres.drop_database(url)


@pytest.fixture
async def database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[str]:
    """Where a migrated, empty database is."""
    if database_kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'interwatt.db'}"
        await upgrade(url)
        yield url
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    url = await postgres.new_database()
    yield url
    await postgres.drop_database(url)


@pytest.fixture
async def open_database(database_url: str, clock: ManualClock) -> AsyncIterator[OpenDatabase]:
    """Open a handle on the test's database; closed after the test."""
    opened: list[Database] = []

    async def open_one() -> Database:
        opened.append(await connect(database_url, clock))
        return opened[-1]

    yield open_one
    for database in opened:
        await database.close()


@pytest.fixture
async def database(open_database: OpenDatabase) -> Database:
    return await open_database()
