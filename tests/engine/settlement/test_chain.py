"""From a completed session to a statement, through the followers themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from engine.beside import tasks
from engine.cdrs import issue, judge
from engine.cdrs.model import check_new
from engine.cdrs.service import CdrsService
from engine.db.port import Database, Transaction
from engine.events import store as events
from engine.events.feed import EventFeed
from engine.events.follower import Follower, Handler
from engine.events.look import Looking
from engine.kernel.outcome import Request
from engine.settlement import poster
from engine.settlement.service import ClosePeriod, SettlementService
from engine.tariffs.pricing import Pricer
from tests.engine.cdrs.builders import STARTED, make_cdr
from tests.engine.cdrs.charges import (
    MINUTE,
    OURS,
    add_partner,
    add_token,
    make_session,
    store_charge,
)
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.harness.background import in_background


def followers(database: Database) -> list[Follower]:
    pricer = Pricer()
    looking = Looking(database, EventFeed(database), tasks(database, pricer))
    handlers: dict[str, Handler] = {
        "cdr-issuer": issue.Issuer(database, pricer).handle,
        "cdr-judge": judge.Judge(database, pricer).handle,
        "ledger-poster": poster.Poster(database).handle,
    }
    return [Follower(database, looking, name, handle) for name, handle in handlers.items()]


@asynccontextmanager
async def following(*databases: Database) -> AsyncIterator[None]:
    async with in_background(*(f.run() for each in databases for f in followers(each))):
        yield


async def posted(database: Database, count: int) -> list[str]:
    """Wait until `count` CDRs are posted; returns the kinds of all events about CDRs."""

    async def read(tx: Transaction) -> list[str]:
        return [event.kind for event in await events.read_after(tx, 0, 1_000)]

    async with asyncio.timeout(20):
        while True:
            waiter = database.changed.subscribe()
            kinds = await database.read(read)
            if kinds.count("ledger.posted") >= count:
                return [kind for kind in kinds if kind.startswith(("cdr.", "ledger."))]
            await database.changed.wait(waiter, timeout_s=1)


async def test_charges_in_both_directions_meet_on_one_statement(
    open_database: OpenDatabase, clock: ManualClock
) -> None:
    database, other = await open_database(), await open_database()
    clock.advance((STARTED + 60 * MINUTE - clock.now()) / 1_000_000)
    await add_partner(database)
    await add_token(database)
    await store_charge(database, make_session())
    theirs = Request("r", b"f", check_new(make_cdr()))
    [imported] = await CdrsService(database, cpo=OURS).import_all([theirs])
    assert imported.value().created
    async with following(database, other):
        kinds = await posted(database, 2)
    assert sorted(kinds) == [
        "cdr.accepted",
        "cdr.accepted",
        "cdr.issued",
        "cdr.received",
        "ledger.posted",
        "ledger.posted",
    ]
    settlement = SettlementService(other)
    closed = (await settlement.close(Request("c", b"f", ClosePeriod("2026-11")))).value()
    [statement] = await settlement.statements_of(closed)
    assert (statement.party_a, statement.party_b) == ("NL-IWT", "NL-SUN")
    assert (statement.a_owes_b_e4, statement.b_owes_a_e4) == (124_025, 120_000)
    assert (await settlement.verify()).violations == ()
