"""The outbox: written in the transaction of its cause, numbered when that commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa

from engine.db.port import NewEvent
from engine.db.schema import integer, metadata, text
from engine.kernel.clock import Micros

CHANNEL = "interwatt_events"

event = sa.Table(
    "event",
    metadata,
    integer("seq", key=True),
    text("kind"),
    text("subject"),
    text("partner_id"),
    text("correlation_id"),
    integer("recorded_us"),
    text("payload_json"),
)

event_head = sa.Table("event_head", metadata, integer("id", key=True), integer("seq"))

INSERT_EVENT_SQLITE = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)"

# The row of `event_head` is locked from here to the commit: numbers are given in the order of
# commits, without gaps.
INSERT_EVENTS_POSTGRESQL = f"""
WITH head AS (UPDATE event_head SET seq = seq + $1 RETURNING seq),
     told AS (
         INSERT INTO event
         SELECT head.seq - $1 + new.n, new.kind, new.subject, new.partner_id, new.correlation_id,
         $6, new.payload
         FROM head, unnest($2::text::text[], $3::text::text[], $4::text::text[], $5::text::text[],
                         $7::text::text[])
              WITH ORDINALITY AS new(kind, subject, partner_id, correlation_id, payload, n))
SELECT pg_notify('{CHANNEL}', '') FROM head
"""  # noqa: S608 - a constant


def event_rows(
    events: Iterable[NewEvent], now: Micros
) -> Sequence[tuple[str, str, str, str, int, str]]:
    """Return the columns after `seq`, in table order."""
    return [
        (
            e.kind,
            e.subject,
            e.partner_id,
            e.correlation_id,
            now,
            msgspec.json.encode(e.payload).decode(),
        )
        for e in events
    ]
