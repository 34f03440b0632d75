"""Followers: how one domain reacts to what another did, each event once, crash or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from engine.db.port import Database, Transaction
from engine.events import store
from engine.events.model import Event, Filter, select
from engine.kernel.errors import EngineError

_LOG = structlog.get_logger()
_PAGE = 200
_POLL_S = 1.0
_SETTLE_S = 0.01
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 30.0
_SAVE_EVERY = 10_000

Prepare = Callable[[Transaction, Sequence[Event]], Awaitable[Any]]
Handler = Callable[[Transaction, Any], Awaitable[None]]


class Follower:
    """Hands events to a handler in order; its position moves in the handler's transaction.

    Events that the handler does not want cost it no write: they are looked at again after a
    restart, and passed over again. Several engines may run the same follower: the row of its
    position is locked, so one works at a time.

    What takes long belongs in `prepare`, which runs beside the writers on a consistent view; the
    handler gets what it returned. Without one the handler gets the events.
    """

    def __init__(
        self,
        database: Database,
        name: str,
        wanted: Filter,
        handle: Handler,
        *,
        prepare: Prepare | None = None,
    ) -> None:
        self._database = database
        self._name = name
        self._wanted = wanted
        self._handle = handle
        self._prepare = prepare
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
        saved, last, prepared = await self._database.read(self._look)
        if last == max(saved, self._passed):
            return False
        if prepared is None and last - saved < _SAVE_EVERY:
            self._passed = last
            return True

        async def work(tx: Transaction) -> None:
            # Another engine may have gone on meanwhile: then what was prepared is not due here.
            if await store.position(tx, self._name) == saved:
                if prepared is not None:
                    await self._handle(tx, prepared)
                await store.move(tx, self._name, last)

        await self._database.write(work)
        return True

    async def _look(self, tx: Transaction) -> tuple[int, int, Any]:
        """Return the saved position, the last event of the next page, and what it prepares."""
        saved = await store.saved_position(tx, self._name)
        position = max(saved, self._passed)
        events = await store.read_after(tx, position, _PAGE)
        wanted = select(events, self._wanted)
        prepared: Any = wanted or None
        if wanted and self._prepare is not None:
            prepared = await self._prepare(tx, wanted)
        return saved, events[-1].seq if events else position, prepared
