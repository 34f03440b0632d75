"""Followers: how one domain reacts to what another did, each event once, crash or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from engine.db.port import Database, Transaction
from engine.events import store
from engine.events.model import Event, Filter, select
from engine.kernel.errors import EngineError

_LOG = structlog.get_logger()
_PAGE = 100
_POLL_S = 1.0
_LONGEST_PAUSE_S = 30.0

Handler = Callable[[Transaction, Sequence[Event]], Awaitable[None]]


class Follower:
    """Hands events to a handler in order; its position moves in the handler's transaction.

    Several engines may run the same follower: the row of its position is locked, so one works at a
    time.
    """

    def __init__(self, database: Database, name: str, wanted: Filter, handle: Handler) -> None:
        self._database = database
        self._name = name
        self._wanted = wanted
        self._handle = handle

    async def run(self) -> None:
        """Follow until cancelled. A handler that fails is tried again with growing pauses."""
        pause_s = 0.05
        while True:
            waiter = self._database.changed.subscribe()
            try:
                moved = await self._database.write(self._step)
                pause_s = 0.05
                if not moved:
                    await self._database.changed.wait(waiter, timeout_s=_POLL_S)
            except EngineError as error:
                _LOG.warning("follower.waits", follower=self._name, reason=error.message)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            except Exception:
                _LOG.exception("follower.failed", follower=self._name)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _step(self, tx: Transaction) -> bool:
        """Handle the next page; returns whether there was one."""
        position = await store.position(tx, self._name)
        events = await store.read_after(tx, position, _PAGE)
        if not events:
            return False
        wanted = select(events, self._wanted)
        if wanted:
            await self._handle(tx, wanted)
        await store.move(tx, self._name, events[-1].seq)
        return True
