"""Backup and restore of the embedded database. PostgreSQL has tools of its own.

A backup is one file: the database as it was at one instant, whatever writers did meanwhile. A file
appears under its name whole or not at all.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from engine.db.connect import sqlite_path
from engine.db.migrate import missing
from engine.kernel.errors import InvalidArgument, StateConflict, StoreUnavailable

_BUSY_S = 5.0
# Stations may still tell the end of charges that began after the backup: their numbers must not be
# given to others.
_SKIP_TRANSACTION_IDS = "UPDATE counter SET value = value + 10000000 WHERE name = 'transaction_id'"


def backup(url: str, file: Path) -> int:
    """Write the database to `file` while engines go on; returns its bytes.

    It holds everything that was acknowledged before the call.

    Raises:
        InvalidArgument: the database is not SQLite.
        StateConflict: `file` exists.
        StoreUnavailable: the database or the file cannot be used.
    """
    source = _own_path(url, "back up", "pg_dump or pg_basebackup")
    if not source.exists():
        raise StoreUnavailable(f"There is no database {source}.")
    if file.exists():
        raise StateConflict(f"{file} exists already; choose another name.", kind="file")
    draft = _draft(file)
    try:
        with closing(_open(source, mode="rw")) as found, closing(sqlite3.connect(draft)) as made:
            found.backup(made)  # all in one step: one view, and writers go on beside it
            made.execute("PRAGMA journal_mode = DELETE")  # no second file beside it
        _put_in_place(draft, file)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnavailable(f"{source} cannot be written to {file}: {error}.") from error
    finally:
        _discard(draft)
    return file.stat().st_size


def restore(file: Path, url: str, *, force: bool) -> None:
    """Make the database what it was when `file` was written, after a look at the whole file.

    Raises:
        InvalidArgument: the database is not SQLite, or `file` is no whole backup.
        StateConflict: a database is there and `force` is not, or it is in use, or `file` is from a
            newer release.
        StoreUnavailable: something cannot be read or written.
    """
    target = _own_path(url, "restore", "pg_restore")
    _check(file)
    if target.exists() and not force:
        raise StateConflict(
            f"{target} exists already; stop its engine and give --force to replace it.",
            kind="database",
        )
    draft = _draft(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(_open(file, mode="ro")) as found, closing(sqlite3.connect(draft)) as made:
            found.backup(made)
            made.execute(_SKIP_TRANSACTION_IDS)
            made.commit()
        if target.exists():
            _require_unused(target)
        _put_in_place(draft, target)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnavailable(f"{file} cannot be written to {target}: {error}.") from error
    finally:
        _discard(draft)


def _own_path(url: str, verb: str, tool: str) -> Path:
    path = sqlite_path(url)
    if path is None:
        raise InvalidArgument(
            f"This is for SQLite. To {verb} PostgreSQL, use its own {tool}.", field="database"
        )
    return path


def _open(path: Path, *, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_S)


def _check(file: Path) -> None:
    """Read all of a backup, and find out whether this release can use it."""
    if not file.is_file():
        raise StoreUnavailable(f"There is no file {file}.")
    try:
        with closing(_open(file, mode="ro")) as found:
            [(verdict,), *_] = found.execute("PRAGMA integrity_check(1)").fetchall()
            revision = found.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise InvalidArgument(f"{file} is no backup of ours: {error}.", field="file") from error
    if verdict != "ok":
        raise InvalidArgument(f"{file} is damaged: {verdict}.", field="file")
    if revision is None:
        raise InvalidArgument(f"{file} has no schema.", field="file")
    missing(revision[0])


def _require_unused(target: Path) -> None:
    """Take the database out of shared use, which no other connection must be in the way of."""
    try:
        with closing(sqlite3.connect(target, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise StateConflict(
            f"{target} is in use; stop its engine first.", kind="database"
        ) from error
    except sqlite3.DatabaseError:
        return  # it is damaged, which is why somebody restores


def _remove_logs(target: Path) -> None:
    """Remove what would otherwise be taken for the changes since the restored state."""
    for end in ("-wal", "-shm", "-journal"):
        _remove(target.with_name(target.name + end))


def _draft(file: Path) -> Path:
    return file.with_name(f".{file.name}.{os.getpid()}.partial")


def _put_in_place(draft: Path, file: Path) -> None:
    """Give a written file its name, durably."""
    draft.chmod(0o600)
    _sync(draft)
    _remove_logs(file)
    draft.rename(file)
    _sync(file.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()


def _discard(draft: Path) -> None:
    """Remove a draft where that is possible; on a read-only file system there is none."""
    with suppress(OSError):
        draft.unlink()
