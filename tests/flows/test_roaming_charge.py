"""One roaming charge in each direction, from the wire to the statement, with amounts worked out by
hand.

Our tariff: 0.50 to start, 0.35 per kWh until 18:00 and 0.49 after, 3.00 per hour parked in steps of
a quarter. The charge: 17:15 to 18:15 at 21.96 kW, then parked until 18:42. Sunrise's: 0.42 per kWh,
1.20 per hour in steps of five minutes; 39 minutes and 18.6 kWh. VAT 21 % on everything.
"""

from __future__ import annotations

import uuid
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

import pytest
from interwatt.cdrs.v1.cdr_pb2 import Cdr
from interwatt.commands.v1.command_pb2 import Command
from interwatt.common.v1.money_pb2 import Money, Price
from interwatt.sessions.v1.session_pb2 import Session
from interwatt.settlement.v1.settlement_pb2 import Statement
from interwatt.settlement.v1.settlement_service_pb2 import ClosePeriodRequest
from interwatt.settlement.v1.settlement_service_pb2_grpc import SettlementServiceStub

from tests.demo.charge_plan import ChargePlan, yesterday_evening
from tests.flows import charges
from tests.harness.operator import EVSE_UID, LOCATION_ID, TARIFF_ID
from tests.harness.platform import Platform

VAT = Decimal("1.21")
KWH_BEFORE_SIX = Decimal("21.96") * 45 / 60
KWH_AFTER_SIX = Decimal("21.96") * 15 / 60
ENERGY = KWH_BEFORE_SIX * Decimal("0.35") + KWH_AFTER_SIX * Decimal("0.49")
PARKING = Decimal("0.5") * 3
START_FEE = Decimal("0.50")
OURS = START_FEE + ENERGY + PARKING
THEIRS = Decimal("18.6") * Decimal("0.42") + Decimal(40) / 60 * Decimal("1.20")


def e4(amount: Decimal) -> Decimal:
    return round(amount, 4)


@pytest.fixture(scope="module")
def plan() -> ChargePlan:
    """The charge at our station."""
    return yesterday_evening()


@pytest.fixture(scope="module")
def played(platform: Platform, plan: ChargePlan) -> dict[str, Any]:
    """Both charges, played once; what Sunrise has seen."""
    charges.charge_at_our_station(platform, plan, pause=0.1)
    charges.await_posted(platform, issued=True)
    command = charges.await_command(platform, charges.request_start_at_sunrise(platform))
    assert command.state == Command.STATE_DONE
    charges.await_posted(platform, issued=False)
    return platform.partner.wait_for("a CDR", lambda state: bool(state["cdrs"]))


@pytest.fixture(scope="module")
def statement(platform: Platform, played: dict[str, Any]) -> Statement:
    """The statement of the period in which both charges lie."""
    request = ClosePeriodRequest(request_id=str(uuid.uuid4()), period_id="flow-1")
    closed = platform.calls.stub(SettlementServiceStub).ClosePeriod(request)
    (statement,) = closed.statements
    return statement


def test_by_hand_it_costs_this() -> None:
    assert (Decimal("16.47"), Decimal("5.49")) == (KWH_BEFORE_SIX, KWH_AFTER_SIX)
    assert Decimal("8.4546") == ENERGY
    assert (OURS, e4(OURS * VAT)) == (Decimal("10.4546"), Decimal("12.6501"))
    assert (e4(THEIRS), e4(THEIRS * VAT)) == (Decimal("8.6120"), Decimal("10.4205"))


def test_sunrise_found_no_breach_of_ocpi(played: dict[str, Any]) -> None:
    assert played["complaints"] == []


def test_sunrise_was_asked_about_its_card(played: dict[str, Any]) -> None:
    asked = played["authorizations"]

    assert [(one["uid"], one["allowed"]) for one in asked] == [(charges.SUNRISE_CARD, "ALLOWED")]
    assert asked[0]["references"]["location_id"] == LOCATION_ID


def test_sunrise_saw_the_session_from_start_to_end(played: dict[str, Any]) -> None:
    calls = played["session_calls"]
    methods = [call["method"] for call in calls]

    assert methods[0] == "PUT"
    assert methods.count("PATCH") >= 2
    assert calls[0]["body"]["status"] == "ACTIVE"
    (session,) = played["sessions"].values()
    assert session["status"] == "COMPLETED"
    assert session["kwh"] == 21.96
    assert session["auth_method"] == "AUTH_REQUEST"
    assert session["authorization_reference"] == "SUN-AUTH-1"
    assert (session["location_id"], session["evse_uid"]) == (LOCATION_ID, EVSE_UID)


def test_sunrise_got_one_cdr_with_the_amounts_by_hand(played: dict[str, Any]) -> None:
    (cdr,) = played["cdrs"].values()

    assert cdr["total_cost"] == price(OURS)
    assert cdr["total_fixed_cost"] == price(START_FEE)
    assert cdr["total_energy_cost"] == price(ENERGY)
    assert cdr["total_parking_cost"] == price(PARKING)
    assert cdr["total_energy"] == 21.96
    assert (cdr["total_time"], cdr["total_parking_time"]) == (1.45, 0.45)
    assert cdr["session_id"] in played["sessions"]
    assert cdr["authorization_reference"] == "SUN-AUTH-1"
    assert [tariff["id"] for tariff in cdr["tariffs"]] == [TARIFF_ID]


def test_cdr_has_a_period_for_each_price(played: dict[str, Any], plan: ChargePlan) -> None:
    (cdr,) = played["cdrs"].values()
    periods = cdr["charging_periods"]

    starts = {period["start_date_time"] for period in periods}
    for boundary in (timedelta(0), timedelta(minutes=45), timedelta(minutes=60)):
        at = (plan.started_at + boundary).astimezone(UTC)
        assert at.strftime("%Y-%m-%dT%H:%M:%SZ") in starts
    assert volume(periods, "ENERGY") == Decimal("21.96")
    assert volume(periods, "PARKING_TIME") == Decimal("0.45")


def test_engine_holds_what_was_sent(platform: Platform, played: dict[str, Any]) -> None:
    (issued,) = [cdr for cdr in platform.calls.cdrs() if cdr.issued]
    (sent,) = played["cdrs"].values()

    assert issued.id == sent["id"]
    assert issued.total_cost == euros(OURS)
    states = {session.state for session in platform.calls.sessions()}
    assert states == {Session.STATE_COMPLETED}


def test_incoming_cdr_is_priced_again_and_agrees(
    platform: Platform, played: dict[str, Any]
) -> None:
    (received,) = [cdr for cdr in platform.calls.cdrs() if not cdr.issued]

    assert received.state == Cdr.STATE_POSTED
    assert received.total_cost == received.repriced_cost == euros(THEIRS)
    assert not [finding for finding in received.findings if finding.blocking]
    assert played["own_cdrs"][received.id]["total_cost"] == price(THEIRS)


def test_each_cdr_is_one_sound_entry(platform: Platform, played: dict[str, Any]) -> None:
    transfers = platform.calls.transfers()
    verified = platform.calls.verify_ledger()

    assert list(verified.violations) == []
    assert verified.entries == len({transfer.entry_id for transfer in transfers}) == 2
    assert len({transfer.source for transfer in transfers}) == 2


def test_statement_nets_both_charges(statement: Statement) -> None:
    amounts = {line.debtor.party_id: line.amount for line in statement.lines}

    ours, theirs = e4(OURS * VAT), e4(THEIRS * VAT)
    assert amounts == {"SUN": money(ours), "IWT": money(theirs)}
    for line in statement.lines:
        assert sum(part.amount.amount_e4 for part in line.transfers) == line.amount.amount_e4
    assert abs(statement.net.amount_e4) == money(ours - theirs).amount_e4


def price(excl: Decimal) -> dict[str, float]:
    return {"excl_vat": float(e4(excl)), "incl_vat": float(e4(excl * VAT))}


def euros(excl: Decimal) -> Price:
    return Price(excl_vat=money(e4(excl)), incl_vat=money(e4(excl * VAT)))


def money(amount: Decimal) -> Money:
    return Money(currency="EUR", amount_e4=int(amount * 10_000))


def volume(periods: list[dict[str, Any]], kind: str) -> Decimal:
    return sum(
        (
            Decimal(str(dimension["volume"]))
            for period in periods
            for dimension in period["dimensions"]
            if dimension["type"] == kind
        ),
        Decimal(0),
    )
