"""The port: what every unit of work may rely on, whichever database is behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest
import sqlalchemy as sa

from engine.db.idempotency import run_once
from engine.db.port import Database, NewEvent, Transaction
from engine.events import store as events
from engine.kernel.errors import (
    EngineError,
    InvalidArgument,
    RequestIdReused,
    StateConflict,
)
from engine.kernel.outcome import Outcome, Request
from tests.engine.conftest import OpenDatabase


async def test_x(database: Database) -> None:
    async def work(tx: Transaction) -> int:
        tx.emit(NewEvent("a", "b"))
        return 7

    assert await database.write(work) == 7
    assert len(await database.read(lambda tx: events.read_after(tx, 0, 10))) == 1
