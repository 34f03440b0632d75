"""A held CDR is priced again once what it lacked is there."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from engine.cdrs import store
from engine.cdrs.billing import issued_id
from engine.cdrs.held import HeldCdrs, Repricing
from engine.cdrs.issue import Issuer
from engine.cdrs.judge import Judge
from engine.cdrs.model import Cdr, CdrState, check_new
from engine.db.port import Database, Transaction
from engine.events import store as events
from engine.kernel.errors import NotFound, StateConflict
from engine.kernel.outcome import Outcome, Request
from engine.kernel.party import PartyKey
from engine.tariffs import store as tariffs
from engine.tariffs.pricing import Pricer
from tests.engine.cdrs.builders import CPO, STARTED, TARIFF, make_cdr, price
from tests.engine.cdrs.charges import (
    MINUTE,
    OURS,
    TARIFF_DOCUMENT,
    add_token,
    event_of,
    make_session,
    make_tariff,
    store_charge,
)
from tests.engine.conftest import ManualClock

OUR_CDR = issued_id(make_session())


@pytest.fixture
async def database(database: Database, clock: ManualClock) -> Database:
    clock.advance((STARTED + 60 * MINUTE - clock.now()) / 1_000_000)
    await add_token(database)
    return database


async def issue_without_tariff(database: Database, **tariff: Any) -> None:
    """Bill a session that began while no tariff was in force; one is there by now."""
    session = make_session(tariff_key="", tariff_version=0, currency="")
    made = msgspec.structs.replace(make_tariff(), **tariff)
    await store_charge(database, session, tariff=made)
    issuer, told = Issuer(database, Pricer()), [event_of("session.completed", OURS, "S-1")]

    async def work(tx: Transaction) -> None:
        await issuer.handle(tx, await issuer.prepare(tx, told))

    await database.write(work)


async def receive(database: Database, *cdrs: Cdr) -> None:
    judge = Judge(database, Pricer())
    told = [event_of("cdr.received", cdr.owner, cdr.id) for cdr in cdrs]

    async def work(tx: Transaction) -> None:
        await store.add(tx, [check_new(cdr) for cdr in cdrs])
        await judge.handle(tx, told)

    await database.write(work)


async def add_tariff(database: Database, id_: str = "T1", document: str = TARIFF) -> None:
    made = make_tariff(document.encode(), CPO)

    async def work(tx: Transaction) -> None:
        key = made.key.replace("T1", id_)
        await tariffs.add(tx, [msgspec.structs.replace(made, key=key, id=id_)])

    await database.write(work)


async def price_again(
    database: Database, owner: PartyKey, id_: str, tariff_id: str = "", request_id: str = "r"
) -> Outcome[Cdr]:
    asked = Request(request_id, b"f", Repricing(owner, id_, tariff_id))
    return await HeldCdrs(database, Pricer()).price(asked)


async def stored(database: Database, owner: PartyKey, id_: str) -> Cdr:
    async def read(tx: Transaction) -> list[Cdr]:
        return list((await store.by_key(tx, [f"{owner}/{id_.upper()}"])).values())

    [found] = await database.read(read)
    return found


async def kinds(database: Database) -> list[str]:
    async def read(tx: Transaction) -> list[str]:
        return [event.kind for event in await events.read_after(tx, 0, 1_000)]

    return [kind for kind in await database.read(read) if kind.startswith("cdr.")]


def codes(cdr: Cdr) -> list[str]:
    return [finding.code for finding in cdr.findings]


class TestOurs:
    async def test_one_without_a_tariff_is_billed_by_the_one_at_its_connector(
        self, database: Database
    ) -> None:
        await issue_without_tariff(database)
        held = await stored(database, OURS, OUR_CDR)
        assert (codes(held), held.totals.cost.excl_e4) == (["TARIFF_UNKNOWN"], None)
        priced = (await price_again(database, OURS, OUR_CDR)).value()
        assert (priced.state, codes(priced)) == (CdrState.ACCEPTED, [])
        assert (priced.totals.cost.excl_e4, priced.currency) == (100_000, "EUR")
        assert (priced.version, priced.created_us) == (held.version + 1, held.created_us)
        assert await stored(database, OURS, OUR_CDR) == priced
        assert await kinds(database) == ["cdr.held", "cdr.issued", "cdr.accepted"]

    async def test_asked_again_it_gives_the_same_answer_and_a_new_ask_is_too_late(
        self, database: Database
    ) -> None:
        await issue_without_tariff(database)
        first = await price_again(database, OURS, OUR_CDR)
        again = await price_again(database, OURS, OUR_CDR)
        assert (again.replayed, again.value()) == (True, first.value())
        with pytest.raises(StateConflict):
            await price_again(database, OURS, OUR_CDR, request_id="other")
        assert (await kinds(database)).count("cdr.issued") == 1

    async def test_where_the_tariff_is_withdrawn_it_stays_held_unless_it_is_named(
        self, database: Database
    ) -> None:
        await issue_without_tariff(database, withdrawn=True)
        priced = (await price_again(database, OURS, OUR_CDR)).value()
        assert (priced.state, codes(priced)) == (CdrState.HELD, ["TARIFF_UNKNOWN"])
        named = (await price_again(database, OURS, OUR_CDR, "T1", request_id="named")).value()
        assert (named.state, named.tariffs) == (CdrState.ACCEPTED, (TARIFF_DOCUMENT.decode(),))


class TestTheirs:
    async def test_one_whose_tariff_came_later_is_accepted(self, database: Database) -> None:
        await receive(database, make_cdr(tariffs=()))
        assert codes(await stored(database, CPO, "CDR-1")) == ["TARIFF_UNKNOWN"]
        still = (await price_again(database, CPO, "CDR-1")).value()
        assert (still.state, codes(still)) == (CdrState.HELD, ["TARIFF_UNKNOWN"])
        await add_tariff(database)
        priced = (await price_again(database, CPO, "CDR-1", request_id="later")).value()
        assert (priced.state, priced.repriced) == (CdrState.ACCEPTED, price(102_500, 124_025))
        assert priced.totals == make_cdr().totals
        assert (await kinds(database))[-1] == "cdr.accepted"

    async def test_what_another_tariff_gives_does_not_pass(self, database: Database) -> None:
        await receive(database, make_cdr(tariffs=()))
        await add_tariff(database, "T9", TARIFF.replace("0.50", "0.40"))
        priced = (await price_again(database, CPO, "CDR-1", "T9")).value()
        assert (priced.state, codes(priced)[0]) == (CdrState.HELD, "COST_TOTAL")

    async def test_of_two_for_one_session_one_is_accepted(self, database: Database) -> None:
        await receive(database, make_cdr(id="A", tariffs=()), make_cdr(id="B", tariffs=()))
        await add_tariff(database)
        first, second = [
            (await price_again(database, CPO, id_, request_id=id_)).value() for id_ in ("A", "B")
        ]
        assert (first.state, second.state) == (CdrState.ACCEPTED, CdrState.HELD)
        assert codes(second) == ["SESSION_MULTI_CDR"]


async def test_what_is_not_there_or_not_held_is_refused(database: Database) -> None:
    await receive(database, make_cdr(), make_cdr(id="HELD", session_id="S-2", tariffs=()))
    with pytest.raises(StateConflict):
        await price_again(database, CPO, "CDR-1")
    with pytest.raises(NotFound):
        await price_again(database, CPO, "NONE")
    with pytest.raises(NotFound):
        await price_again(database, CPO, "HELD", "NONE")
