"""The newest events, read from the store once for all who follow them in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from engine.db.port import Database, Transaction
from engine.events import store
from engine.events.model import Event

_KEEP = 5_000
_READ = 1_000


class EventFeed:
    """A window on the end of the outbox. Whoever asks for older events gets them from the store.

    Numbers have no gaps, so an event's place in the window follows from its number.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._window: list[Event] = []
        self._reading = asyncio.Lock()

    async def after(self, seq: int, limit: int) -> Sequence[Event]:
        """Return at most `limit` events after `seq`, in order."""
        if self._last <= seq:
            await self._catch_up(seq)
        window = self._window
        if window and window[0].seq <= seq + 1:
            start = seq + 1 - window[0].seq
            return window[start : start + limit]
        return await self._read(seq, limit) if self._last > seq else []

    async def _catch_up(self, seq: int) -> None:
        """Read what came since the last look, once for all who ask meanwhile."""
        async with self._reading:
            while self._last <= seq:
                found = await self._read(self._last or seq, _READ)
                self._window = (self._window + found)[-_KEEP:]
                if len(found) < _READ:
                    return

    @property
    def _last(self) -> int:
        return self._window[-1].seq if self._window else 0

    async def _read(self, seq: int, limit: int) -> list[Event]:
        async def work(tx: Transaction) -> list[Event]:
            return await store.read_after(tx, seq, limit)

        return await self._database.read(work)
