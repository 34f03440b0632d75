"""Open the database a URL names."""

from __future__ import annotations

from pathlib import Path

from engine.db.port import Database
from engine.db.postgres import PostgresDatabase
from engine.db.sqlite import SqliteDatabase
from engine.kernel.clock import Clock
from engine.kernel.errors import InvalidArgument

SQLITE_PREFIX = "sqlite:///"
POSTGRESQL_PREFIXES = ("postgresql://", "postgres://")


def sqlite_path(url: str) -> Path | None:
    """Return the file of an SQLite URL, or nothing for another database."""
    return Path(url.removeprefix(SQLITE_PREFIX)) if url.startswith(SQLITE_PREFIX) else None


async def connect(url: str, clock: Clock) -> Database:
    """Open `sqlite:///FILE` or `postgresql://...`.

    Raises:
        InvalidArgument: neither.
        StoreUnavailable: it does not answer.
    """
    path = sqlite_path(url)
    if path is not None:
        return SqliteDatabase(path, clock)
    if url.startswith(POSTGRESQL_PREFIXES):
        return await PostgresDatabase.open(url, clock)
    raise InvalidArgument(
        f"database: expected sqlite:///FILE or postgresql://..., found {url!r}.", field="database"
    )
