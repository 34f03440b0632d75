"""Issuing our CDRs: one for each completed session of an accepted token at a station of ours."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.cdrs import billing, store
from engine.cdrs.billing import Sources
from engine.cdrs.events import tell_judged
from engine.cdrs.model import Cdr, cdr_key
from engine.cdrs.pricing import Pricer, bill
from engine.db.port import Database, Transaction
from engine.events.model import Event, Filter
from engine.kernel.clock import SECOND, Micros
from engine.kernel.party import PartyKey
from engine.locations import store as locations
from engine.locations.model import location_key
from engine.sessions import store as sessions
from engine.sessions.model import Session, State, session_key
from engine.stations import store as stations
from engine.stations.model import StatusLogged
from engine.tariffs import store as tariffs

FOLLOWS = Filter(("session.completed",))
DAY_US = 86_400 * SECOND


class _Completed(msgspec.Struct, frozen=True):
    owner: PartyKey
    id: str


class Issuer:
    """Follows completed sessions. Billing runs beside the writers."""

    def __init__(self, database: Database, pricer: Pricer) -> None:
        self._database = database
        self._pricer = pricer

    async def prepare(self, tx: Transaction, events: Sequence[Event]) -> list[Cdr]:
        """Bill the sessions that `events` name; none for one that has its CDR already."""
        keys = dict.fromkeys(map(_key, events))
        found = await sessions.by_key(tx, keys)
        billable = [found[key] for key in keys if key in found and _is_billable(found[key])]
        if not billable:
            return []
        issued = await store.by_key(tx, [_cdr_key(session) for session in billable])
        new = [session for session in billable if _cdr_key(session) not in issued]
        return [
            bill_session(self._pricer, sources, self._database.now())
            for sources in await read_sources(tx, new)
        ]

    async def handle(self, tx: Transaction, new: Sequence[Cdr]) -> None:
        """Store the CDRs and tell of them."""
        await store.add(tx, new)
        for cdr in new:
            tell_judged(tx, cdr)


def bill_session(pricer: Pricer, sources: Sources, now: Micros) -> Cdr:
    """Return the CDR of a completed session, priced by its tariff where it has one."""
    documents = [sources.tariff.document] if sources.tariff is not None else []
    profile = billing.profile(sources)
    billed = bill(pricer, profile, documents, sources.session.currency)
    return billing.make_cdr(sources, profile, billed, now)


async def read_sources(tx: Transaction, completed: Sequence[Session]) -> list[Sources]:
    """Return all that is known of these sessions: one trip for each kind of record."""
    readings = await sessions.readings_of(tx, [session.key for session in completed])
    sealed = await tariffs.sealed(
        tx, [(session.tariff_key, session.tariff_version) for session in completed]
    )
    places = await locations.by_key(tx, map(_place_key, completed))
    statuses: dict[tuple[str, int], list[StatusLogged]] = {}
    for day in _by_day(completed):
        for logged in await stations.logged(
            tx,
            [session.station_id for session in day],
            min(session.started_us for session in day),
            max(session.ended_us or session.started_us for session in day),
        ):
            key = (logged.station_id, logged.connector_number)
            statuses.setdefault(key, []).append(logged)
    return [
        Sources(
            session=session,
            readings=readings.get(session.key, []),
            statuses=statuses.get((session.station_id, session.connector_number), []),
            tariff=sealed.get((session.tariff_key, session.tariff_version)),
            location=places.get(_place_key(session)),
        )
        for session in completed
    ]


def _by_day(completed: Sequence[Session]) -> list[list[Session]]:
    """Part sessions by the day they started: an old one must not widen the search for all."""
    days: dict[int, list[Session]] = {}
    for session in completed:
        days.setdefault(session.started_us // DAY_US, []).append(session)
    return list(days.values())


def _place_key(session: Session) -> str:
    return location_key(PartyKey(session.owner), session.location_id)


def _is_billable(session: Session) -> bool:
    return bool(
        session.at_our_station and session.state == State.COMPLETED and session.token().accepted
    )


def _key(event: Event) -> str:
    completed = msgspec.json.decode(event.payload_json, type=_Completed)
    return session_key(completed.owner, completed.id)


def _cdr_key(session: Session) -> str:
    return cdr_key(PartyKey(session.owner), billing.issued_id(session))
