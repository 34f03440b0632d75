"""One engine at a time on an SQLite file. Two would be correct, and wait for each other's locks.

The claim is a lock on a file beside the database, which the system takes back when its process
ends, however that comes about.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog

from engine.db.connect import sqlite_path
from engine.kernel.errors import StateConflict, StoreUnavailable

_LOG = structlog.get_logger()
_PATIENCE_S = 10.0  # one that is stopping gets to finish
_LOOK_AGAIN_S = 0.1


@asynccontextmanager
async def claim(
    url: str, stopping: asyncio.Event, *, patience_s: float = _PATIENCE_S
) -> AsyncIterator[bool]:
    """Hold an SQLite database for this engine alone; PostgreSQL serves any number.

    Gives whether it may be used: not when `stopping` was set while another engine held it.

    Raises:
        StateConflict: another engine went on holding it for `patience_s`.
        StoreUnavailable: no file can be locked there.
    """
    path = sqlite_path(url)
    if path is None:
        yield True
        return
    path = path.resolve()  # by whatever name: one database, one lock
    lock = _open(path.with_name(f"{path.name}.lock"))
    try:
        yield await _taken(lock, path, stopping, patience_s)
    finally:
        os.close(lock)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreUnavailable(f"Cannot write {path}: {error.strerror}.") from error


async def _taken(lock: int, path: Path, stopping: asyncio.Event, patience_s: float) -> bool:
    """Return whether the lock is ours, now or soon."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience_s
    waits = False
    while not _locked(lock, path):
        if loop.time() >= until:
            raise StateConflict(
                f"Another engine serves {path}. Stop it first; several engines need PostgreSQL.",
                kind="database",
            )
        if not waits:
            waits = True
            _LOG.info("claim.waits", database=str(path), seconds=patience_s)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _LOOK_AGAIN_S)
        if stopping.is_set():
            return False
    return True


def _locked(lock: int, path: Path) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise StoreUnavailable(f"Cannot lock beside {path}: {error.strerror}.") from error
    return True
