"""One case a check, and that a sound CDR passes all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cdrs.checks import Evidence, judge, tolerance_e4
from engine.cdrs.model import Cdr, CdrState, CdrToken, Totals
from engine.kernel.clock import SECOND, Micros
from engine.tariffs.model import Dimension, Period, Priced
from tests.engine.cdrs.builders import EMSP, STARTED, TARIFF, credit_of, make_cdr, price

SOUND = make_cdr()
NOW = Micros(SOUND.ended_us + 60 * SECOND)


def priced(excl_e4: int = 102_500, incl_e4: int | None = 124_025, **changes: Any) -> Priced:
    facts: dict[str, Any] = {
        "error": "",
        "message": "",
        "currency": "EUR",
        "total": price(excl_e4, incl_e4),
        "energy": price(excl_e4, incl_e4),
        "time": None,
        "parking": None,
        "reservation": None,
        "fixed": None,
        "warnings": [],
        "report_json": "{}",
    }
    return Priced(**facts | changes)


def evidence(**changes: Any) -> Evidence:
    facts: dict[str, Any] = {"now": NOW, "priced": priced(), "contract_id": "NL-IWT-C1"}
    return Evidence(**facts | changes)


def energy(kwh: str) -> tuple[Period, ...]:
    return (Period(STARTED, [Dimension("ENERGY", kwh)]),)


def test_sound_cdr_has_no_findings() -> None:
    assert judge(SOUND, evidence()) == ()


@pytest.mark.parametrize(
    ("cdr", "known", "code", "blocking"),
    [
        (make_cdr(ended_us=STARTED - 1), {}, "TIME_NEGATIVE", True),
        (make_cdr(ended_us=STARTED, time_s=0), {}, "TIME_ZERO", True),
        (SOUND, {"now": STARTED}, "TIME_FUTURE", True),
        (make_cdr(started_us=0), {}, "TIME_EPOCH", True),
        (make_cdr(totals=Totals(price(5_000_001))), {}, "COST_TOO_HIGH", True),
        (
            make_cdr(totals=Totals(price(4_600_000), energy=price(4_600_000))),
            {},
            "COST_TOO_HIGH",
            True,
        ),
        (make_cdr(time_s=4_000), {}, "TIME_SUM", False),
        (make_cdr(parking_s=3_001), {}, "PARKING_GT_TOTAL", True),
        (
            make_cdr(charging_periods=(Period(STARTED - 2 * SECOND, []),)),
            {},
            "PERIOD_ORDER",
            True,
        ),
        (
            make_cdr(charging_periods=tuple(Period(STARTED + n, []) for n in (0, 900, 10))),
            {},
            "PERIOD_ORDER",
            True,
        ),
        (make_cdr(energy_mwh=-1, charging_periods=()), {}, "ENERGY_NEGATIVE", True),
        (make_cdr(charging_periods=energy("20.6")), {}, "ENERGY_SUM", True),
        (make_cdr(energy_mwh=0, charging_periods=()), {}, "ENERGY_ZERO_BILLED", True),
        (SOUND, {"session_energy_mwh": 20_000_000}, "ENERGY_VS_SESSION", False),
        (SOUND, {"power_w": 11_000}, "ENERGY_GT_POWER", True),
        (make_cdr(energy_mwh=4 * 10**9, charging_periods=()), {}, "ENERGY_GT_POWER", True),
        (SOUND, {"priced": None}, "TARIFF_UNKNOWN", True),
        (SOUND, {"priced": priced(error="no_zone", total=None)}, "PRICE_UNKNOWN", True),
        (
            make_cdr(tariffs=(TARIFF.replace("EUR", "SEK"),)),
            {},
            "CURRENCY_MISMATCH",
            True,
        ),
        (SOUND, {"priced": priced(102_700, 124_025)}, "COST_TOTAL", True),
        (SOUND, {"priced": priced(102_500, 130_000)}, "COST_TOTAL", True),
        (
            make_cdr(totals=Totals(price(102_500, 124_025), time=price(500))),
            {},
            "COST_COMPONENT",
            False,
        ),
        (
            make_cdr(totals=Totals(price(102_500, 124_025), energy=price(90_000))),
            {"priced": priced(energy=price(90_000))},
            "COST_SUM",
            False,
        ),
        (
            make_cdr(totals=Totals(price(-5))),
            {"priced": priced(-5, None)},
            "COST_NEGATIVE",
            True,
        ),
        (
            make_cdr(totals=Totals(price(102_500, 90_000))),
            {"priced": priced(incl_e4=90_000)},
            "VAT_ARITH",
            False,
        ),
        (SOUND, {"contract_id": None}, "TOKEN_UNKNOWN", True),
        (SOUND, {"contract_id": "OTHER"}, "TOKEN_CONTRACT", False),
        (SOUND, {"earlier": (make_cdr(id="FIRST"),)}, "SESSION_MULTI_CDR", True),
        (make_cdr(session_id=""), {"near": (make_cdr(id="A", session_id=""),)}, "CDR_TWIN", True),
        (SOUND, {"near": (make_cdr(id="A", session_id=""),)}, "CDR_TWIN", True),
        (SOUND, {"near": (make_cdr(id="A", session_id="S-2"),)}, "CDR_TWIN", True),
        (SOUND, {"now": SOUND.ended_us + 8 * 86_400 * SECOND}, "CDR_LATE", False),
        (credit_of(SOUND), {"priced": None}, "CREDIT_ORPHAN", True),
        (
            credit_of(SOUND, totals=Totals(price(-1, -1))),
            {"priced": None, "original": SOUND},
            "CREDIT_MISMATCH",
            True,
        ),
        (
            credit_of(SOUND),
            {"priced": None, "original": SOUND, "earlier": (credit_of(SOUND, id="X"),)},
            "CREDIT_DOUBLE",
            True,
        ),
    ],
)
def test_each_fault_is_found(cdr: Cdr, known: dict[str, Any], code: str, blocking: bool) -> None:
    found = {finding.code: finding for finding in judge(cdr, evidence(**known))}
    assert code in found
    assert found[code].blocking is blocking
    assert found[code].message.endswith((".", "no_zone"))


def test_replacement_after_a_credit_is_sound() -> None:
    replacement = make_cdr(id="CDR-2")
    earlier = (SOUND, credit_of(SOUND, state=CdrState.ACCEPTED))
    assert judge(replacement, evidence(earlier=earlier)) == ()


@pytest.mark.parametrize("state", [CdrState.RECEIVED, CdrState.HELD])
def test_credit_that_gave_nothing_back_makes_no_room_for_a_replacement(state: CdrState) -> None:
    replacement = make_cdr(id="CDR-2")
    earlier = (SOUND, credit_of(SOUND, state=state, totals=Totals(price(-1, -1))))
    found = [finding.code for finding in judge(replacement, evidence(earlier=earlier))]
    assert found == ["SESSION_MULTI_CDR"]


@pytest.mark.parametrize(
    ("changes", "twin"),
    [
        ({"energy_mwh": SOUND.energy_mwh + 10_000}, True),
        ({"energy_mwh": SOUND.energy_mwh + 10_001}, False),
        ({"started_us": STARTED - 60 * SECOND}, True),
        ({"started_us": STARTED - 60 * SECOND - 1}, False),
    ],
)
def test_twins_are_alike_within_what_two_clocks_and_roundings_differ(
    changes: dict[str, Any], twin: bool
) -> None:
    other = make_cdr(**{"id": "A", "session_id": ""} | changes)
    codes = {finding.code for finding in judge(SOUND, evidence(near=(other,)))}
    assert ("CDR_TWIN" in codes) is twin


def test_two_attempts_that_gave_nothing_are_two_charges_where_both_name_their_session() -> None:
    def attempt(id_: str, session_id: str) -> Cdr:
        cost = Totals(price(0))
        return make_cdr(
            id=id_, session_id=session_id, energy_mwh=0, charging_periods=(), totals=cost
        )

    def codes(first: Cdr, second: Cdr) -> list[str]:
        known = evidence(priced=None, near=(first,))
        return [f.code for f in judge(second, known) if f.code == "CDR_TWIN"]

    assert codes(attempt("A", "S-1"), attempt("B", "S-2")) == []
    assert codes(attempt("A", ""), attempt("B", "")) == ["CDR_TWIN"]


def test_replacement_of_a_credited_twin_is_sound() -> None:
    first = make_cdr(id="A", session_id="")
    near = (first, credit_of(first, state=CdrState.POSTED))
    assert judge(make_cdr(session_id=""), evidence(near=near)) == ()


def test_energy_that_the_connector_can_give_is_sound() -> None:
    assert judge(SOUND, evidence(power_w=22_080)) == ()


def test_credit_of_what_we_have_is_sound() -> None:
    known = evidence(priced=None, original=SOUND, earlier=(SOUND,))
    assert judge(credit_of(SOUND), known) == ()


def test_token_without_contract_is_known_by_its_uid() -> None:
    token = CdrToken(EMSP, "TOKEN-1", "RFID", "", "WHITELIST")
    assert judge(make_cdr(token=token), evidence()) == ()


@given(st.integers(0, 10**9), st.integers(-(10**7), 10**7))
def test_total_is_accepted_exactly_within_the_tolerance(expected: int, difference: int) -> None:
    billed = max(expected + difference, 0)
    cdr = make_cdr(totals=Totals(price(billed)))
    known = evidence(priced=priced(expected, None, energy=None))
    held = "COST_TOTAL" in {finding.code for finding in judge(cdr, known)}
    assert held is (abs(billed - expected) > max(100, expected // 1_000))
    assert tolerance_e4(expected) == max(100, expected // 1_000)
