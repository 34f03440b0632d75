"""Posting every accepted CDR to the ledger, once."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.cdrs import store as cdrs
from engine.cdrs.model import Cdr, CdrState, cdr_key, moved
from engine.db.port import Database, NewEvent, Transaction
from engine.events.model import Event, Filter
from engine.kernel.party import PartyKey
from engine.settlement import ledger, parts
from engine.settlement.model import Entry

FOLLOWS = Filter(("cdr.accepted",))


class _Accepted(msgspec.Struct, frozen=True):
    owner: PartyKey
    id: str


class Poster:
    """Follows accepted CDRs. Entry, CDR state and event are in the follower's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def handle(self, tx: Transaction, events: Sequence[Event]) -> None:
        """Post the CDRs that `events` name, in that order; those posted already stay as they are.

        Raises:
            LedgerHaltedError: one cannot be right; the follower waits for a person.
        """
        keys = dict.fromkeys(map(_key, events))
        found = await cdrs.by_key(tx, list(keys), lock=True)
        waiting = [
            found[key] for key in keys if key in found and found[key].state is CdrState.ACCEPTED
        ]
        if not waiting:
            return
        entries = await ledger.post(
            tx, [parts.posting(cdr) for cdr in waiting], self._database.now()
        )
        await cdrs.move(tx, [moved(cdr, CdrState.POSTED) for cdr in waiting])
        of_source = {cdr.subject: cdr for cdr in waiting}
        for entry in entries:
            tx.emit(_posted(entry, of_source[entry.source]))


def _key(event: Event) -> str:
    accepted = msgspec.json.decode(event.payload_json, type=_Accepted)
    return cdr_key(accepted.owner, accepted.id)


def _posted(entry: Entry, cdr: Cdr) -> NewEvent:
    return NewEvent(
        "ledger.posted",
        entry.source,
        cdr.partner_id,
        cdr.correlation_id,
        {
            "entry_id": entry.id,
            "owner": cdr.owner,
            "id": cdr.id,
            "debtor": entry.debtor,
            "creditor": entry.creditor,
            "currency": entry.currency,
            "amount_e4": entry.amount_e4,
        },
    )
