"""Bring a database to the schema of this release. Forward only.

Alembic writes the SQL of the missing revisions as text, and the database's own driver runs it in
one transaction: a migration that fails leaves nothing behind, and engines that start together wait
for each other instead of racing.
"""

from __future__ import annotations

import asyncio
import io
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError

from engine.db.connect import POSTGRESQL_PREFIXES, sqlite_path
from engine.db.sqlite import connect as connect_sqlite
from engine.kernel.errors import InvalidArgument, StateConflict, StoreUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = 0x1A7E_77A7  # any number that nothing else on the database uses
_VERSION_TABLE = "alembic_version"


async def upgrade(url: str) -> Sequence[str]:
    """Apply what is missing; returns the revisions applied, oldest first.

    Raises:
        InvalidArgument: `url` names neither database.
        StateConflict: the database was made by a newer release.
        StoreUnavailable: it cannot be reached or written.
    """
    path = sqlite_path(url)
    if path is not None:
        return await asyncio.to_thread(_upgrade_sqlite, path)
    if url.startswith(POSTGRESQL_PREFIXES):
        return await _upgrade_postgresql(url)
    raise InvalidArgument(
        f"database: expected sqlite:///FILE or postgresql://..., found {url!r}.", field="database"
    )


def configuration(**attributes: object) -> Config:
    """Return what alembic needs to find the revisions; `attributes` are for `env.py`."""
    config = Config(output_buffer=io.StringIO(), attributes=attributes)
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def missing(current: str | None) -> list[str]:
    """Return the revisions after `current`, oldest first.

    Raises:
        StateConflict: this release does not know `current`.
    """
    try:
        scripts = ScriptDirectory.from_config(configuration())
        found = scripts.iterate_revisions("head", current or "base")
        return [revision.revision for revision in found][::-1]
    except RevisionError as error:
        raise StateConflict(
            f"The database is at revision {current!r}, which this release does not know; "
            f"run the release that made it, or a newer one.",
            kind="schema",
            state=str(current),
        ) from error


def sql(dialect: str, current: str | None) -> str:
    """Return the statements that lead from `current` to the newest revision."""
    config = configuration(dialect=dialect)
    command.upgrade(config, f"{current or 'base'}:head", sql=True)
    assert isinstance(config.output_buffer, io.StringIO)
    return config.output_buffer.getvalue()


def _upgrade_sqlite(path: Path) -> Sequence[str]:
    try:
        with closing(connect_sqlite(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                applied = _run_sqlite(connection)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            return applied
    except sqlite3.Error as error:
        raise StoreUnavailable(f"The database {path} cannot be used: {error}.") from error


def _run_sqlite(connection: sqlite3.Connection) -> Sequence[str]:
    exists = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = ?", (_VERSION_TABLE,)
    ).fetchone()
    found = connection.execute(f"SELECT * FROM {_VERSION_TABLE}").fetchone() if exists else None  # noqa: S608 - a constant
    current: str | None = found[0] if found else None
    revisions = missing(current)
    if revisions:
        for statement in _statements(sql("sqlite", current)):
            connection.execute(statement)
    return revisions


def _statements(script: str) -> Iterator[str]:
    """Cut a script into statements; a trigger's body stays whole."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


async def _upgrade_postgresql(url: str) -> Sequence[str]:
    try:
        connection: Any = await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError) as error:
        raise StoreUnavailable(f"PostgreSQL cannot be reached: {error}.") from error
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            exists = await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", _VERSION_TABLE)
            current: str | None = (
                await connection.fetchval(f"SELECT version_num FROM {_VERSION_TABLE}")  # noqa: S608 - a constant
                if exists
                else None
            )
            revisions = missing(current)
            if revisions:
                await connection.execute(sql("postgresql", current))
            return revisions
    except (OSError, asyncpg.PostgresError) as error:
        raise StoreUnavailable(f"The database could not be migrated: {error}.") from error
    finally:
        await connection.close()
