"""The newest events, read from the store once for all who follow them in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from engine.db.port import Database
from engine.events import store
from engine.events.model import Event

_KEEP = 5_000
_READ = 1_000
_POLL_S = 1.0
_LOOKS_APART_S = 0.025


class EventFeed:
    """A window on the end of the outbox. Whoever asks for older events gets them from the store.

    Numbers have no gaps, so an event's place in the window follows from its number.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._window: list[Event] = []
        self._reading = asyncio.Lock()
        self._looked: asyncio.Event | None = None
        self._look_after = 0.0

    async def after(self, seq: int, limit: int) -> Sequence[Event]:
        """Return at most `limit` events after `seq`, in order."""
        if self._last <= seq:
            await self._catch_up(seq)
        window = self._window
        if window and window[0].seq <= seq + 1:
            start = seq + 1 - window[0].seq
            return window[start : start + limit]
        return await self._read(seq, limit) if self._last > seq else []

    async def news(self, seq: int) -> None:
        """Return when there may be events after `seq`; after a second at the latest.

        All who wait share one look at the store, and looks keep apart: a busy store has news all
        the time.
        """
        if self._last > seq:
            return
        if self._looked is not None:
            await self._looked.wait()
            return
        looked = self._looked = asyncio.Event()
        try:
            waiter = self._database.changed.subscribe()
            await self._catch_up(seq)
            if self._last <= seq:
                await self._database.changed.wait(waiter, timeout_s=_POLL_S)
                await asyncio.sleep(self._look_after - time.monotonic())
                await self._catch_up(seq)
        finally:
            self._look_after = time.monotonic() + _LOOKS_APART_S
            self._looked = None
            looked.set()

    async def _catch_up(self, seq: int) -> None:
        """Read what came since the last look, once for all who ask meanwhile."""
        async with self._reading:
            while self._last <= seq:
                found = await self._read(self._last or seq, _READ)
                self._window += found
                if len(self._window) > 2 * _KEEP:
                    del self._window[:-_KEEP]
                if len(found) < _READ:
                    return

    @property
    def _last(self) -> int:
        return self._window[-1].seq if self._window else 0

    async def _read(self, seq: int, limit: int) -> list[Event]:
        return await store.read_after(self._database, seq, limit)
