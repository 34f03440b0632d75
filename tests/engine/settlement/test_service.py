"""The book in both databases: posting once, closing periods, verifying."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
import sqlalchemy as sa

from engine.cdrs import store as cdrs
from engine.cdrs.model import Cdr, CdrState, CdrToken, Totals, cdr_key
from engine.db.port import Database, Transaction
from engine.events import store as events
from engine.events.model import Event
from engine.kernel.errors import (
    AlreadyExists,
    EngineError,
    InvalidArgument,
    NotFound,
    PageTokenInvalid,
    RequestIdReused,
)
from engine.kernel.outcome import Request
from engine.settlement import parts, store, tables
from engine.settlement.model import BOOK, Balance, LedgerHaltedError, SettlementPeriod
from engine.settlement.poster import Poster
from engine.settlement.service import ClosePeriod, SettlementService, read_close
from tests.engine.cdrs.builders import CPO, EMSP, credit_of, make_cdr, price
from tests.engine.conftest import ManualClock, OpenDatabase


def accepted(*found: Cdr) -> list[Event]:
    return [
        Event(
            seq=number,
            kind="cdr.accepted",
            subject=cdr.subject,
            partner_id=cdr.partner_id,
            correlation_id="",
            recorded_us=0,
            payload_json=msgspec.json.encode(
                {"owner": cdr.owner, "id": cdr.id, "version": cdr.version}
            ).decode(),
        )
        for number, cdr in enumerate(found, start=1)
    ]


async def add(database: Database, *found: Cdr) -> list[Cdr]:
    ready = [msgspec.structs.replace(cdr, state=CdrState.ACCEPTED) for cdr in found]

    async def work(tx: Transaction) -> None:
        await cdrs.add(tx, ready)

    await database.write(work)
    return ready


async def post(database: Database, *found: Cdr) -> None:
    poster = Poster(database)

    async def work(tx: Transaction) -> None:
        await poster.handle(tx, accepted(*found))

    await database.write(work)


async def close(database: Database, name: str, *, request_id: str = "r") -> SettlementPeriod:
    request = Request(request_id, name.encode(), ClosePeriod(name))
    return (await SettlementService(database).close(request)).value()


async def test_accepted_cdr_is_posted_once_however_often_it_is_told(database: Database) -> None:
    [cdr] = await add(database, make_cdr())
    for _ in range(3):
        await post(database, cdr, cdr)

    async def read(tx: Transaction) -> tuple[Cdr, list[Event]]:
        found = await cdrs.by_key(tx, [cdr.key])
        return found[cdr.key], await events.read_after(tx, 0, 100)

    stored, told = await database.read(read)
    assert (stored.state, stored.version) == (CdrState.POSTED, 2)
    assert [event.kind for event in told] == ["ledger.posted"]
    page = await SettlementService(database).list_transfers("", size=10, token="")
    assert [(t.kind, t.amount_e4) for t in page.items] == [("ENERGY", 102_500), ("VAT", 21_525)]
    rows = (await SettlementService(database).list_accounts(size=10, token="")).items
    assert [(account.id, b.debits_e4, b.credits_e4) for account, b in rows] == [
        (f"1100/{EMSP}/{CPO}/EUR", 124_025, 0),
        (f"2100/{CPO}/{EMSP}/EUR", 0, 124_025),
    ]


async def test_a_close_that_meets_its_own_repetition_gives_its_answer(
    open_database: OpenDatabase,
) -> None:
    engines = [await open_database(), await open_database()]
    await add(engines[0], make_cdr())
    await post(engines[0], make_cdr())
    periods = await asyncio.gather(*(close(engines[n % 2], "2026-11") for n in range(10)))
    assert [period.id for period in periods] == ["2026-11"] * 10
    assert len({period.recorded_until_us for period in periods}) == 1


async def test_held_and_unknown_cdrs_are_not_posted(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await cdrs.add(tx, [make_cdr(state=CdrState.HELD)])

    await database.write(work)
    await post(database, make_cdr(), make_cdr(id="UNKNOWN"))
    found = await SettlementService(database).verify()
    assert (found.entries, found.violations) == (0, ())


async def test_free_charge_has_an_entry_without_transfers(database: Database) -> None:
    free = make_cdr(totals=Totals(price(0, 0), energy=price(0, 0)))
    await post(database, *await add(database, free))
    service = SettlementService(database)
    period = await close(database, "2026-11")
    [statement] = await service.statements_of(period)
    assert (statement.net_e4, len(statement.lines), statement.lines[0].transfers) == (0, 1, ())
    assert (await service.verify()).violations == ()


async def test_credit_brings_every_account_back_to_zero(database: Database) -> None:
    original = make_cdr()
    await post(database, *await add(database, original, credit_of(original)))
    rows = (await SettlementService(database).list_accounts(size=10, token="")).items
    assert all(balance.debits_e4 == balance.credits_e4 for _, balance in rows)
    assert (await SettlementService(database).verify()).violations == ()


async def test_other_posting_under_a_known_id_halts_and_changes_nothing(
    database: Database,
) -> None:
    [cdr] = await add(database, make_cdr())
    await post(database, cdr)
    changed = msgspec.structs.replace(cdr, totals=Totals(price(1, 2)))

    async def forge(tx: Transaction) -> None:
        await cdrs.replace(tx, [changed])

    await database.write(forge)
    with pytest.raises(LedgerHaltedError):
        await post(database, cdr)
    page = await SettlementService(database).list_transfers(cdr.subject, size=10, token="")
    assert len(page.items) == 2


async def test_period_seals_what_was_recorded_and_the_next_what_came_later(
    database: Database, clock: ManualClock
) -> None:
    first, second, third = await add(database, *(make_cdr(id=f"C{n}") for n in range(3)))
    await post(database, first, second)
    november = await close(database, "2026-11", request_id="a")
    clock.advance(-3_600)  # the clock may go back; the book does not
    await post(database, third)
    december = await close(database, "2026-12", request_id="b")
    empty = await close(database, "2027-01", request_id="c")
    service = SettlementService(database)
    [before] = await service.statements_of(november)
    [after] = await service.statements_of(december)
    assert [line.source for line in before.lines] == [first.subject, second.subject]
    assert [line.source for line in after.lines] == [third.subject]
    assert before.lines[0].description.startswith("Charge at Stationsplein 1, Utrecht")
    assert (before.a_owes_b_e4, before.b_owes_a_e4) == (248_050, 0)
    assert november.recorded_after_us is None
    assert december.recorded_after_us == november.recorded_until_us
    assert empty.statement_ids == ()
    assert (await service.verify()).violations == ()


async def test_close_is_replayed_not_repeated(database: Database) -> None:
    await post(database, *await add(database, make_cdr()))
    service = SettlementService(database)
    request = Request("r1", b"body", ClosePeriod("2026-11"))
    first, again = await service.close(request), await service.close(request)
    assert (again.result, again.replayed) == (first.result, True)
    other = await service.close(Request("r1", b"other", ClosePeriod("2026-12")))
    assert isinstance(other.result, RequestIdReused)


async def test_period_name_is_used_once(database: Database) -> None:
    await close(database, "2026-11", request_id="a")
    with pytest.raises(AlreadyExists):
        await close(database, "2026-11", request_id="b")
    with pytest.raises(AlreadyExists):
        await SettlementService(database).preview(ClosePeriod("2026-11"))


async def test_preview_shows_what_closing_gives_and_closes_nothing(database: Database) -> None:
    await post(database, *await add(database, make_cdr()))
    service = SettlementService(database)
    period, statements = await service.preview(ClosePeriod("2026-11"))
    with pytest.raises(NotFound):
        await service.statement(period.statement_ids[0])
    closed = await close(database, "2026-11")
    assert await service.statements_of(closed) == statements


async def test_invariant_8_statement_reads_the_same_for_ever(database: Database) -> None:
    await post(database, *await add(database, make_cdr()))
    period = await close(database, "2026-11")

    async def bodies(tx: Transaction) -> list[bytes]:
        return await store.statement_bodies(tx, period.statement_ids)

    before = await database.read(bodies)
    await post(database, *await add(database, make_cdr(id="LATE")))
    await close(database, "2026-12", request_id="later")
    assert await database.read(bodies) == before


async def test_lists_page_by_key(database: Database) -> None:
    found = [
        make_cdr(id=f"C{n}", token=CdrToken(f"NL-A{n:02d}", "T", "RFID", "C", "WHITELIST"))
        for n in range(5)
    ]
    await post(database, *await add(database, *found))
    await close(database, "2026-11")
    service = SettlementService(database)
    seen: list[str] = []
    token = ""
    while True:
        page = await service.list_statements("2026-11", size=2, token=token)
        seen += [statement.id for statement in page.items]
        token = page.next_token
        if not token:
            break
    assert len(seen) == len(set(seen)) == 5
    transfers = await service.list_transfers("", size=9, token="")
    rest = await service.list_transfers("", size=9, token=transfers.next_token)
    assert (len(transfers.items), len(rest.items), rest.next_token) == (9, 1, "")
    with pytest.raises(PageTokenInvalid):
        await service.list_accounts(size=2, token=transfers.next_token)


@pytest.mark.parametrize("name", ["", "a" * 65, "a b", "/x", "-x"])
def test_period_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(InvalidArgument):
        read_close(name)


async def test_verify_names_each_invariant_that_does_not_hold(database: Database) -> None:
    posted = await add(database, make_cdr(), make_cdr(id="C2"))
    await post(database, *posted)
    never = make_cdr(id="NEVER", state=CdrState.POSTED)

    async def spoil(tx: Transaction) -> None:
        await cdrs.add(tx, [never])
        forged = Balance(BOOK, f"1100/{EMSP}/{CPO}/EUR", 1, 0)
        await tx.update(tables.balances, [forged])
        entry = parts.posting(make_cdr(id="GHOST")).entry
        await tx.insert(
            tables.entries, [msgspec.structs.replace(entry, amount_e4=5, recorded_us=1)]
        )

    await database.write(spoil)
    violations = (await SettlementService(database).verify()).violations
    assert {sentence.split(":")[0] for sentence in violations} == {
        "Invariant 1",
        "Invariant 2",
        "Invariant 4",
        "Invariant 5",
    }


async def test_entry_added_behind_a_closed_period_is_found(database: Database) -> None:
    await post(database, *await add(database, make_cdr()))
    await close(database, "2026-11")
    entry = parts.posting(make_cdr(id="GHOST")).entry

    async def spoil(tx: Transaction) -> None:
        changed = msgspec.structs.replace(entry, amount_e4=0, transfers=0, recorded_us=1)
        await tx.insert(tables.entries, [changed])

    await database.write(spoil)
    violations = (await SettlementService(database).verify()).violations
    assert {sentence.split(":")[0] for sentence in violations} == {
        "Invariant 5",
        "Invariant 7",
        "Invariant 8",
    }


async def test_errors_leave_the_book_unchanged(database: Database) -> None:
    [cdr] = await add(database, make_cdr())
    await close(database, "2026-11", request_id="a")
    before = await SettlementService(database).verify()
    with pytest.raises(EngineError):
        await close(database, "2026-11", request_id="b")
    assert await SettlementService(database).verify() == before
    assert cdr.key == cdr_key(CPO, "cdr-1")


@pytest.mark.parametrize("table", [tables.transfers, tables.entries, tables.statements])
async def test_database_refuses_to_change_what_was_recorded(
    database: Database, table: tables.Mapped[msgspec.Struct]
) -> None:
    await post(database, *await add(database, make_cdr()))
    await close(database, "2026-11")

    async def forge(tx: Transaction) -> None:
        await tx.execute(sa.delete(table.table))

    with pytest.raises(Exception, match="insert-only"):
        await database.write(forge)
