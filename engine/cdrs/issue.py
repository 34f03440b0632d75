"""Issuing our CDRs: one for each completed session of an accepted token at a station of ours."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.cdrs import billing, store
from engine.cdrs.billing import Sources
from engine.cdrs.events import tell, tell_accepted
from engine.cdrs.model import Cdr, CdrState, cdr_key
from engine.cdrs.pricing import Pricer, bill
from engine.db.port import Database, Transaction
from engine.events.model import Event, Filter
from engine.kernel.party import PartyKey
from engine.locations import store as locations
from engine.locations.model import location_key
from engine.sessions import store as sessions
from engine.sessions.model import Session, State, session_key
from engine.stations import store as stations
from engine.tariffs import store as tariffs

FOLLOWS = Filter(("session.completed",))


class _Completed(msgspec.Struct, frozen=True):
    owner: PartyKey
    id: str


class Issuer:
    """Follows completed sessions. CDR and events are in the follower's transaction."""

    def __init__(self, database: Database, pricer: Pricer) -> None:
        self._database = database
        self._pricer = pricer

    async def handle(self, tx: Transaction, events: Sequence[Event]) -> None:
        """Issue the CDRs of the sessions that `events` name; one that has its CDR gets no other."""
        keys = dict.fromkeys(map(_key, events))
        found = await sessions.by_key(tx, keys)
        billable = [found[key] for key in keys if key in found and _is_billable(found[key])]
        issued = await store.by_key(tx, [_cdr_key(session) for session in billable])
        new = [
            await self._bill(tx, session) for session in billable if _cdr_key(session) not in issued
        ]
        await store.add(tx, new)
        for cdr in new:
            if cdr.state is CdrState.ACCEPTED:
                tell_accepted(tx, cdr)
            else:
                tell(tx, "cdr.held", cdr)

    async def _bill(self, tx: Transaction, session: Session) -> Cdr:
        sources = await _read(tx, session)
        documents = [sources.tariff.document] if sources.tariff is not None else []
        profile = billing.profile(sources)
        billed = bill(self._pricer, profile, documents, session.currency)
        return billing.make_cdr(sources, billed, self._database.now())


async def _read(tx: Transaction, session: Session) -> Sources:
    place = location_key(PartyKey(session.owner), session.location_id)
    return Sources(
        session=session,
        readings=await sessions.readings_of(tx, session.key),
        statuses=await stations.logged(
            tx,
            session.station_id,
            session.connector_number,
            session.started_us,
            session.ended_us or session.started_us,
        ),
        tariff=await tariffs.sealed(tx, session.tariff_key, session.tariff_version),
        location=(await locations.by_key(tx, [place])).get(place),
    )


def _is_billable(session: Session) -> bool:
    return bool(
        session.at_our_station and session.state == State.COMPLETED and session.token().accepted
    )


def _key(event: Event) -> str:
    completed = msgspec.json.decode(event.payload_json, type=_Completed)
    return session_key(completed.owner, completed.id)


def _cdr_key(session: Session) -> str:
    return cdr_key(PartyKey(session.owner), billing.issued_id(session))
