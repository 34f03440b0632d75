"""The sessions' front: each call a batch, each item once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from engine.db.idempotency import run_once
from engine.db.listing import read_page
from engine.db.port import Database, Transaction
from engine.events.model import Event
from engine.kernel.errors import EngineError, NotFound
from engine.kernel.ids import IdSource
from engine.kernel.outcome import Outcome, Request
from engine.kernel.paging import Page, make_page, read_position
from engine.kernel.party import PartyKey
from engine.sessions import store
from engine.sessions.decisions import with_decision
from engine.sessions.meter import MeterRecorder, Recorded
from engine.sessions.model import Orphan, Readings, Session, Start, Stop, session_key, touch
from engine.sessions.partner_sessions import PartnerSession, PartnerSessions, SessionPut
from engine.sessions.remote import RemoteControl, Requested, StartRequest, StopRequest
from engine.sessions.start import Started, Starter
from engine.sessions.stop import Ended, Stopper
from engine.tokens import store as tokens
from engine.tokens.model import Status
from engine.tokens.service import Places

_PAGE_BYTES = 256 * 1024


class SessionsService:
    """Follows charges."""

    def __init__(self, database: Database, ids: IdSource, *, cpo: PartyKey, places: Places) -> None:
        self._database = database
        self._cpo = cpo
        self._starter = Starter(
            database,
            ids,
            cpo=cpo,
            places=places,
            transaction_ids=store.TransactionIds(database),
        )
        self._meter = MeterRecorder(database, ids, cpo)
        self._stopper = Stopper(database, ids, cpo)
        self._partner_sessions = PartnerSessions(database)
        self._remote = RemoteControl(database, ids)

    async def start(self, requests: Sequence[Request[Start]]) -> list[Outcome[Started]]:
        """Open sessions."""
        numbers = await self._starter.numbers(len(requests))

        async def handle(
            tx: Transaction, starts: Sequence[Start]
        ) -> Sequence[Started | EngineError]:
            return await self._starter.start(tx, starts, numbers)

        return await run_once(
            self._database,
            scope="sessions.start",
            requests=requests,
            answer_type=Started,
            handle=handle,
        )

    async def record(self, requests: Sequence[Request[Readings]]) -> list[Outcome[Recorded]]:
        """Add meter readings."""
        return await run_once(
            self._database,
            scope="sessions.meter",
            requests=requests,
            answer_type=Recorded,
            handle=self._meter.record,
        )

    async def stop(self, requests: Sequence[Request[Stop]]) -> list[Outcome[Ended]]:
        """End sessions."""
        return await run_once(
            self._database,
            scope="sessions.stop",
            requests=requests,
            answer_type=Ended,
            handle=self._stopper.stop,
        )

    async def put_partner_sessions(
        self, requests: Sequence[Request[PartnerSession]]
    ) -> list[Outcome[SessionPut]]:
        """Store sessions as partners report them."""
        return await run_once(
            self._database,
            scope="sessions.put",
            requests=requests,
            answer_type=SessionPut,
            handle=self._partner_sessions.put,
        )

    async def request_start(self, asked: Request[StartRequest]) -> Outcome[Requested]:
        """Ask a station to start a charge."""

        async def handle(
            tx: Transaction, starts: Sequence[StartRequest]
        ) -> Sequence[Requested | EngineError]:
            return [await self._remote.start(tx, starts[0])]

        [outcome] = await run_once(
            self._database,
            scope="sessions.request_start",
            requests=[asked],
            answer_type=Requested,
            handle=handle,
        )
        return outcome

    async def request_stop(self, asked: Request[StopRequest]) -> Outcome[Requested]:
        """Ask the station of a session to stop it."""

        async def handle(
            tx: Transaction, stops: Sequence[StopRequest]
        ) -> Sequence[Requested | EngineError]:
            return [await self._remote.stop(tx, stops[0])]

        [outcome] = await run_once(
            self._database,
            scope="sessions.request_stop",
            requests=[asked],
            answer_type=Requested,
            handle=handle,
        )
        return outcome

    async def get(self, owner: PartyKey | None, id_: str) -> Session:
        """Read one; no owner means ours.

        Raises:
            NotFound: there is none.
        """
        key = session_key(owner or self._cpo, id_)

        async def work(tx: Transaction) -> dict[str, Session]:
            return await store.by_key(tx, [key])

        found = (await self._database.read(work)).get(key)
        if found is None:
            raise NotFound.of("session", key)
        return found

    async def list_page(
        self,
        *,
        size: int,
        token: str,
        partner_id: str,
        at_our_stations: bool,
        state: str,
        updated_from: int | None,
        updated_to: int | None,
    ) -> Page[Session]:
        wanted = store.listing(
            partner_id=partner_id,
            at_our_stations=at_our_stations,
            state=state,
            updated_from=updated_from,
            updated_to=updated_to,
        )
        return await read_page(self._database, store.sessions, wanted, size=size, token=token)

    async def list_orphans(
        self, *, size: int, token: str, station_id: str, loose: bool
    ) -> tuple[Page[Orphan], Mapping[str, Session]]:
        """Return a page of orphans, and by key the sessions that they belong to.

        A page ends early where it would be large: an orphan may have thousands of samples.
        """
        before = read_position(token, "")

        async def work(tx: Transaction) -> tuple[Page[Orphan], dict[str, Session]]:
            found = await store.orphans_before(
                tx, before, size + 1, station_id=station_id, loose=loose
            )
            fitting = min(size, _fitting([bytes_ for _, bytes_ in found]))
            page = make_page(found, size=fitting, key=lambda row: [row[0]])
            rows = await store.orphans(tx, [id_ for id_, _ in page.items])
            attached = await store.by_key(tx, {row.attached_to for row in rows} - {""})
            return Page(rows, page.next_token), attached

        return await self._database.read(work)

    def session_key(self, owner: PartyKey | None, id_: str) -> str:
        return session_key(owner or self._cpo, id_)

    async def take_decisions(self, tx: Transaction, events: Sequence[Event]) -> None:
        """Give running sessions what issuers decided since they started; follows
        `authorization.decided`."""
        ids = [event.subject.removeprefix("authorization/") for event in events]
        decisions = await tokens.authorizations_by_id(tx, ids)
        waiting = {
            session.key: decisions[session.authorization_id]
            for session in await store.by_authorization(tx, ids)
            if session.open and session.token().status == Status.PENDING
        }
        now = self._database.now()
        locked = await store.by_key(tx, waiting, lock=True)
        decided = [
            touch(with_decision(session, waiting[key]), now)
            for key, session in locked.items()
            if session.open and session.token().status == Status.PENDING
        ]
        await store.progress(tx, decided, "session.updated")


def _fitting(sizes: Sequence[int]) -> int:
    """Return how many from the first on fit a page; one does, whatever its size."""
    return max(1, sum(total <= _PAGE_BYTES for total in accumulate(sizes)))
