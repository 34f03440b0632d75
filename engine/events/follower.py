"""Followers: how one domain reacts to what another did, each event once, crash or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from engine.db.port import Database, Transaction
from engine.events import store
from engine.events.look import Found, Look
from engine.kernel.clock import SECOND, Micros
from engine.kernel.errors import EngineError

_LOG = structlog.get_logger()
_PAGES_APART_S = 0.05
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 30.0
_LONGEST_OUTAGE_PAUSE_S = 1.0
_SAVE_EVERY = 10_000
_SAVE_AFTER_US = 3_600 * SECOND

Handler = Callable[[Transaction, Any], Awaitable[None]]


class Follower:
    """Hands what a look finds to a handler; its position moves in the handler's transaction.

    Events that the handler does not want cost it no write: they are looked at again after a
    restart, and passed over again. Several engines may run the same follower: the row of its
    position is locked, so one works at a time.
    """

    def __init__(self, database: Database, looking: Look, name: str, handle: Handler) -> None:
        self._database = database
        self._looking = looking
        self._name = name
        self._handle = handle
        self._position: int | None = None
        self._done: int | None = None
        self._saved = 0
        self._saved_us = Micros(0)

    @property
    def name(self) -> str:
        return self._name

    @property
    def position(self) -> int | None:
        """The last event that it is done with; nothing until it looked, or failed to."""
        return self._done

    async def run(self) -> None:
        """Follow until cancelled. A handler that fails is tried again with growing pauses; while
        only the store is away, with short ones, to go on soon after it is back."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                await self._advance()
                pause_s = _FIRST_PAUSE_S
                continue
            except EngineError as error:
                _LOG.warning("follower.waits", follower=self._name, reason=error.message)
                pause_s = min(pause_s, _LONGEST_OUTAGE_PAUSE_S)
            except Exception:
                _LOG.exception("follower.failed", follower=self._name)
            self._position = None  # look anew at what is stored
            self._done = self._saved if self._done is None else self._done
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _advance(self) -> None:
        """Do what the next look finds."""
        if self._position is None:
            self._position = self._saved = await self._database.read(self._load)
        found = await self._looking.look(self._name, self._position)
        if found.items or self._worth_saving(found.last):
            await self._handle_found(found)
        else:
            self._position = found.last
        self._done = self._position
        if found.items and not found.more:
            await asyncio.sleep(_PAGES_APART_S)  # one commit for many events

    def _worth_saving(self, last: int) -> bool:
        """Return whether to save how far it came with nothing to do: events are kept until then."""
        passed_over = last - self._saved
        waited_us = self._database.now() - self._saved_us
        return passed_over >= _SAVE_EVERY or (passed_over > 0 and waited_us >= _SAVE_AFTER_US)

    async def _handle_found(self, found: Found) -> None:
        async def work(tx: Transaction) -> int:
            saved = await store.position(tx, self._name)
            if saved != self._saved:  # another engine went on: its position counts
                return saved
            if found.items:
                await self._handle(tx, found.items)
            await store.move(tx, self._name, found.last)
            return found.last

        self._position = self._saved = await self._database.write(work)
        self._saved_us = self._database.now()

    async def _load(self, tx: Transaction) -> int:
        return await store.saved_position(tx, self._name)
