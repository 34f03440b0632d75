"""What a total is made of."""

from __future__ import annotations

import pytest
from hypothesis import given

from engine.cdrs.model import Cdr, CdrLocation, Totals
from engine.kernel.clock import from_rfc3339
from engine.settlement.model import Part
from engine.settlement.parts import describe, posting, shares, total_e4
from tests.engine.cdrs.builders import TARIFF, credit_of, make_cdr, price
from tests.engine.settlement.strategies import LIMITED, cdrs


@given(cdrs())
def test_shares_sum_to_the_total_exactly_and_none_is_zero(cdr: Cdr) -> None:
    found = shares(cdr)
    assert sum(share.amount_e4 for share in found) == total_e4(cdr)
    assert all(share.amount_e4 for share in found)


@given(cdrs())
def test_invariant_4_transfers_move_the_amount_of_their_entry(cdr: Cdr) -> None:
    made = posting(cdr)
    receivable, payable = made.accounts
    assert all(transfer.amount_e4 > 0 for transfer in made.transfers)
    moved = sum(
        transfer.amount_e4 if transfer.debit_account_id == receivable.id else -transfer.amount_e4
        for transfer in made.transfers
    )
    assert moved == made.entry.amount_e4
    assert {t.debit_account_id for t in made.transfers} | {
        t.credit_account_id for t in made.transfers
    } <= {receivable.id, payable.id}


def test_each_part_is_a_transfer_of_its_own() -> None:
    cdr = make_cdr(
        totals=Totals(
            price(200_000, 242_000),
            fixed=price(10_000),
            energy=price(150_000),
            time=price(20_000),
            parking=price(15_000),
            reservation=price(5_000),
        )
    )
    assert [(share.part, share.amount_e4) for share in shares(cdr)] == [
        (Part.ENERGY, 150_000),
        (Part.TIME, 20_000),
        (Part.PARKING_TIME, 15_000),
        (Part.FLAT, 10_000),
        (Part.RESERVATION, 5_000),
        (Part.VAT, 42_000),
    ]


@pytest.mark.parametrize(
    ("total", "tariff", "expected"),
    [
        (102_400, TARIFF, Part.ROUNDING),
        (80_000, LIMITED, Part.LIMIT),
        (80_000, TARIFF, Part.OTHER),
    ],
)
def test_what_parts_leave_of_the_total_is_named(total: int, tariff: str, expected: Part) -> None:
    cdr = make_cdr(totals=Totals(price(total), energy=price(102_500)), tariffs=(tariff,))
    residue = shares(cdr)[-1]
    assert (residue.part, residue.amount_e4) == (expected, total - 102_500)


def test_total_without_vat_is_posted_without_vat() -> None:
    cdr = make_cdr(totals=Totals(price(102_500), energy=price(102_500)))
    assert [share.part for share in shares(cdr)] == [Part.ENERGY]


def test_credit_cdr_takes_back_each_part_of_the_original() -> None:
    cdr = make_cdr()
    original, credited = posting(cdr), posting(credit_of(cdr))
    assert credited.entry.reverses == original.entry.id
    assert credited.entry.amount_e4 == -original.entry.amount_e4
    assert [
        (t.credit_account_id, t.debit_account_id, t.amount_e4, t.kind) for t in credited.transfers
    ] == [
        (t.debit_account_id, t.credit_account_id, t.amount_e4, t.kind) for t in original.transfers
    ]


@pytest.mark.parametrize("zone", ["America/New_York", "Europe", "../zone", "Nowhere/At-all", ""])
@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_description_is_made_of_any_time_in_any_zone(at: str, zone: str) -> None:
    instant = from_rfc3339(at)
    cdr = make_cdr(started_us=instant, ended_us=instant, location=CdrLocation(time_zone=zone))
    assert describe(cdr).startswith("Charge, ")


def test_description_says_where_when_and_how_much_in_local_time() -> None:
    assert describe(make_cdr()) == (
        "Charge at Stationsplein 1, Utrecht, 2026-11-22 18:30 to 19:20, 20.5000 kWh"
    )
