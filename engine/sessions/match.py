"""Finding the session that a station means, when it says so oddly.

In order: the id is known for this station; else exactly one open session of this station started
before, on the same
connector where one is named; else none, and what was said is kept as an orphan. Never another
station's session.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.db.port import Transaction
from engine.sessions import store
from engine.sessions.model import Session


class Matcher:
    """The sessions that a batch may mean, read once."""

    def __init__(self, named: Sequence[Session], running: Sequence[Session]) -> None:
        self._sessions = {session.key: session for session in (*named, *running)}

    @classmethod
    async def read(
        cls,
        tx: Transaction,
        station_ids: Iterable[str],
        transaction_ids: Iterable[int],
        station_transaction_ids: Iterable[str],
    ) -> Matcher:
        stations = sorted(set(station_ids))
        named = await store.by_transaction(tx, stations, transaction_ids, station_transaction_ids)
        return cls(named, await store.open_at(tx, stations))

    def by_id(
        self, station_id: str, transaction_id: int, station_transaction_id: str
    ) -> Session | None:
        """Return the session of this station with either id."""
        for session in self._sessions.values():
            if session.station_id == station_id and (
                (transaction_id > 0 and session.transaction_id == transaction_id)
                or (
                    station_transaction_id != ""
                    and session.station_transaction_id == station_transaction_id
                )
            ):
                return session
        return None

    def by_guess(self, station_id: str, connector_number: int, at_us: int) -> Session | None:
        """Return the only open session of this station that started before `at_us`; two are
        none."""
        candidates = [
            session
            for session in self._sessions.values()
            if session.station_id == station_id
            and session.open
            and session.started_us <= at_us
            and connector_number in (0, session.connector_number)
        ]
        return candidates[0] if len(candidates) == 1 else None

    def replace(self, session: Session) -> None:
        """Remember a session as it is now, for the rest of the batch."""
        self._sessions[session.key] = session

    def by_key(self, key: str) -> Session | None:
        return self._sessions.get(key)
