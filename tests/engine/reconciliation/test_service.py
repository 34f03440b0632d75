"""Runs on the store: what is kept, found again, settled and gone."""

from __future__ import annotations

import pytest

from engine.cdrs import store as cdrs
from engine.cdrs.model import Cdr
from engine.db.port import Database, Transaction
from engine.kernel.errors import NotFound, StateConflict
from engine.kernel.outcome import Outcome
from engine.reconciliation.model import Code, Discrepancy, Run, State
from engine.reconciliation.service import Range, ReconciliationService, Resolution
from engine.sessions import store as sessions
from engine.sessions.model import Session
from tests.engine.cdrs.builders import STARTED
from tests.engine.conftest import ManualClock
from tests.engine.reconciliation.builders import PARTNER, bill, make_session
from tests.engine.world import CountingIds, World, asked

DAY = 86_400_000_000


class Book:
    """A partner, its sessions and CDRs, and the service."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.service = ReconciliationService(database, CountingIds("run"))

    async def has(self, *records: Session | Cdr) -> None:
        async def work(tx: Transaction) -> None:
            await sessions.add(
                tx, [r for r in records if isinstance(r, Session)], "session.reported"
            )
            await cdrs.add(tx, [r for r in records if isinstance(r, Cdr)])

        await self.database.write(work)

    async def run(self, request_id: str = "") -> Outcome[Run]:
        return await self.service.run(
            asked(Range(PARTNER, STARTED - DAY, STARTED + DAY), request_id)
        )

    async def found(self, state: str = "") -> list[Discrepancy]:
        page = await self.service.list_discrepancies(
            size=100, token="", partner_id=PARTNER, state=state
        )
        return list(page.items)


@pytest.fixture
async def book(database: Database, clock: ManualClock) -> Book:
    await World(database, clock).furnish()
    return Book(database)


async def test_run_counts_and_keeps_what_differs(book: Book) -> None:
    matched, missing = make_session("S-1"), make_session("S-2")
    await book.has(matched, missing, bill(matched))
    run = (await book.run()).value()
    assert (run.sessions, run.cdrs, run.matched) == (2, 1, 1)
    assert run.discrepancies() == {Code.CDR_MISSING: 1}
    [discrepancy] = await book.found()
    assert (discrepancy.session_id, discrepancy.state) == ("S-2", State.OPEN)


async def test_invariant_2_later_run_finds_the_same_one(book: Book) -> None:
    await book.has(make_session())
    await book.run()
    first = await book.found()
    await book.run()
    assert await book.found() == first


async def test_what_is_not_found_any_more_is_gone_and_may_come_back(book: Book) -> None:
    session = make_session()
    await book.has(session)
    await book.run()
    await book.has(bill(session))
    await book.run()
    assert [d.state for d in await book.found()] == [State.GONE]
    await book.has(bill(session, "AGAIN"))
    await book.run()
    assert {d.code: d.state for d in await book.found()} == {
        Code.CDR_MISSING: State.GONE,
        Code.SESSION_MULTI_CDR: State.OPEN,
    }


async def test_invariant_3_settled_stays_settled(book: Book) -> None:
    await book.has(make_session())
    await book.run()
    [discrepancy] = await book.found()
    settled = await book.service.resolve(asked(Resolution(discrepancy.id, "Waived by phone.")))
    assert settled.value().resolution == "Waived by phone."
    await book.run()
    assert [d.state for d in await book.found()] == [State.RESOLVED]
    with pytest.raises(StateConflict):
        await book.service.resolve(asked(Resolution(discrepancy.id, "Again.")))


async def test_same_request_is_replayed(book: Book) -> None:
    await book.has(make_session())
    first, second = await book.run("r-same"), await book.run("r-same")
    assert (first.replayed, second.replayed) == (False, True)
    assert first.value() == second.value()
    page = await book.service.list_runs(size=10, token="")
    assert list(page.items) == [first.value()]


async def test_unknown_partner_and_unknown_discrepancy(book: Book) -> None:
    with pytest.raises(NotFound):
        await book.service.run(asked(Range("nobody", STARTED, STARTED + 1)))
    with pytest.raises(NotFound):
        await book.service.resolve(asked(Resolution("nothing", "?")))
