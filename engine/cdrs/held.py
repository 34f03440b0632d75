"""Pricing a held CDR again, once what was missing is there: a tariff, a time zone, a token.

One of ours was shown to nobody yet, so it is made anew from its session; a partner's is judged
anew as it came. Either is then accepted, or held with what is still found.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.cdrs import store
from engine.cdrs.billing import Sources
from engine.cdrs.events import tell_judged
from engine.cdrs.issue import bill_session, read_sources
from engine.cdrs.judge import Judge
from engine.cdrs.model import Cdr, cdr_key, check_held
from engine.cdrs.pricing import Pricer
from engine.db.idempotency import run_once
from engine.db.port import Database, Transaction
from engine.kernel.errors import EngineError, NotFound
from engine.kernel.outcome import Outcome, Request
from engine.kernel.party import PartyKey
from engine.sessions import store as sessions
from engine.sessions.model import session_key
from engine.tariffs import store as tariffs
from engine.tariffs.model import SealedTariff, Tariff, in_force, tariff_key


class Repricing(msgspec.Struct, frozen=True):
    """A held CDR to price again; by the tariff of its owner that is named, if one is."""

    owner: PartyKey
    id: str
    tariff_id: str


class HeldCdrs:
    """Prices held CDRs again, for people."""

    def __init__(self, database: Database, pricer: Pricer) -> None:
        self._database = database
        self._pricer = pricer
        self._judge = Judge(database, pricer)

    async def price(self, asked: Request[Repricing]) -> Outcome[Cdr]:
        """Price one again.

        Raises:
            NotFound: there is no such CDR, or no such tariff.
            StateConflict: it is not held.
        """

        async def handle(
            tx: Transaction, repricings: Sequence[Repricing]
        ) -> Sequence[Cdr | EngineError]:
            return [await self._price(tx, repricings[0])]

        [outcome] = await run_once(
            self._database,
            scope="cdrs.price",
            requests=[asked],
            answer_type=Cdr,
            handle=handle,
        )
        return outcome

    async def _price(self, tx: Transaction, repricing: Repricing) -> Cdr:
        key = cdr_key(repricing.owner, repricing.id)
        held = (await store.by_key(tx, [key], lock=True)).get(key)
        if held is None:
            raise NotFound.of("cdr", key)
        check_held(held)
        named = await _named_tariff(tx, repricing)
        if held.issued:
            priced = await self._make_anew(tx, held, named)
        else:
            priced = await self._judge.judge_again(tx, held, named)
        await store.replace(tx, [priced])
        tell_judged(tx, priced)
        return priced

    async def _make_anew(self, tx: Transaction, held: Cdr, named: Tariff | None) -> Cdr:
        key = session_key(held.owner, held.session_id)
        found = await sessions.by_key(tx, [key])
        if key not in found:
            raise NotFound.of("session", key)
        [sources] = await read_sources(tx, [found[key]])
        tariff = named or (None if sources.tariff else await _tariff_of_connector(tx, sources))
        if tariff is not None:
            sealed = SealedTariff(tariff.key, tariff.version, tariff.document, tariff.ocpi_version)
            sources = msgspec.structs.replace(sources, tariff=sealed)
        made = bill_session(self._pricer, sources, self._database.now())
        return msgspec.structs.replace(made, version=held.version + 1, created_us=held.created_us)


async def _named_tariff(tx: Transaction, repricing: Repricing) -> Tariff | None:
    if not repricing.tariff_id:
        return None
    key = tariff_key(repricing.owner, repricing.tariff_id)
    found = (await tariffs.by_key(tx, [key])).get(key)
    if found is None:
        raise NotFound.of("tariff", key)
    return found


async def _tariff_of_connector(tx: Transaction, sources: Sources) -> Tariff | None:
    """Return the tariff that is in force at the connector now: none was when the charge began."""
    session, location = sources.session, sources.location
    connector = location and location.connector(session.evse_uid, session.connector_id)
    keys = (
        [tariff_key(PartyKey(session.owner), id_) for id_ in connector.tariff_ids]
        if connector
        else []
    )
    return in_force(keys, await tariffs.by_key(tx, keys))
