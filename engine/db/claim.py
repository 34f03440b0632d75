"""One engine at a time on an SQLite file. Two would be correct, and wait for each other's locks.

The claim is a lock on a file beside the database, which the system takes back when its process
ends, however that comes about.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from engine.db.connect import sqlite_path
from engine.kernel.errors import StateConflict, StoreUnavailable

_PATIENCE_S = 10.0  # one that is stopping gets to finish
_LOOK_AGAIN_S = 0.1


@asynccontextmanager
async def claim(url: str, *, patience_s: float = _PATIENCE_S) -> AsyncIterator[None]:
    """Hold an SQLite database for this engine alone; PostgreSQL serves any number.

    Raises:
        StateConflict: another engine holds it, and went on holding it for `patience_s`.
        StoreUnavailable: no file can be written there.
    """
    path = sqlite_path(url)
    if path is None:
        yield
        return
    with _open(path.with_name(f"{path.name}.lock")) as lock:
        if not await _taken(lock, patience_s):
            raise StateConflict(
                f"Another engine serves {path}. Stop it first; several engines need PostgreSQL.",
                kind="database",
            )
        yield


def _open(path: Path) -> IO[str]:
    try:
        return path.open("w")
    except OSError as error:
        raise StoreUnavailable(f"Cannot write {path}: {error.strerror}.") from error


async def _taken(lock: IO[str], patience_s: float) -> bool:
    """Return whether the lock is ours, now or soon."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience_s
    while not _locked(lock):
        if loop.time() >= until:
            return False
        await asyncio.sleep(_LOOK_AGAIN_S)
    return True


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
