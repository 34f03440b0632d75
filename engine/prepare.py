"""What must be there before the engine serves: the schema, the first callers and their key files.

Safe to run at every start, and by several engines at once: what is there already stays as it is. A
key file is written before its caller, so that a crash in between leaves a key that the next start
takes up and never a caller whose key nobody has.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from engine.callers import store
from engine.callers.model import Caller, key_hash
from engine.db.connect import connect
from engine.db.migrate import upgrade
from engine.db.port import Database, Transaction
from engine.kernel.clock import Clock
from engine.kernel.ids import IdSource
from engine.rpc.access import CallerRole
from engine.settings import Settings

FIRST_CALLERS = {
    "admin": CallerRole.ADMIN,
    "ocpp-gateway": CallerRole.GATEWAY,
    "ocpi-gateway": CallerRole.GATEWAY,
}


async def prepare(settings: Settings, clock: Clock, ids: IdSource) -> None:
    """Bring the schema up to date and make the callers that are missing.

    Raises:
        EngineError: the database cannot be used.
        OSError: the data directory cannot be written.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.keys_dir.mkdir(mode=0o700, exist_ok=True)
    await upgrade(settings.database_url)
    database = await connect(settings.database_url, clock)
    try:
        for name, role in FIRST_CALLERS.items():
            await _make_caller(database, ids, settings.keys_dir / f"{name}.key", name, role)
    finally:
        await database.close()


async def _make_caller(
    database: Database, ids: IdSource, path: Path, name: str, role: CallerRole
) -> None:
    async def known(tx: Transaction) -> bool:
        return await store.by_name(tx, name) is not None

    if await database.write(known):
        return
    key, made_here = _take_up_key(path, ids)
    caller = Caller(name, role, key_hash(key), "", 0, database.now(), None)

    async def add(tx: Transaction) -> bool:
        if await known(tx):
            return False
        await store.add(tx, caller)
        return True

    added = await database.write(add)
    if made_here and not added:  # another engine on the same database was first
        _forget_key(path)


def _take_up_key(path: Path, ids: IdSource) -> tuple[str, bool]:
    """Return the key in the file, and whether it was made now."""
    made_here = not path.exists()
    if made_here:
        _write_key(path, ids.secret())
    return path.read_text(encoding="ascii").strip(), made_here


def _forget_key(path: Path) -> None:
    path.unlink()


def _write_key(path: Path, key: str) -> None:
    """Write a key for its owner's eyes only, whole or not at all."""
    draft = path.with_suffix(".new")
    with suppress(FileNotFoundError):
        draft.unlink()
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, key.encode("ascii") + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.rename(path)
