"""Ending sessions, as stations report it (OCPP 1.6 section 4.10, StopTransaction)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.db.port import Database, Transaction
from engine.kernel.errors import EngineError
from engine.kernel.ids import IdSource
from engine.kernel.party import PartyKey
from engine.sessions import store
from engine.sessions.decisions import settle_tokens
from engine.sessions.match import Matcher
from engine.sessions.meter import rows
from engine.sessions.model import (
    MATCHED_BY_GUESS,
    STOP,
    STOP_CONFLICT,
    Orphan,
    Reading,
    Session,
    Stop,
    flag,
    same_stop,
    stopped,
    touch,
)
from engine.stations import store as stations
from engine.stations.service import check_report


class Ended(msgspec.Struct, frozen=True):
    """The session that a stop ended, or the orphan that was kept of it."""

    session: Session | None
    orphan_id: str


class Stopper:
    """Ends sessions, a batch at a time."""

    def __init__(self, database: Database, ids: IdSource, cpo: PartyKey) -> None:
        self._database = database
        self._ids = ids
        self._cpo = cpo

    async def stop(self, tx: Transaction, stops: Sequence[Stop]) -> Sequence[Ended | EngineError]:
        known = await stations.lock_generations(tx, [stop.station_id for stop in stops])
        matcher = await Matcher.read(tx, self._cpo, stops)
        now = self._database.now()
        done: dict[str, Session] = {}
        kept: list[Reading] = []
        orphans: list[Orphan] = []
        answers: list[Ended | EngineError] = []
        for stop in stops:
            problem = check_report(known, stop.station_id, stop.generation)
            if problem is not None:
                answers.append(problem)
                continue
            session = matcher.find(stop)
            guessed = session is None
            if guessed:
                session = matcher.guess(
                    stop, connector_number=0, token_uid=stop.token_uid, at_us=stop.stopped_us
                )
            if session is None:
                orphan = self._orphan(STOP, stop, now)
                orphans.append(orphan)
                answers.append(Ended(None, orphan.id))
                continue
            kept.extend(rows(session, stop.samples))
            if session.open:
                session = touch(stopped(session, stop), now)
                session = flag(session, MATCHED_BY_GUESS) if guessed else session
                done[session.key] = session
                matcher.replace(session)
            elif not same_stop(session, stop):
                conflict = self._orphan(STOP_CONFLICT, stop, now)
                orphans.append(msgspec.structs.replace(conflict, attached_to=session.key))
            answers.append(Ended(session, ""))
        settled = await settle_tokens(tx, list(done.values()))
        await store.add_readings(tx, kept)
        await store.progress(tx, settled, "session.completed")
        await store.add_orphans(tx, orphans)
        final = {session.key: session for session in settled}
        return [
            Ended(final.get(answer.session.key, answer.session), "")
            if isinstance(answer, Ended) and answer.session is not None
            else answer
            for answer in answers
        ]

    def _orphan(self, kind: str, stop: Stop, now: int) -> Orphan:
        return Orphan(
            id=self._ids.new(),
            kind=kind,
            station_id=stop.station_id,
            transaction_id=stop.transaction_id,
            at_us=stop.stopped_us,
            body=msgspec.msgpack.encode(stop),
            attached_to="",
            recorded_us=now,
        )
