"""What is said of a commit: its events are counted, and what matters to a person is logged.

Both databases call `tell` in the context of whoever asked, so that a line carries the id of the
call. Nothing is logged per meter reading.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from functools import cache
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram

from engine.db.port import NewEvent
from engine.kernel import correlation

_LOG = structlog.get_logger()

_EVENTS = Counter("interwatt_engine_events", "Events told, by kind.", ["kind"])
_FINISHED = Counter(
    "interwatt_engine_commands_finished", "Commands that ended, and how.", ["action", "state"]
)
SECONDS = Histogram(
    "interwatt_engine_commit_seconds",
    "Time of a transaction that writes, from its first statement to the disk.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
GROUP = Histogram(
    "interwatt_engine_commit_group",
    "Units of work that shared one commit (SQLite).",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128),
)
WAITING = Gauge("interwatt_engine_store_waiting", "Units of work that wait for the database.")

_ACTS = frozenset(
    {
        "session.started",
        "session.completed",
        "session.orphan",
        "cdr.issued",
        "cdr.received",
        "cdr.held",
        "ledger.posted",
        "period.closed",
        "station.connected",
        "station.disconnected",
        "partner.created",
        "partner.registered",
        "partner.ended",
        "command.finished",
    }
)
_OF_A_CHARGE = ("session.", "cdr.", "ledger.")


def tell(events: Sequence[NewEvent]) -> None:
    """Count what was committed, and log the acts among it."""
    for kind, count in Tally(event.kind for event in events).items():
        _of_kind(kind).inc(count)
    call = correlation.of_call()
    acts = []
    for event in events:
        if event.kind in _ACTS:
            acts.append(_facts(event, call))
        if event.kind == "command.finished":
            _FINISHED.labels(event.payload["action"], event.payload["state"]).inc()
    if acts:
        _LOG.info("transaction.committed", lines=acts)


def _facts(event: NewEvent, call: str) -> dict[str, Any]:
    facts = {name: value for name, value in event.payload.items() if value != ""}
    facts["event"] = event.kind
    facts["subject"] = event.subject
    facts["correlation_id"] = call or event.correlation_id
    if event.partner_id:
        facts["partner_id"] = event.partner_id
    if event.correlation_id and event.kind.startswith(_OF_A_CHARGE):
        facts["session_id"] = event.correlation_id
    return facts


@cache
def _of_kind(kind: str) -> Counter:
    """Return the counter of a kind, looked up once; kinds are few and named in the code."""
    return _EVENTS.labels(kind)
