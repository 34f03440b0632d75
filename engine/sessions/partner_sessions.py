"""Sessions at partners' stations, as partners report them (OCPI 2.2.1 section 9, PUT and PATCH)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.db.port import Database, Transaction
from engine.kernel.errors import EngineError, NotFound
from engine.partners.ownership import Ownership
from engine.sessions import store
from engine.sessions.model import ENERGY_NEGATIVE, TRANSITIONS, Session, State, flag
from engine.tariffs.model import Period


class PartnerSession(msgspec.Struct, frozen=True):
    """A session as a partner reports it.

    Attributes:
        session: what it says; `partner_id` is who says it.
        said: the fields of `session` that a PATCH carries.
        patch: merge instead of replace.
        periods: charging periods; a PATCH appends them.
    """

    session: Session
    said: frozenset[str]
    patch: bool
    periods: list[Period]


class SessionPut(msgspec.Struct, frozen=True):
    """A session as stored, and whether it is new."""

    session: Session
    created: bool


class PartnerSessions:
    """Stores what partners report, a batch at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self, tx: Transaction, reports: Sequence[PartnerSession]
    ) -> Sequence[SessionPut | EngineError]:
        ownership = await Ownership.of(
            tx, [report.session.partner_id for report in reports], frozenset()
        )
        known = await store.by_key(tx, [report.session.key for report in reports], lock=True)
        now = self._database.now()
        new: dict[str, Session] = {}
        changed: dict[str, Session] = {}
        answers: list[SessionPut | EngineError] = []
        for report in reports:
            key = report.session.key
            before = changed.get(key) or new.get(key) or known.get(key)
            try:
                ownership.check(report.session.partner_id, report.session.owner)
                after = _doubted(_merge(before, report, now))
            except EngineError as error:
                answers.append(error)
                continue
            answers.append(SessionPut(after, created=before is None))
            if after is not before:
                (changed if key in known else new)[key] = after
        await store.add(tx, list(new.values()), "session.reported")
        await store.change(tx, list(changed.values()), "session.reported")
        return answers


def _merge(before: Session | None, report: PartnerSession, now: int) -> Session:
    """Return the session after a report.

    An older one, or one about a session that is over, changes nothing; a state that cannot follow
    leaves the state as it is. Charging periods that were told before are not told again.

    Raises:
        NotFound: a PATCH of a session that was never put.
    """
    told = report.session
    if before is None:
        if report.patch:
            raise NotFound.of("session", told.key)
        return msgspec.structs.replace(
            told, version=1, created_us=now, periods_json=_encode(report.periods)
        )
    if told.last_updated_us < before.last_updated_us or not TRANSITIONS[State(before.state)]:
        return before
    allowed = State(told.state) in TRANSITIONS[State(before.state)]
    state = told.state if allowed else before.state
    if not report.patch:
        return msgspec.structs.replace(
            told,
            state=state,
            version=before.version + 1,
            created_us=before.created_us,
            periods_json=_encode(report.periods),
        )
    said = {name: getattr(told, name) for name in report.said - {"state"}}
    periods = before.periods()
    return msgspec.structs.replace(
        before,
        **said,
        state=state if "state" in report.said else before.state,
        version=before.version + 1,
        last_updated_us=told.last_updated_us,
        periods_json=_encode([*periods, *(p for p in report.periods if p not in periods)]),
    )


def _doubted(session: Session) -> Session:
    """Return the session, flagged where it says that the vehicle gave energy."""
    if session.energy_mwh >= 0 or ENERGY_NEGATIVE in session.flags_json:
        return session
    return flag(session, ENERGY_NEGATIVE)


def _encode(periods: Sequence[Period]) -> str:
    return msgspec.json.encode(periods).decode()
