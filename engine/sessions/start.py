"""Starting sessions, as stations report it (OCPP 1.6 section 4.8, StartTransaction)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from engine.db.port import Database, Transaction
from engine.kernel.clock import SECOND, Micros
from engine.kernel.errors import EngineError
from engine.kernel.ids import IdSource, timed_id
from engine.kernel.party import PartyKey, ci
from engine.locations import store as locations
from engine.locations.model import Location, location_key
from engine.sessions import store
from engine.sessions.decisions import settle_tokens
from engine.sessions.model import (
    HISTORICAL,
    METER_START_UNKNOWN,
    STOP,
    STOP_BEFORE_START,
    Orphan,
    Session,
    SessionToken,
    Start,
    State,
    Stop,
    closed_by_rule,
    encode_token,
    flag,
    session_key,
    station_session_id,
    stopped,
    touch,
)
from engine.stations import store as stations
from engine.stations.model import Station
from engine.stations.service import check_report, generations_of
from engine.tariffs import store as tariffs
from engine.tariffs.model import Tariff, in_force, tariff_key
from engine.tokens import store as tokens
from engine.tokens.model import Authorization
from engine.tokens.service import Decider, Places, Question, standing_decisions

_ORPHAN_REACH_US = 24 * 3600 * SECOND


class Started(msgspec.Struct, frozen=True):
    """A session that a start opened, or opened before, and the decision on its token."""

    session: Session
    authorization: Authorization


class Starter:
    """Opens sessions, a batch at a time."""

    def __init__(
        self,
        database: Database,
        ids: IdSource,
        *,
        cpo: PartyKey,
        places: Places,
        transaction_ids: store.TransactionIds,
    ) -> None:
        self._database = database
        self._ids = ids
        self._cpo = cpo
        self._places = places
        self._transaction_ids = transaction_ids

    async def numbers(self, count: int) -> list[int]:
        """Return transaction ids for a batch; take them before its unit of work."""
        return await self._transaction_ids.take(count)

    async def start(
        self, tx: Transaction, starts: Sequence[Start], numbers: Sequence[int]
    ) -> Sequence[Started | EngineError]:
        """Open a session for each start; one that was told before gives the session it gave
        then."""
        known_stations = await stations.by_id(tx, [start.station_id for start in starts], lock=True)
        newest = generations_of(known_stations)
        answers: list[Started | EngineError | None] = [
            check_report(newest, start.station_id, start.generation) for start in starts
        ]
        valid = [n for n, problem in enumerate(answers) if problem is None]
        keys = {n: session_key(self._cpo, natural_session_id(starts[n])) for n in valid}
        before = await store.by_key(tx, keys.values(), lock=True)
        told = await tokens.authorizations_by_id(tx, [s.authorization_id for s in before.values()])
        for n in valid:
            earlier = before.get(keys[n])
            if earlier is not None and earlier.authorization_id in told:
                answers[n] = Started(earlier, told[earlier.authorization_id])
        opening: dict[str, int] = {}
        for n in valid:
            if answers[n] is None:
                opening.setdefault(keys[n], n)
        fresh = list(opening.values())
        if fresh:
            batch = [starts[n] for n in fresh]
            sites = await _Sites.read(tx, self._cpo, batch, known_stations)
            decisions = await self._decide(tx, batch, sites)
            opened = [
                self._open(starts[n], decision, sites, numbers[n])
                for n, decision in zip(fresh, decisions, strict=True)
            ]
            opened = await self._complete_from_orphans(tx, batch, opened)
            opened = await self._store(tx, batch, opened)
            for n, session, decision in zip(fresh, opened, decisions, strict=True):
                answers[n] = Started(session, decision)
        for n in valid:  # one that stands twice in the batch opened one session
            answers[n] = answers[n] or answers[opening[keys[n]]]
        return [_answered(answer) for answer in answers]

    async def _decide(
        self, tx: Transaction, starts: Sequence[Start], sites: _Sites
    ) -> list[Authorization]:
        """Decide about the tokens: by a remote start, else as decided at the station a moment ago,
        else anew."""
        standing = await standing_decisions(
            tx,
            [start.station_id for start in starts],
            [start.token_uid for start in starts],
            self._database.now(),
        )
        questions = [
            Question(
                uid=start.token_uid,
                type=start.token_type,
                station_id=start.station_id,
                evse_uid=sites.evse_uid(start),
                location_id=sites.location_id(start),
                partner_id="",
            )
            for start in starts
        ]
        decider = await Decider.prepare(tx, self._database, self._ids, self._places, questions)
        decisions = []
        for question in questions:
            known = standing.get((question.station_id, ci(question.uid)))
            if known is None or decider.has_grant(question):
                known = decider.decide(question, starting=True)
            decisions.append(known)
        await decider.store(tx)
        return decisions

    def _open(self, start: Start, decision: Authorization, sites: _Sites, number: int) -> Session:
        id_ = natural_session_id(start)
        now = self._database.now()
        token = decision.token()
        tariff = sites.tariff(start)
        session = Session(
            key=session_key(self._cpo, id_),
            owner=self._cpo,
            id=id_,
            state=State.ACTIVE,
            partner_id=token.partner_id if token is not None else "",
            at_our_station=True,
            station_id=start.station_id,
            connector_number=start.connector_number,
            transaction_id=number,
            station_transaction_id=start.station_transaction_id,
            location_id=sites.location_id(start),
            evse_uid=sites.evse_uid(start),
            connector_id=sites.connector_id(start),
            token_json=encode_token(_session_token(start, decision)),
            authorization_id=decision.id,
            started_us=start.started_us,
            ended_us=None,
            meter_start_mwh=start.meter_start_mwh,
            meter_stop_mwh=0,
            energy_mwh=0,
            currency=tariff.currency if tariff is not None else "",
            cost_json="",
            tariff_key=tariff.key if tariff is not None else "",
            tariff_version=tariff.version if tariff is not None else 0,
            stop_reason="",
            flags_json="[]",
            periods_json="[]",
            document=b"",
            version=1,
            last_updated_us=now,
            created_us=now,
        )
        session = flag(session, METER_START_UNKNOWN) if start.meter_start_unknown else session
        return flag(session, HISTORICAL) if start.historical else session

    async def _complete_from_orphans(
        self, tx: Transaction, starts: Sequence[Start], opened: Sequence[Session]
    ) -> list[Session]:
        """Give sessions the stops that arrived before their starts."""
        loose = await store.loose_orphans(
            tx,
            [start.station_id for start in starts],
            STOP,
            since=min(start.started_us for start in starts),
            until=max(start.started_us for start in starts) + _ORPHAN_REACH_US,
        )
        completed: list[Session] = []
        attached: list[Orphan] = []
        for session, start in zip(opened, starts, strict=True):
            matching = [orphan for orphan in loose if _belongs(orphan, start)]
            stops = [_stop_of(orphan) for orphan in matching]
            if stops and all(stop == stops[0] for stop in stops):  # told once or more often
                for orphan in matching:
                    loose.remove(orphan)
                    attached.append(msgspec.structs.replace(orphan, attached_to=session.key))
                session = flag(stopped(session, stops[0]), STOP_BEFORE_START)  # noqa: PLW2901
            completed.append(session)
        await store.attach_orphans(tx, attached)
        return completed

    async def _store(
        self, tx: Transaction, starts: Sequence[Start], opened: Sequence[Session]
    ) -> list[Session]:
        """Write the sessions, and end those that their connectors plainly left behind; returns the
        sessions as they are then."""
        running = await store.open_at(tx, [start.station_id for start in starts])
        now = self._database.now()
        left = [touch(s, now) for s in _end_left_behind(running, starts) if not s.open]
        await store.progress(tx, await settle_tokens(tx, left), "session.completed")
        ended = _end_left_behind(opened, starts)
        over = {s.key: s for s in await settle_tokens(tx, [s for s in ended if not s.open])}
        await store.add(tx, [session for session in ended if session.open], "session.started")
        await store.add(tx, list(over.values()), "session.completed")
        return [over.get(session.key, session) for session in ended]


class _Sites:
    """Where the stations of a batch stand, and what charging there costs now."""

    def __init__(
        self,
        cpo: PartyKey,
        known_stations: Mapping[str, Station],
        known_locations: Mapping[str, Location],
        known_tariffs: Mapping[str, Tariff],
    ) -> None:
        self._cpo = cpo
        self._stations = known_stations
        self._locations = known_locations
        self._tariffs = known_tariffs

    @classmethod
    async def read(
        cls,
        tx: Transaction,
        cpo: PartyKey,
        starts: Sequence[Start],
        known: Mapping[str, Station],
    ) -> _Sites:
        ids = {known[start.station_id].location_id for start in starts} - {""}
        found = await locations.by_key(tx, [location_key(cpo, id_) for id_ in ids])
        unpriced = cls(cpo, known, found, {})
        wanted = [key for start in starts for key in unpriced._tariff_keys(start)]
        return cls(cpo, known, found, await tariffs.by_key(tx, wanted))

    def location_id(self, start: Start) -> str:
        return self._stations[start.station_id].location_id

    def evse_uid(self, start: Start) -> str:
        connector = self._stations[start.station_id].connector(start.connector_number)
        return connector.evse_uid if connector is not None else ""

    def connector_id(self, start: Start) -> str:
        connector = self._stations[start.station_id].connector(start.connector_number)
        return connector.connector_id if connector is not None else ""

    def tariff(self, start: Start) -> Tariff | None:
        """Return the tariff in force at the connector."""
        return in_force(self._tariff_keys(start), self._tariffs)

    def _tariff_keys(self, start: Start) -> list[str]:
        location = self._locations.get(location_key(self._cpo, self.location_id(start)))
        evse = location.evse(self.evse_uid(start)) if location is not None else None
        connector = evse.connector(self.connector_id(start)) if evse is not None else None
        ids = connector.tariff_ids if connector is not None else []
        return [tariff_key(self._cpo, id_) for id_ in ids]


def natural_session_id(start: Start) -> str:
    """Return the id of the session that this start means, whoever tells it and however often."""
    if start.station_transaction_id:
        return station_session_id(start.station_id, start.station_transaction_id)
    return timed_id(
        Micros(start.started_us),
        "session",
        start.station_id,
        str(start.connector_number),
        ci(start.token_uid),
        str(start.started_us),
        str(start.meter_start_mwh),
    )


def _session_token(start: Start, decision: Authorization) -> SessionToken:
    token = decision.token()
    return SessionToken(
        owner=token.owner if token is not None else "",
        uid=token.uid if token is not None else start.token_uid,
        type=token.type if token is not None else start.token_type,
        contract_id=token.contract_id if token is not None else "",
        auth_method=decision.auth_method,
        authorization_reference=decision.reference,
        status=decision.status,
    )


def _stop_of(orphan: Orphan) -> Stop:
    """Return the stop that was told too early, whatever connection it came on."""
    stop = orphan.said()
    assert isinstance(stop, Stop)
    return msgspec.structs.replace(stop, generation=0)


def _belongs(orphan: Orphan, start: Start) -> bool:
    """Return whether an early stop plausibly ends what `start` starts."""
    if orphan.station_id != start.station_id:
        return False
    stop = _stop_of(orphan)
    if stop.station_transaction_id or start.station_transaction_id:
        return stop.station_transaction_id == start.station_transaction_id
    return (
        0 <= stop.stopped_us - start.started_us <= _ORPHAN_REACH_US
        and (stop.meter_stop_unknown or stop.meter_stop_mwh >= start.meter_start_mwh)
        and ci(stop.token_uid) in ("", ci(start.token_uid))
    )


def _end_left_behind(sessions: Sequence[Session], starts: Sequence[Start]) -> list[Session]:
    """Return the sessions; a live start on the same connector ends those that began before it."""
    live: dict[tuple[str, int], list[int]] = {}
    for start in starts:
        if not start.historical:
            connector = (start.station_id, start.connector_number)
            live.setdefault(connector, []).append(start.started_us)
    ended = []
    for session in sessions:
        later = [
            started_us
            for started_us in live.get((session.station_id, session.connector_number), ())
            if session.open and started_us > session.started_us
        ]
        ended.append(closed_by_rule(session, min(later)) if later else session)
    return ended


def _answered(answer: Started | EngineError | None) -> Started | EngineError:
    assert answer is not None
    return answer
