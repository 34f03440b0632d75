"""Importing, listing and accepting CDRs, in both databases."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from engine.cdrs import store
from engine.cdrs.model import Cdr, CdrFinding, CdrState, CdrToken, Totals, check_new
from engine.cdrs.service import Acceptance, CdrsService, Imported
from engine.db.port import Database, Transaction
from engine.events import store as events
from engine.kernel.errors import (
    CdrConflict,
    EngineError,
    NotFound,
    PageTokenInvalid,
    RequestIdReused,
    StateConflict,
    WrongParty,
)
from engine.kernel.outcome import Outcome, Request
from engine.kernel.party import PartyKey
from tests.engine.cdrs.builders import CPO, EMSP, credit_of, make_cdr, price
from tests.engine.cdrs.charges import add_partner
from tests.engine.conftest import ManualClock


@pytest.fixture
async def service(database: Database) -> CdrsService:
    await add_partner(database)
    return CdrsService(database, cpo=EMSP)


def asking(cdr: Cdr, request_id: str) -> Request[Cdr]:
    checked = check_new(cdr)
    return Request(request_id, checked.content + cdr.partner_id.encode(), checked)


async def imported(
    service: CdrsService, *cdrs: Cdr, request_id: str = "r"
) -> list[Outcome[Imported]]:
    return await service.import_all(
        [asking(cdr, f"{request_id}{number}") for number, cdr in enumerate(cdrs)]
    )


def error(outcome: Outcome[Imported]) -> type[object]:
    assert isinstance(outcome.result, EngineError)
    return type(outcome.result)


async def kinds(database: Database) -> list[str]:
    async def read(tx: Transaction) -> list[str]:
        return [event.kind for event in await events.read_after(tx, 0, 1_000)]

    return [kind for kind in await database.read(read) if kind.startswith("cdr.")]


async def test_cdr_is_stored_as_it_was_sent(service: CdrsService, database: Database) -> None:
    sent = make_cdr(document='{"id":"CDR-1","total_energy":20.50}')
    [outcome] = await imported(service, sent)
    assert outcome.value().created
    stored = await service.get(CPO, "cdr-1")
    assert stored == outcome.value().cdr
    assert msgspec.structs.replace(stored, created_us=0, content=b"") == (
        msgspec.structs.replace(sent, content=b"")
    )
    assert await kinds(database) == ["cdr.received"]


async def test_same_cdr_again_is_absorbed(service: CdrsService, database: Database) -> None:
    cdr = make_cdr()
    await imported(service, cdr, request_id="a")
    later = make_cdr(last_updated_us=cdr.last_updated_us + 1)
    [again] = await imported(service, later, request_id="b")
    assert (again.value().created, again.replayed) == (False, False)
    assert again.value().cdr.last_updated_us == cdr.last_updated_us
    [replayed] = await imported(service, cdr, request_id="a")
    assert (replayed.value().created, replayed.replayed) == (True, True)
    assert await kinds(database) == ["cdr.received"]


async def test_other_content_under_the_same_id_is_a_conflict(service: CdrsService) -> None:
    await imported(service, make_cdr(), request_id="a")
    [outcome] = await imported(service, make_cdr(id="cdr-1", energy_mwh=1), request_id="b")
    assert error(outcome) is CdrConflict
    assert (await service.get(CPO, "CDR-1")).energy_mwh == 20_500_000


async def test_items_of_a_batch_do_not_spoil_each_other(service: CdrsService) -> None:
    outcomes = await imported(
        service,
        make_cdr(id="A"),
        make_cdr(id="B", owner=PartyKey("DE-XXX")),
        make_cdr(id="C", partner_id="nobody"),
        make_cdr(id="A", energy_mwh=7),
        make_cdr(id="a"),
        make_cdr(id="D"),
    )
    assert [
        error(outcome) if isinstance(outcome.result, EngineError) else outcome.result.created
        for outcome in outcomes
    ] == [True, WrongParty, NotFound, CdrConflict, CdrConflict, True]


async def test_request_id_with_another_body_is_refused(service: CdrsService) -> None:
    await imported(service, make_cdr(id="A"))
    [outcome] = await imported(service, make_cdr(id="B"))
    assert error(outcome) is RequestIdReused


async def test_same_cdr_from_many_senders_at_once_is_stored_once(
    service: CdrsService, database: Database
) -> None:
    sent = [imported(service, make_cdr(), request_id=f"s{n}-") for n in range(8)]
    outcomes = [outcome for [outcome] in await asyncio.gather(*sent)]
    assert sum(outcome.value().created for outcome in outcomes) == 1
    assert await kinds(database) == ["cdr.received"]


async def test_lists_go_by_creation_and_count_once(
    service: CdrsService, clock: ManualClock
) -> None:
    for number in range(5):
        await imported(service, make_cdr(id=f"C{9 - number}"), request_id=f"n{number}")
        clock.advance(1)

    async def page(token: str, **wanted: object) -> tuple[list[str], str, int]:
        asked: dict[str, object] = {
            "size": 2,
            "token": token,
            "partner_id": "",
            "issued": False,
            "state": "",
            "updated_from": None,
            "updated_to": None,
        }
        found = await service.list_page(**asked | wanted)  # type: ignore[arg-type]
        return [cdr.id for cdr in found.items], found.next_token, found.total

    first, token, total = await page("")
    second, token, again = await page(token)
    third, end, _ = await page(token)
    assert [*first, *second, *third] == ["C9", "C8", "C7", "C6", "C5"]
    assert (total, again, end) == (5, 5, "")
    assert (await page("", partner_id="other"))[2] == 0
    assert (await page("", partner_id="sun", state="RECEIVED"))[2] == 5
    assert (await page("", issued=True))[2] == 0
    assert (await page("", updated_from=make_cdr().last_updated_us))[2] == 5
    assert (await page("", updated_to=make_cdr().last_updated_us))[2] == 0
    with pytest.raises(PageTokenInvalid):
        await page("nonsense")


async def test_person_accepts_a_held_cdr(service: CdrsService, database: Database) -> None:
    held = make_cdr(
        state=CdrState.HELD,
        issued=True,
        findings=(CdrFinding("METER_REVERSED", True, "Look at it."),),
    )

    async def work(tx: Transaction) -> None:
        await store.add(tx, [held])

    await database.write(work)
    request = Request("r", b"f", Acceptance(CPO, "CDR-1"))
    accepted = await service.accept(request)
    assert (accepted.value().state, accepted.value().version) == (CdrState.ACCEPTED, 2)
    assert (await service.accept(request)).replayed
    assert await kinds(database) == ["cdr.issued", "cdr.accepted"]
    with pytest.raises(StateConflict):
        await service.accept(Request("r2", b"f", Acceptance(CPO, "CDR-1")))
    with pytest.raises(NotFound):
        await service.accept(Request("r3", b"f", Acceptance(CPO, "NONE")))


@pytest.mark.parametrize(
    "cdr",
    [
        make_cdr(state=CdrState.HELD, totals=Totals(price(None))),
        make_cdr(state=CdrState.HELD, token=CdrToken("", "T", "RFID", "", "WHITELIST")),
        make_cdr(state=CdrState.RECEIVED, totals=Totals(price(None))),
    ],
)
async def test_cdr_without_payer_or_total_cannot_be_accepted(
    service: CdrsService, database: Database, cdr: Cdr
) -> None:
    async def work(tx: Transaction) -> None:
        await store.add(tx, [cdr])

    await database.write(work)
    with pytest.raises(StateConflict):
        await service.accept(Request("r", b"f", Acceptance(CPO, "CDR-1")))
    assert await service.get(CPO, "CDR-1") == cdr


async def test_without_owner_ours_is_read(service: CdrsService) -> None:
    await imported(service, credit_of(make_cdr()))
    with pytest.raises(NotFound):
        await service.get(None, "CDR-1-C")
    assert (await service.get(CPO, "CDR-1-C")).credit_reference_id == "CDR-1"
