"""Finding the session that a station means, when it says so oddly.

In order: the id is known for this station; else, where the station named no id of its own making,
exactly one open session of this station started before, on the same connector and of the same
token where they are named; else none, and what was said is kept as an orphan. Never another
station's session.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.db.port import Transaction
from engine.kernel.party import PartyKey, ci
from engine.sessions import store
from engine.sessions.model import Readings, Session, Stop, session_key, station_session_id
from engine.sessions.remote import id_tag


class Matcher:
    """The sessions that a batch may mean, read once. Lock their stations before."""

    def __init__(self, cpo: PartyKey, sessions: Iterable[Session]) -> None:
        self._cpo = cpo
        self._sessions: dict[str, Session] = {}
        self._by_transaction: dict[tuple[str, int], str] = {}
        self._at_station: dict[str, set[str]] = {}
        for session in sessions:
            self.replace(session)

    @classmethod
    async def read(
        cls, tx: Transaction, cpo: PartyKey, items: Sequence[Readings] | Sequence[Stop]
    ) -> Matcher:
        keys = [_station_key(cpo, item) for item in items if item.station_transaction_id]
        keys += [
            session_key(cpo, item.session_id)
            for item in items
            if isinstance(item, Stop) and item.session_id
        ]
        found = await store.candidates(
            tx,
            [item.station_id for item in items],
            [item.transaction_id for item in items],
            keys,
        )
        return cls(cpo, found)

    def find(self, item: Readings | Stop) -> Session | None:
        """Return the session of this station with the id that `item` names."""
        if isinstance(item, Stop) and item.session_id:
            return self._own(item.station_id, session_key(self._cpo, item.session_id))
        if item.station_transaction_id:
            return self._own(item.station_id, _station_key(self._cpo, item))
        key = self._by_transaction.get((item.station_id, item.transaction_id))
        return self._sessions[key] if key is not None else None

    def guess(
        self, item: Readings | Stop, *, connector_number: int, token_uid: str, at_us: int
    ) -> Session | None:
        """Return the only open session of this station that `item` can mean; two are none.

        An id that the station itself made says which session it means, known or not.
        """
        if item.station_transaction_id or (isinstance(item, Stop) and item.session_id):
            return None
        candidates = [
            session
            for session in map(
                self._sessions.__getitem__, self._at_station.get(item.station_id, ())
            )
            if session.open
            and session.started_us <= at_us
            and connector_number in (0, session.connector_number)
            and _same_token(session, token_uid)
        ]
        return candidates[0] if len(candidates) == 1 else None

    def replace(self, session: Session) -> None:
        """Remember a session as it is now, for the rest of the batch."""
        self._sessions[session.key] = session
        self._at_station.setdefault(session.station_id, set()).add(session.key)
        if session.transaction_id:
            self._by_transaction[session.station_id, session.transaction_id] = session.key

    def _own(self, station_id: str, key: str) -> Session | None:
        session = self._sessions.get(key)
        return session if session is not None and session.station_id == station_id else None


def _station_key(cpo: PartyKey, item: Readings | Stop) -> str:
    return session_key(cpo, station_session_id(item.station_id, item.station_transaction_id))


def _same_token(session: Session, token_uid: str) -> bool:
    """Return whether a reader's uid, where there is one, is what the session started with."""
    uid = session.token().uid
    return token_uid == "" or ci(token_uid) in (ci(uid), ci(id_tag(uid)))
