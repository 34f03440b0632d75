"""Judging partners' CDRs: each is priced again and compared before it is accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from engine.cdrs import store, twin_store
from engine.cdrs.checks import Evidence, judge
from engine.cdrs.events import tell_judged
from engine.cdrs.model import Cdr, CdrState, cdr_key, moved
from engine.cdrs.pricing import Pricer, reprice
from engine.db.port import Database, Transaction
from engine.events.model import Event, Filter
from engine.kernel.party import PartyKey, ci
from engine.locations import store as locations
from engine.locations.model import Location, location_key
from engine.sessions import store as sessions
from engine.sessions.model import Session, session_key
from engine.tariffs import store as tariffs
from engine.tariffs.model import Priced, Tariff, tariff_key
from engine.tokens import store as tokens
from engine.tokens.model import Token

FOLLOWS = Filter(("cdr.received",))

_SETTLED = (CdrState.ACCEPTED, CdrState.POSTED)


class _Received(msgspec.Struct, frozen=True):
    owner: PartyKey
    id: str


class _Known(msgspec.Struct, frozen=True):
    """What is stored about a batch of CDRs."""

    locations: Mapping[str, Location]
    sessions: Mapping[str, Session]
    tariffs: Mapping[str, Tariff]
    tokens: Mapping[str, Sequence[Token]]
    originals: Mapping[str, Cdr]
    related: Sequence[Cdr]
    near: Sequence[Cdr]


class Judge:
    """Follows received CDRs. The decision and its event are in the follower's transaction."""

    def __init__(self, database: Database, pricer: Pricer) -> None:
        self._database = database
        self._pricer = pricer

    async def handle(self, tx: Transaction, events: Sequence[Event]) -> None:
        """Accept or hold the CDRs that `events` name; those that are judged stay as they are."""
        keys = dict.fromkeys(map(_key, events))
        found = await store.by_key(tx, list(keys), lock=True)
        waiting = [
            found[key] for key in keys if key in found and found[key].state is CdrState.RECEIVED
        ]
        if not waiting:
            return
        known = await _read(tx, waiting)
        judged: dict[str, Cdr] = {}
        for cdr in waiting:
            judged[cdr.key] = self._judge(cdr, known, judged)
        await store.replace(tx, list(judged.values()))
        await twin_store.remember(tx, list(judged.values()))
        for cdr in judged.values():
            tell_judged(tx, cdr)

    async def judge_again(self, tx: Transaction, held: Cdr, tariff: Tariff | None) -> Cdr:
        """Return a held CDR with what is found now; by `tariff`, if one is given. Others about the
        same charge count only where they are accepted: none of those held was before the other."""
        known = await _read(tx, [held])
        # Locked, so that of two that are priced at once the second sees what became of the first.
        keys = [other.key for other in (*known.related, *known.near)]
        rivals = await store.by_key(tx, keys, lock=True)
        settled = {key: rival for key, rival in rivals.items() if rival.state in _SETTLED}
        known = msgspec.structs.replace(
            known,
            related=[other for other in known.related if other.key in settled],
            near=[other for other in known.near if other.key in settled],
        )
        document = (tariff.document.decode(),) if tariff is not None else ()
        return self._judge(held, known, settled, document)

    def _judge(
        self,
        cdr: Cdr,
        known: _Known,
        judged: Mapping[str, Cdr],
        tariff_documents: tuple[str, ...] = (),
    ) -> Cdr:
        priced = None if cdr.credit else self._price(cdr, known, tariff_documents)
        findings = judge(cdr, self._evidence(cdr, known, judged, priced))
        return moved(
            cdr,
            CdrState.HELD if any(f.blocking for f in findings) else CdrState.ACCEPTED,
            findings=findings,
            repriced=priced.total if priced is not None else None,
        )

    def _price(self, cdr: Cdr, known: _Known, named: tuple[str, ...]) -> Priced | None:
        """Price a CDR by what is named, by its own tariffs, or by those of its owner that its
        periods name."""
        documents = (
            named
            or cdr.tariffs
            or tuple(
                known.tariffs[key].document.decode()
                for key in _tariff_keys(cdr)
                if key in known.tariffs
            )
        )
        if not documents:
            return None
        location = known.locations.get(_location_key(cdr))
        time_zone = cdr.location.time_zone or (location.time_zone if location else "")
        return reprice(self._pricer, cdr, documents, time_zone)

    def _evidence(
        self, cdr: Cdr, known: _Known, judged: Mapping[str, Cdr], priced: Priced | None
    ) -> Evidence:
        location = known.locations.get(_location_key(cdr))
        connector = location and location.connector(
            cdr.location.evse_uid, cdr.location.connector_id
        )
        session = known.sessions.get(_session_key(cdr)) if cdr.session_id else None
        return Evidence(
            now=self._database.now(),
            priced=priced,
            contract_id=_contract_id(cdr, known.tokens),
            session_energy_mwh=session.energy_mwh if session is not None else None,
            power_w=connector.power_w if connector else 0,
            earlier=_judged_before(cdr, known.related, judged),
            near=_judged_before(cdr, [*known.near, *twin_store.near_in_batch(cdr, judged)], judged),
            original=known.originals.get(_original_key(cdr)),
        )


async def _read(tx: Transaction, cdrs: Sequence[Cdr]) -> _Known:
    session_keys = {_session_key(cdr) for cdr in cdrs if cdr.session_id}
    original_keys = {_original_key(cdr) for cdr in cdrs if cdr.credit}
    return _Known(
        locations=await locations.by_key(tx, {_location_key(cdr) for cdr in cdrs}),
        sessions=await sessions.by_key(tx, session_keys),
        tariffs=await tariffs.by_key(tx, [key for cdr in cdrs for key in _tariff_keys(cdr)]),
        tokens=await tokens.by_uid(tx, {ci(cdr.token.uid) for cdr in cdrs}),
        originals=await store.by_key(tx, list(original_keys)),
        related=await store.related(tx, session_keys, original_keys),
        near=await twin_store.near(tx, cdrs),
    )


def _judged_before(cdr: Cdr, found: Sequence[Cdr], judged: Mapping[str, Cdr]) -> tuple[Cdr, ...]:
    """Return those of `found` that were judged already. Their order is that of the events and not
    of any clock, for two that come at once may commit in either order."""
    others = (judged.get(other.key, other) for other in found if other.key != cdr.key)
    return tuple(other for other in others if other.state is not CdrState.RECEIVED)


def _contract_id(cdr: Cdr, found: Mapping[str, Sequence[Token]]) -> str | None:
    """Return the contract of a CDR's token; nothing when it is none of ours."""
    for token in found.get(ci(cdr.token.uid), ()):
        if not token.partner_id and token.owner == cdr.token.owner:
            return token.contract_id
    return None


def _tariff_keys(cdr: Cdr) -> list[str]:
    ids = dict.fromkeys(period.tariff_id for period in cdr.charging_periods if period.tariff_id)
    return [tariff_key(cdr.owner, id_) for id_ in ids]


def _location_key(cdr: Cdr) -> str:
    return location_key(cdr.owner, cdr.location.id)


def _session_key(cdr: Cdr) -> str:
    return session_key(cdr.owner, cdr.session_id)


def _original_key(cdr: Cdr) -> str:
    return cdr_key(cdr.owner, cdr.credit_reference_id)


def _key(event: Event) -> str:
    received = msgspec.json.decode(event.payload_json, type=_Received)
    return cdr_key(received.owner, received.id)
