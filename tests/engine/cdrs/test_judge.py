"""A partner's CDR is priced again, compared, and accepted or held."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from engine.cdrs import store
from engine.cdrs.judge import Judge
from engine.cdrs.model import Cdr, CdrState, CdrToken, Totals, check_new
from engine.db.port import Database, Transaction
from engine.events import store as events
from engine.tariffs import store as tariffs
from engine.tariffs.pricing import Pricer
from tests.engine.cdrs.builders import CPO, STARTED, TARIFF, credit_of, make_cdr, price
from tests.engine.cdrs.charges import MINUTE, add_token, event_of, make_tariff
from tests.engine.conftest import ManualClock


@pytest.fixture
async def database(database: Database, clock: ManualClock) -> Database:
    clock.advance((STARTED + 60 * MINUTE - clock.now()) / 1_000_000)
    await add_token(database)
    return database


async def receive(database: Database, *cdrs: Cdr) -> None:
    async def work(tx: Transaction) -> None:
        await store.add(
            tx, [msgspec.structs.replace(cdr, created_us=database.now()) for cdr in cdrs]
        )

    await database.write(work)


async def judge(database: Database, *cdrs: Cdr) -> list[Cdr]:
    judging = Judge(database, Pricer())

    async def work(tx: Transaction) -> None:
        await judging.handle(tx, [event_of("cdr.received", cdr.owner, cdr.id) for cdr in cdrs])

    await database.write(work)

    async def read(tx: Transaction) -> list[Cdr]:
        found = await store.by_key(tx, [cdr.key for cdr in cdrs])
        return [found[cdr.key] for cdr in cdrs]

    return await database.read(read)


async def judged(database: Database, **changes: Any) -> Cdr:
    cdr = check_new(make_cdr(content=b"-", **changes))
    await receive(database, cdr)
    [found] = await judge(database, cdr)
    return found


def codes(cdr: Cdr) -> list[str]:
    return [finding.code for finding in cdr.findings]


async def kinds(database: Database) -> list[str]:
    async def read(tx: Transaction) -> list[str]:
        return [event.kind for event in await events.read_after(tx, 0, 1_000)]

    return [kind for kind in await database.read(read) if kind.startswith("cdr.")]


async def test_cdr_that_its_tariff_gives_is_accepted_once(database: Database) -> None:
    cdr = await judged(database)
    assert (codes(cdr), cdr.state, cdr.version) == ([], CdrState.ACCEPTED, 2)
    assert cdr.repriced == price(102_500, 124_025)
    assert await judge(database, cdr) == [cdr]
    assert await kinds(database) == ["cdr.accepted"]


async def test_cdr_that_costs_too_much_is_held_with_both_prices(database: Database) -> None:
    cdr = await judged(
        database, totals=Totals(price(202_500, 245_025), energy=price(202_500, 245_025))
    )
    assert cdr.state is CdrState.HELD
    assert codes(cdr) == ["COST_TOTAL", "COST_COMPONENT"]
    assert (cdr.findings[0].observed, cdr.findings[0].expected) == ("20.2500", "10.2500")
    assert cdr.repriced == price(102_500, 124_025)
    assert await kinds(database) == ["cdr.held"]


async def test_document_as_it_was_sent_is_what_is_priced(database: Database) -> None:
    document = (
        '{"start_date_time":"2026-11-22T17:30:00Z","end_date_time":"2026-11-22T18:20:00Z",'
        '"currency":"EUR","total_cost":{"excl_vat":10.25},"total_energy":20.5,'
        '"charging_periods":[{"start_date_time":"2026-11-22T17:30:00Z",'
        '"dimensions":[{"type":"ENERGY","volume":20.5}]}],"tariffs":[' + TARIFF + "]}"
    )
    cdr = await judged(database, document=document)
    assert (codes(cdr), cdr.state) == ([], CdrState.ACCEPTED)


async def test_tariff_that_its_owner_gave_us_before_prices_a_cdr_without_one(
    database: Database,
) -> None:
    async def work(tx: Transaction) -> None:
        await tariffs.add(tx, [make_tariff(TARIFF.encode(), CPO)])

    await database.write(work)
    cdr = await judged(database, tariffs=())
    assert (codes(cdr), cdr.state) == ([], CdrState.ACCEPTED)


async def test_cdr_without_any_tariff_is_held(database: Database) -> None:
    cdr = await judged(database, tariffs=())
    assert (codes(cdr), cdr.state) == (["TARIFF_UNKNOWN"], CdrState.HELD)


async def test_unknown_time_zone_holds_instead_of_stopping_the_follower(
    database: Database,
) -> None:
    nowhere = msgspec.structs.replace(make_cdr().location, time_zone="Nowhere/At-all")
    cdr = await judged(database, location=nowhere)
    assert (codes(cdr), cdr.state) == (["PRICE_UNKNOWN"], CdrState.HELD)


async def test_token_of_somebody_else_holds(database: Database) -> None:
    cdr = await judged(database, token=CdrToken(CPO, "TOKEN-1", "RFID", "C", "WHITELIST"))
    assert (codes(cdr), cdr.state) == (["TOKEN_UNKNOWN"], CdrState.HELD)


async def test_second_cdr_of_a_session_is_held_and_the_first_is_not(database: Database) -> None:
    first, second = make_cdr(id="A"), make_cdr(id="B")
    await receive(database, first, second)
    found = await judge(database, first, second)
    assert [cdr.state for cdr in found] == [CdrState.ACCEPTED, CdrState.HELD]
    assert codes(found[1]) == ["SESSION_MULTI_CDR"]


async def test_of_rivals_the_first_to_be_told_is_accepted_whatever_the_clocks_say(
    database: Database, clock: ManualClock
) -> None:
    found = []
    for rival in (make_cdr(id="A"), make_cdr(id="B")):
        await receive(database, rival)
        found += await judge(database, rival)
        clock.advance(-1)
    assert [cdr.state for cdr in found] == [CdrState.ACCEPTED, CdrState.HELD]
    assert codes(found[1]) == ["SESSION_MULTI_CDR"]


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("seconds", [0, 59])
async def test_twin_without_a_session_is_held_and_the_first_is_not(
    database: Database, together: bool, seconds: int
) -> None:
    first = make_cdr(id="A", session_id="")
    started = STARTED + seconds * 1_000_000
    second = make_cdr(id="B", session_id="", started_us=started, charging_periods=(), tariffs=())
    other_driver = make_cdr(
        id="C", session_id="", token=msgspec.structs.replace(first.token, uid="TOKEN-2")
    )
    await receive(database, first, second, other_driver)
    batches = [[first, second, other_driver]] if together else [[first], [second], [other_driver]]
    found = [cdr for batch in batches for cdr in await judge(database, *batch)]
    assert [cdr.state for cdr in found][:2] == [CdrState.ACCEPTED, CdrState.HELD]
    assert ["CDR_TWIN" in codes(cdr) for cdr in found] == [False, True, False]
    twin = next(finding for finding in found[1].findings if finding.code == "CDR_TWIN")
    assert twin.expected == "only A"


async def test_replacement_of_a_credited_cdr_without_a_session_is_accepted(
    database: Database,
) -> None:
    original = await judged(database, session_id="")
    credit = credit_of(original, state=CdrState.RECEIVED, findings=())
    credit = msgspec.structs.replace(credit, version=1, repriced=None)
    replacement = make_cdr(id="CDR-2", session_id="")
    found = []
    for cdr in (credit, replacement):
        await receive(database, cdr)
        found += await judge(database, cdr)
    assert [(codes(cdr), cdr.state) for cdr in found] == [([], CdrState.ACCEPTED)] * 2


async def test_credit_is_accepted_once_and_makes_room_for_a_replacement(
    database: Database, clock: ManualClock
) -> None:
    original = await judged(database)
    credit, again = credit_of(original, state=CdrState.RECEIVED, findings=()), None
    credit = msgspec.structs.replace(credit, version=1, repriced=None)
    again = msgspec.structs.replace(credit, id="CDR-1-D")
    replacement = make_cdr(id="CDR-2")
    found = []
    for cdr in (credit, again, replacement):
        clock.advance(1)
        await receive(database, cdr)
        found += await judge(database, cdr)
    assert [codes(cdr) for cdr in found] == [[], ["CREDIT_DOUBLE"], []]
    assert [cdr.state for cdr in found] == [CdrState.ACCEPTED, CdrState.HELD, CdrState.ACCEPTED]


@pytest.mark.parametrize("together", [False, True])
async def test_credit_that_is_held_makes_no_room_for_a_replacement(
    database: Database, clock: ManualClock, together: bool
) -> None:
    original = await judged(database)
    too_little = Totals(price(-1, -1))
    credit = credit_of(original, state=CdrState.RECEIVED, findings=(), totals=too_little)
    later = (msgspec.structs.replace(credit, version=1, repriced=None), make_cdr(id="CDR-2"))
    for cdr in later:
        clock.advance(1)
        await receive(database, cdr)
        if not together:
            await judge(database, cdr)
    found = await judge(database, *later)
    assert [codes(cdr) for cdr in found] == [["CREDIT_MISMATCH"], ["SESSION_MULTI_CDR"]]


async def test_credit_and_replacement_that_come_at_once_are_both_accepted(
    database: Database, clock: ManualClock
) -> None:
    original = await judged(database)
    credit = credit_of(original, state=CdrState.RECEIVED, findings=())
    later = (msgspec.structs.replace(credit, version=1, repriced=None), make_cdr(id="CDR-2"))
    for cdr in later:
        clock.advance(1)
        await receive(database, cdr)
    found = await judge(database, *later)
    assert [cdr.state for cdr in found] == [CdrState.ACCEPTED, CdrState.ACCEPTED]


async def test_credit_of_an_unknown_cdr_is_held(database: Database) -> None:
    credit = credit_of(make_cdr(id="GONE"))
    await receive(database, credit)
    [found] = await judge(database, credit)
    assert (codes(found), found.state) == (["CREDIT_ORPHAN"], CdrState.HELD)
