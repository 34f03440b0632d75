"""What the long mode calls a problem: an engine with one charge in order, and what may be wrong."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from interwatt.cdrs.v1.cdr_pb2 import Cdr
from interwatt.events.v1.events_service_pb2 import Event
from interwatt.sessions.v1.session_pb2 import Session
from interwatt.sessions.v1.sessions_service_pb2 import StartSessionItem, StartSessionOutcome
from interwatt.settlement.v1.settlement_pb2 import Account, Statement, Transfer

from tests.crash import plan
from tests.crash.checks import Found, check
from tests.crash.journal import Journal
from tests.crash.messages import OURS, THEIRS, at

CHARGE = plan.charge(1, 0, 3)
DEBTOR = THEIRS if CHARGE.card.startswith("SUN") else OURS
TOTAL_E4 = plan.e4(CHARGE.total)
SOURCE = "cdr/NL-IWT/C1"
KINDS = (
    ("session.started", "session/S1"),
    ("session.completed", "session/S1"),
    ("cdr.issued", SOURCE),
    ("cdr.accepted", SOURCE),
    ("ledger.posted", SOURCE),
)


def money(amount_e4: int) -> dict[str, object]:
    return {"currency": "EUR", "amount_e4": amount_e4}


def text(party: dict[str, str]) -> str:
    return "-".join(party.values())


def found() -> Found:
    """Return what an engine has after one charge."""
    session = Session(
        id="S1",
        at_our_station=True,
        state=Session.STATE_COMPLETED,
        energy_mwh=CHARGE.energy_mwh,
        ended_at=at(CHARGE.stopped_at),
        station_id=CHARGE.station,
        transaction_id=1,
    )
    cdr = Cdr(
        id="C1",
        issued=True,
        session_id="S1",
        state=Cdr.STATE_POSTED,
        total_cost={"incl_vat": money(TOTAL_E4)},
    )
    receivable = f"1100/{text(DEBTOR)}/NL-IWT/EUR"
    payable = f"2100/NL-IWT/{text(DEBTOR)}/EUR"
    transfer = Transfer(
        entry_id="E1",
        debit_account_id=receivable,
        credit_account_id=payable,
        amount=money(TOTAL_E4),
        source=SOURCE,
    )
    none = money(0)
    accounts = [
        Account(id=receivable, debits_posted=money(TOTAL_E4), credits_posted=none),
        Account(id=payable, debits_posted=none, credits_posted=money(TOTAL_E4)),
    ]
    line = {"debtor": DEBTOR, "creditor": OURS, "source": SOURCE, "amount": money(TOTAL_E4)}
    statement = Statement(
        id="P1/A", party_a=OURS, party_b=DEBTOR, lines=[line], b_owes_a=money(TOTAL_E4)
    )
    return Found(
        sessions=[session],
        cdrs=[cdr],
        transfers=[transfer],
        accounts=accounts,
        statements=[statement],
        events=[Event(seq=n, kind=k, subject=s) for n, (k, s) in enumerate(KINDS, start=1)],
    )


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.expected.charges["S1"] = CHARGE
    journal.expected.statements["P1/A"] = found().statements[0]
    yield journal
    journal.close()


def test_one_charge_in_order_is_no_problem(journal: Journal) -> None:
    check(found(), journal)
    assert journal.problems == []


def _double(name: str) -> Callable[[Found], None]:
    def damage(engine: Found) -> None:
        rows = getattr(engine, name)
        rows.append(copy.deepcopy(rows[0]))

    return damage


def _lose(name: str) -> Callable[[Found], None]:
    return lambda engine: getattr(engine, name).clear()


def _second_entry(engine: Found) -> None:
    engine.transfers.append(copy.deepcopy(engine.transfers[0]))
    engine.transfers[1].entry_id = "E2"


def _less_energy(engine: Found) -> None:
    engine.sessions[0].energy_mwh -= 1


def _running_again(engine: Found) -> None:
    engine.sessions[0].state = Session.STATE_ACTIVE


def _other_price(engine: Found) -> None:
    engine.cdrs[0].total_cost.incl_vat.amount_e4 += 1


def _off_balance(engine: Found) -> None:
    engine.accounts[0].debits_posted.amount_e4 += 1


def _other_statement(engine: Found) -> None:
    engine.statements[0].closed_at.seconds = 1


def _gap(engine: Found) -> None:
    del engine.events[1]


def _told_twice(engine: Found) -> None:
    engine.events.append(Event(seq=6, kind="ledger.posted", subject=SOURCE))


@pytest.mark.parametrize(
    "damage",
    [
        *map(_double, ("sessions", "cdrs", "transfers")),
        *map(_lose, ("sessions", "cdrs", "transfers", "accounts", "statements", "events")),
        _second_entry,
        _less_energy,
        _running_again,
        _other_price,
        _off_balance,
        _other_statement,
        _gap,
        _told_twice,
    ],
)
def test_damage_is_named(journal: Journal, damage: Callable[[Found], None]) -> None:
    engine = found()
    damage(engine)
    check(engine, journal)
    assert journal.problems


def answer(id_: str, *, replayed: bool) -> StartSessionOutcome:
    return StartSessionOutcome(session=Session(id=id_), replayed=replayed)


def test_an_answer_that_changes_and_one_that_is_given_anew_are_problems(journal: Journal) -> None:
    item = StartSessionItem(request_id="r")
    journal.note("StartSessions", item, answer("S1", replayed=False), "")
    journal.note("StartSessions", item, answer("S1", replayed=True), "")
    assert journal.problems == []
    journal.note("StartSessions", item, answer("S2", replayed=True), "")
    journal.note("StartSessions", item, answer("S1", replayed=False), "")
    assert [problem.partition(" ")[0] for problem in journal.problems] == ["r:", "r:"]
