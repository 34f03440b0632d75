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
_PAGE = 500
_POLL_S = 1.0
_SETTLE_S = 0.01
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 30.0
_SAVE_EVERY = 10_000

Handler = Callable[[Transaction, Sequence[Event]], Awaitable[None]]


class Follower:
    """Hands events to a handler in order; its position moves in the handler's transaction.

    Events that the handler does not want cost it no write: they are looked at again after a
    restart, and passed over again. Several engines may run the same follower: the row of its
    position is locked, so one works at a time.
    """

    def __init__(self, database: Database, name: str, wanted: Filter, handle: Handler) -> None:
        self._database = database
        self._name = name
        self._wanted = wanted
        self._handle = handle
        self._passed = 0

    async def run(self) -> None:
        """Follow until cancelled. A handler that fails is tried again with growing pauses."""
        pause_s = _FIRST_PAUSE_S
        while True:
            waiter = self._database.changed.subscribe()
            try:
                if await self._advance():
                    pause_s = _FIRST_PAUSE_S
                    continue
                await self._database.changed.wait(waiter, timeout_s=_POLL_S)
                await asyncio.sleep(_SETTLE_S)  # one commit for many events
                continue
            except EngineError as error:
                _LOG.warning("follower.waits", follower=self._name, reason=error.message)
            except Exception:
                _LOG.exception("follower.failed", follower=self._name)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _advance(self) -> bool:
        """Go one page further; returns whether there was one."""
        position, events = await self._database.read(self._look)
        if not events:
            return False
        if select(events, self._wanted) or events[-1].seq - position > _SAVE_EVERY:
            await self._database.write(self._step)
        else:
            self._passed = events[-1].seq
        return True

    async def _look(self, tx: Transaction) -> tuple[int, list[Event]]:
        position = await store.saved_position(tx, self._name)
        return position, await store.read_after(tx, max(position, self._passed), _PAGE)

    async def _step(self, tx: Transaction) -> None:
        """Handle the next page. Another engine may have done so: the locked position decides."""
        position = max(await store.position(tx, self._name), self._passed)
        events = await store.read_after(tx, position, _PAGE)
        wanted = select(events, self._wanted)
        if wanted:
            await self._handle(tx, wanted)
        if events:
            await store.move(tx, self._name, events[-1].seq)
