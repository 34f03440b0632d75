"""Recording meter readings, as stations report them (OCPP 1.6 section 4.7, MeterValues)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.db.port import Database, Transaction
from engine.kernel.errors import EngineError
from engine.kernel.ids import IdSource
from engine.kernel.party import PartyKey
from engine.sessions import store
from engine.sessions.match import Matcher
from engine.sessions.model import (
    READINGS,
    Orphan,
    Reading,
    Readings,
    Sample,
    Session,
    touch,
    with_samples,
)
from engine.stations import store as stations
from engine.stations.service import check_report


class Recorded(msgspec.Struct, frozen=True):
    """The session that readings were added to; "" when they belong to none."""

    session_id: str


class MeterRecorder:
    """Adds readings, a batch at a time. Late ones complete the curve of an ended session, never its
    energy."""

    def __init__(self, database: Database, ids: IdSource, cpo: PartyKey) -> None:
        self._database = database
        self._ids = ids
        self._cpo = cpo

    async def record(
        self, tx: Transaction, batch: Sequence[Readings]
    ) -> Sequence[Recorded | EngineError]:
        known = await stations.lock_generations(tx, [item.station_id for item in batch])
        matcher = await Matcher.read(tx, self._cpo, batch)
        now = self._database.now()
        changed: dict[str, Session] = {}
        kept: list[Reading] = []
        orphans: list[Orphan] = []
        answers: list[Recorded | EngineError] = []
        for item in batch:
            problem = check_report(known, item.station_id, item.generation)
            if problem is not None:
                answers.append(problem)
                continue
            session = matcher.find(item) or matcher.guess(
                item,
                connector_number=item.connector_number,
                token_uid="",
                at_us=item.first_us,
            )
            if session is None:
                orphans.append(self._orphan(item, now))
                answers.append(Recorded(""))
                continue
            kept.extend(rows(session, item.samples))
            if session.open:
                session = with_samples(session, item.samples)
                if session.key not in changed:
                    session = touch(session, now)
                changed[session.key] = session
                matcher.replace(session)
            answers.append(Recorded(session.id))
        await store.add_readings(tx, kept)
        await store.progress(tx, list(changed.values()), "session.updated")
        await store.add_orphans(tx, orphans)
        return answers

    def _orphan(self, item: Readings, now: int) -> Orphan:
        return Orphan(
            id=self._ids.new(),
            kind=READINGS,
            station_id=item.station_id,
            transaction_id=item.transaction_id,
            at_us=item.first_us,
            body=msgspec.msgpack.encode(item),
            attached_to="",
            recorded_us=now,
        )


def rows(session: Session, samples: Sequence[Sample]) -> list[Reading]:
    """Return the readings of a session that `samples` are."""
    return [
        Reading(
            session.key,
            sample.at_us,
            sample.measurand,
            sample.phase,
            sample.context,
            sample.location,
            sample.value_milli,
            sample.signed_data,
        )
        for sample in samples
    ]
