"""Metrics that are counts in the database, looked up every few seconds beside the writers.

Each statement reads an index, and no more rows than are open; a backlog is counted up to a bound.
Engines on one database report the same, except for how far their own followers are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
import structlog
from prometheus_client import Gauge

from engine.db.committed import WAITING
from engine.db.port import Database, Transaction
from engine.kernel.clock import SECOND
from engine.kernel.errors import EngineError

_LOG = structlog.get_logger()
PERIOD_S = 5.0

_UP = Gauge("interwatt_engine_store_up", "Whether the database answered the last look.")
_HEAD = Gauge("interwatt_engine_event_head", "Number of the newest event.")
_OLDEST = Gauge("interwatt_engine_event_oldest", "Number of the oldest event kept; 0 without any.")
_LAG = Gauge("interwatt_engine_follower_lag", "Events that a follower is behind.", ["follower"])
_LATE = Gauge(
    "interwatt_engine_follower_lag_seconds",
    "Age of the first event that a follower is not done with; 0 while there is none.",
    ["follower"],
)
_PENDING = Gauge(
    "interwatt_engine_deliveries_pending",
    "Objects that a partner is still to be shown, of the 10000 that are due first.",
    ["partner"],
)
_FAILING = Gauge(
    "interwatt_engine_deliveries_failing", "Those of them that failed before.", ["partner"]
)
_OVERDUE = Gauge(
    "interwatt_engine_delivery_lag_seconds",
    "How long the first of them has been due; 0 while it waits for its next attempt.",
    ["partner"],
)
_COMMANDS = Gauge("interwatt_engine_commands_open", "Commands on their way.", ["action"])
_HELD = Gauge("interwatt_engine_cdrs_held", "CDRs that wait for a person.")
_ONLINE = Gauge("interwatt_engine_stations_online", "Stations that a gateway holds.")

_HEAD_SQL = sa.text("SELECT seq FROM event_head")
_OLDEST_SQL = sa.text("SELECT coalesce(min(seq), 0) FROM event")
_NEXT_SQL = sa.text("SELECT recorded_us FROM event WHERE seq > :after ORDER BY seq LIMIT 1")
_DELIVERIES_SQL = sa.text(
    """
SELECT partner_id, count(*), sum(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), min(due_us)
FROM (SELECT partner_id, attempts, due_us FROM delivery WHERE pending
      ORDER BY due_us LIMIT 10000) AS first
GROUP BY partner_id
"""
)
_COMMANDS_SQL = sa.text(
    "SELECT action, count(*) FROM command WHERE state IN ('REQUESTED', 'SENT', 'AGREED') "
    "GROUP BY action"
)
_HELD_SQL = sa.text("SELECT count(*) FROM cdr WHERE state = 'HELD'")
_ONLINE_SQL = sa.text("SELECT count(*) FROM route")


class Following(Protocol):
    """What follows events."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def position(self) -> int | None:
        """The last event it is done with; nothing while that is not known."""
        ...

    async def run(self) -> None:
        """Follow until cancelled."""
        ...


class Sampler:
    """Looks every few seconds, until cancelled."""

    def __init__(self, database: Database, following: Sequence[Following]) -> None:
        self._database = database
        self._following = following

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(PERIOD_S)

    async def look(self) -> None:
        """Bring every gauge up to date; a database that does not answer is a gauge too."""
        WAITING.set(self._database.waiting)
        try:
            found = await self._database.read(self._read)
        except EngineError as error:
            _UP.set(0)
            _LOG.warning("metrics.store_unavailable", reason=error.message)
            return
        _UP.set(1)
        _HEAD.set(found["head"])
        _OLDEST.set(found["oldest"])
        _HELD.set(found["held"])
        _ONLINE.set(found["online"])
        now = self._database.now()
        for name, (position, next_us) in found["followers"].items():
            _LAG.labels(name).set(max(0, found["head"] - position))
            _LATE.labels(name).set(max(0, now - (next_us or now)) / SECOND)
        deliveries = found["deliveries"]
        _set_all(_PENDING, {partner: pending for partner, pending, _, _ in deliveries})
        _set_all(_FAILING, {partner: failing for partner, _, failing, _ in deliveries})
        _set_all(
            _OVERDUE, {partner: max(0, now - due) / SECOND for partner, _, _, due in deliveries}
        )
        _set_all(_COMMANDS, dict(found["commands"]))

    async def _read(self, tx: Transaction) -> dict[str, Any]:
        followers: dict[str, tuple[int, int | None]] = {}
        for follower in self._following:
            position = follower.position
            if position is not None:
                next_ = await tx.fetch(_NEXT_SQL, after=position)
                followers[follower.name] = position, next_[0][0] if next_ else None
        return {
            "head": (await tx.fetch(_HEAD_SQL))[0][0],
            "oldest": (await tx.fetch(_OLDEST_SQL))[0][0],
            "followers": followers,
            "held": (await tx.fetch(_HELD_SQL))[0][0],
            "online": (await tx.fetch(_ONLINE_SQL))[0][0],
            "deliveries": await tx.fetch(_DELIVERIES_SQL),
            "commands": await tx.fetch(_COMMANDS_SQL),
        }


def _set_all(gauge: Gauge, found: Mapping[str, float]) -> None:
    """Set what was found, and what was there before and is no more to zero."""
    for metric in gauge.collect():
        for sample in metric.samples:
            [label] = sample.labels.values()
            if label not in found:
                gauge.labels(label).set(0)
    for label, value in found.items():
        gauge.labels(label).set(float(value))
