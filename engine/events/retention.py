"""How long events, idempotency records and secrets in answers are kept: a sweep in small steps,
beside the writers.

Events go from the oldest on, so that what is kept has no gap, and never before every follower is
done with them; the newest stays, so that a reader who is too late notices.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from prometheus_client import Counter

from engine.db import idempotency
from engine.db.port import Database, Transaction
from engine.events import store
from engine.kernel.clock import SECOND
from engine.kernel.errors import EngineError

_LOG = structlog.get_logger()
_DAY_US = 86_400 * SECOND
_STEP = 500
_PAUSE_S = 0.05
_REST_S = 60.0

_SWEPT = Counter("interwatt_engine_swept", "Rows that were kept long enough.", ["table"])


class Sweeper:
    """Removes what was kept long enough, until cancelled; 0 days keep for ever."""

    def __init__(
        self,
        database: Database,
        followers: Sequence[str],
        *,
        event_days: int,
        request_id_days: int,
        step: int = _STEP,
    ) -> None:
        self._database = database
        self._followers = followers
        self._event_days = event_days
        self._request_id_days = request_id_days
        self._step = step

    async def run(self) -> None:
        while True:
            try:
                await self.sweep()
            except EngineError as error:
                _LOG.warning("retention.waits", reason=error.message)
            await asyncio.sleep(_REST_S)

    async def sweep(self) -> None:
        """Remove all that is due now, a step a transaction, with room for others in between."""
        await self._repeat("whole_answer", self._sweep_secrets)
        if self._event_days:
            await self._repeat("event", self._sweep_events)
        if self._request_id_days:
            await self._repeat("idempotency", self._sweep_request_ids)

    async def _repeat(self, table: str, step: Callable[[Transaction], Awaitable[int]]) -> None:
        removed = self._step
        while removed == self._step:
            removed = await self._database.write(step)
            _SWEPT.labels(table).inc(removed)
            await asyncio.sleep(_PAUSE_S if removed == self._step else 0)

    async def _sweep_secrets(self, tx: Transaction) -> int:
        until_us = self._database.now() - idempotency.SECRETS_KEPT_US
        return await idempotency.forget_secrets(tx, until_us=until_us)

    async def _sweep_events(self, tx: Transaction) -> int:
        positions = dict.fromkeys(self._followers, 0) | await store.positions(tx)
        done = min([await store.head(tx) - 1, *positions.values()])
        return await store.remove_oldest(
            tx, until=done, before_us=self._before(self._event_days), limit=self._step
        )

    async def _sweep_request_ids(self, tx: Transaction) -> int:
        return await idempotency.forget(
            tx, before_us=self._before(self._request_id_days), limit=self._step
        )

    def _before(self, days: int) -> int:
        return self._database.now() - days * _DAY_US
