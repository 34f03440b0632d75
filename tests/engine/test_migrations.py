"""The schema that migrations make is the schema that the code expects, on both databases."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.schema import CreateIndex, CreateTable

import engine
from engine.db import migrate
from engine.db.connect import sqlite_path
from engine.db.migrations.new import load_tables
from engine.db.schema import metadata
from engine.db.statements import POSTGRESQL, SQLITE
from engine.kernel.errors import EngineError, InvalidArgument, StateConflict, StoreUnavailable
from engine.settlement import triggers
from tests.engine.postgres_server import PostgresServer

Rows = list[tuple[Any, ...]]

_SQLITE_CATALOGUE = (
    'SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_master m, '
    "pragma_table_info(m.name) c WHERE m.type = 'table'",
    "SELECT type, tbl_name, name, sql FROM sqlite_master",
)
_POSTGRESQL_CATALOGUE = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default, ordinal_position "
    "FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
)


async def query(url: str, statement: str) -> Rows:
    path = sqlite_path(url)
    if path is not None:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(statement).fetchall()
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


async def execute(url: str, statements: Sequence[str]) -> None:
    path = sqlite_path(url)
    if path is not None:
        with closing(sqlite3.connect(path)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        return
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def catalogue(url: str) -> list[Rows]:
    """Describe a schema: tables, columns, keys, indexes, triggers."""
    queries = _SQLITE_CATALOGUE if sqlite_path(url) else _POSTGRESQL_CATALOGUE
    found = [await query(url, statement) for statement in queries]
    return [
        sorted(map(_plain, rows), key=str)
        for rows in ([row for row in rows if "alembic_version" not in str(row)] for rows in found)
    ]


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Write SQL on one line, so that only its words are compared."""
    return tuple(" ".join(value.split()) if isinstance(value, str) else value for value in row)


async def make_from_code(url: str) -> None:
    load_tables()
    sqlite = sqlite_path(url) is not None
    dialect = SQLITE if sqlite else POSTGRESQL
    made = [
        str(element.compile(dialect=dialect))
        for table in metadata.sorted_tables
        for element in (CreateTable(table), *map(CreateIndex, table.indexes))
    ]
    await execute(url, [*made, *(triggers.sqlite() if sqlite else triggers.postgresql())])


async def test_migrating_from_empty_makes_what_the_code_expects(
    database_kind: str, empty_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    await migrate.upgrade(empty_url)
    if database_kind == "sqlite":
        expected = f"sqlite:///{tmp_path / 'expected.db'}"
    else:
        postgres: PostgresServer = request.getfixturevalue("postgres")
        expected = await postgres.new_database(migrated=False)
    await make_from_code(expected)
    assert await catalogue(empty_url) == await catalogue(expected)


async def test_migrating_again_changes_nothing(empty_url: str) -> None:
    assert await migrate.upgrade(empty_url)
    before = await catalogue(empty_url)
    assert await migrate.upgrade(empty_url) == []
    assert await catalogue(empty_url) == before


async def test_events_start_at_one(database_url: str) -> None:
    assert await query(database_url, "SELECT id, seq FROM event_head") == [(1, 0)]


async def test_engines_that_start_together_migrate_once(empty_url: str) -> None:
    applied = await asyncio.gather(*(migrate.upgrade(empty_url) for _ in range(4)))
    assert sorted(map(bool, applied)) == [False, False, False, True]


async def test_a_database_of_a_newer_release_is_refused(database_url: str) -> None:
    await execute(database_url, ["UPDATE alembic_version SET version_num = '9999'"])
    with pytest.raises(StateConflict, match="9999"):
        await migrate.upgrade(database_url)


async def test_a_migration_that_fails_leaves_nothing(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = migrate.sql

    def broken(dialect: str, current: str | None) -> str:
        return whole(dialect, current) + "\nINSERT INTO nowhere VALUES (1);\n"

    monkeypatch.setattr(migrate, "sql", broken)
    with pytest.raises(StoreUnavailable):
        await migrate.upgrade(empty_url)
    monkeypatch.undo()
    assert not any(await catalogue(empty_url))
    assert await migrate.upgrade(empty_url)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("mysql://somewhere", InvalidArgument),
        ("sqlite:////nowhere/at/all.db", StoreUnavailable),
        ("postgresql://nobody@127.0.0.1:1/nothing", StoreUnavailable),
    ],
)
async def test_a_database_that_cannot_be_used_is_said(url: str, error: type[EngineError]) -> None:
    with pytest.raises(error):
        await migrate.upgrade(url)


def test_every_table_is_where_migrations_look() -> None:
    load_tables()
    found = set(metadata.tables)
    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        if "migrations" not in module.name and "__main__" not in module.name:
            importlib.import_module(module.name)
    assert set(metadata.tables) == found
