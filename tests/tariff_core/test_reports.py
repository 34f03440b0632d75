"""What a report says besides the totals: lines, taxes, findings; and what the linter reads."""

from __future__ import annotations

import json
from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from pricing_cases import BILLED, VECTORS, Case, comparable, joined, load_cases
from pricing_strategies import Scenario, profile, scenarios
from reference.policies import CHOICES

import tariff_core

PRICED = [case for case in load_cases() if case.expected["status"] == "priced"]
BILLED_AS = dict(zip(("ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME"), BILLED, strict=True))
COSTS = {
    "ENERGY": "total_energy_cost",
    "TIME": "total_time_cost",
    "PARKING_TIME": "total_parking_cost",
    "RESERVATION_TIME": "total_reservation_time_cost",
    "FLAT": "total_fixed_cost",
}
SIDES = ("excl_vat", "incl_vat")
OTHER_TARIFFS = sorted(
    path
    for folder in ("ocpi-spec-tariffs", "ocpi-examples", "tandemdrive-ocpi-tariffs")
    for path in (VECTORS / folder).glob("*/tariff*.json")
)


def explained(case: Case) -> dict[str, Any]:
    """Price a vector with its lines."""
    return json.loads(tariff_core.price(case.cdr, case.tariffs, **case.arguments, explain=True))


def check_lines(report: dict[str, Any]) -> None:
    """Check that the lines are the report: quantities exactly, costs to what rounding allows."""
    quantities: dict[str, Fraction] = defaultdict(Fraction)
    costs: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for line in report["lines"]:
        measured, added = Fraction(line["measured"]), Fraction(line["step_added"])
        assert measured + added == Fraction(line["billed"])
        assert line["reason"]
        quantities[line["dimension"]] += Fraction(line["billed"])
        for side in SIDES:
            costs[line["dimension"], side] += Fraction(line["cost"][side])
    for dimension, name in BILLED_AS.items():
        assert quantities[dimension] == Fraction(report[name])
    for dimension, name in COSTS.items():
        priced = [line for line in report["lines"] if line["dimension"] == dimension]
        assert (report[name] is None) == (not priced)
        for side in SIDES if priced else ():
            slack = Fraction(len(priced) + 1, 20_000)
            assert abs(costs[dimension, side] - Fraction(report[name][side])) <= slack


def check_taxes(report: dict[str, Any]) -> None:
    """Check that the tax lines add up to what the taxes make of the total."""
    before, after = (report["total_cost"][side] for side in SIDES)
    if before is None or after is None:
        return
    taxes = sum((Fraction(line["amount"]) for line in report["taxes"]), Fraction(0))
    assert taxes == Fraction(after) - Fraction(before)


@pytest.mark.parametrize("case", PRICED, ids=lambda case: case.name)
def test_lines_and_taxes_of_a_vector_add_up(case: Case) -> None:
    report = explained(case)
    check_taxes(report)
    if report["policy"]["rounding_decimals"] == "4":
        check_lines(report)


@profile(40)
@given(scenarios())
def test_lines_and_taxes_of_any_session_add_up(scenario: Scenario) -> None:
    documents, named = scenario.arguments()
    named["policy"] = {k: v for k, v in named["policy"].items() if not k.startswith("rounding")}
    report = json.loads(tariff_core.price(*documents, **named, explain=True))
    assert comparable(report) == comparable(json.loads(tariff_core.price(*documents, **named)))
    if report["status"] == "priced":
        check_taxes(report)
        check_lines(report)


def by_name(name: str) -> Case:
    """Return one vector."""
    return next(case for case in PRICED if case.name == name)


def codes(report: dict[str, Any]) -> set[str]:
    """Return the codes of a report's findings."""
    return {finding["code"] for finding in report["findings"]}


def test_straddled_price_change_says_what_it_may_cost() -> None:
    """6 kWh over 17:00 cost 0.20 each at the least and 0.60 each at the most."""
    (finding,) = explained(by_name("h11_time_straddle"))["findings"]
    assert finding["path"] == "$.charging_periods[0]"
    assert finding["lowest_total"]["excl_vat"] == "1.2000"
    assert finding["highest_total"]["excl_vat"] == "3.6000"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("numbers_as_strings", "number_as_text"),
        ("limits_with_several_tariffs", "limits_skipped"),
        ("period_without_tariff_id", "period_without_tariff_id"),
        ("named_tariff_wins_over_validity", "tariff_not_valid"),
        ("h26_hours_with_4_decimals_clock", "clock_and_volume_differ"),
        ("h52_power_missing", "missing_reading"),
        ("h61_offset_timestamps", "timestamp_with_offset"),
        ("null_fields", "needless_null"),
        ("currency_in_lower_case", "wrong_case"),
    ],
)
def test_oddity_of_a_vector_is_found(name: str, code: str) -> None:
    assert code in codes(explained(by_name(name)))


def test_bounds_of_a_credit_are_those_of_its_charge_turned_round() -> None:
    case = by_name("h11_time_straddle")
    cdr = json.dumps(json.loads(case.cdr) | {"credit": True})
    report = json.loads(tariff_core.price(cdr, case.tariffs, **case.arguments))
    (finding,) = [f for f in report["findings"] if "lowest_total" in f]
    assert finding["lowest_total"]["excl_vat"] == "-3.6000"
    assert finding["highest_total"]["excl_vat"] == "-1.2000"


@pytest.mark.parametrize(
    ("cdr", "differs"), [("cdr1", False), ("cdr2_less_than_2kWh", True)], ids=["right", "wrong"]
)
def test_declared_total_is_compared(cdr: str, differs: bool) -> None:
    folder = VECTORS / "tandemdrive-ocpi-tariffs" / "025kwh_min_price"
    text = (folder / f"{cdr}.json").read_text()
    report = json.loads(tariff_core.price(text, joined([folder / "tariff.json"]), time_zone="UTC"))
    assert ("total_cost_differs" in codes(report)) is differs


@pytest.mark.parametrize(("country", "zone"), [("NLD", "Europe/Amsterdam"), ("USA", None)])
def test_zone_is_inferred_where_a_country_has_one(country: str, zone: str | None) -> None:
    case = by_name("h55_weekday_local")
    report = json.loads(tariff_core.price(case.cdr.replace("NLD", country), case.tariffs))
    if zone is None:
        assert report["error"] == "missing_time_zone"
    else:
        assert report["time_zone"] == zone
        assert "time_zone_inferred" in codes(report)


@pytest.mark.parametrize("path", OTHER_TARIFFS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_linter_reads_every_published_tariff(path: Any) -> None:
    found = json.loads(tariff_core.lint(path.read_text()))
    assert all({"code", "path", "message"} <= finding.keys() for finding in found)
    assert not {"invalid_value", "unknown_field"} & {finding["code"] for finding in found}


def test_linter_finds_a_misspelled_field() -> None:
    path = VECTORS / "hamza-ocpi-tariffs-py" / "misspelled_field" / "tariff.json"
    found = {(f["code"], f["path"]) for f in json.loads(tariff_core.lint(path.read_text()))}
    for index in (0, 1):
        assert ("unknown_field", f"$.elements[{index}].restrictions.dayOfWeek") in found
    assert ("country_not_alpha2", "$.country_code") in found


def test_reference_knows_every_policy() -> None:
    """Names, values and defaults are those of the engine; what they mean is written twice."""
    table = json.loads(tariff_core.policies())
    assert {row["name"]: {value["name"] for value in row["values"]} for row in table} == {
        name: set(values) for name, values in CHOICES.items()
    }
    assert {row["name"]: row["default"] for row in table} == {
        name: values[0] for name, values in CHOICES.items()
    }


@pytest.mark.parametrize("policy", [{"step": "any"}, {"flat": "twice"}], ids=str)
def test_unknown_policy_is_an_argument_error(policy: dict[str, str]) -> None:
    case = PRICED[0]
    with pytest.raises(ValueError, match=next(iter(policy))):
        tariff_core.price(case.cdr, case.tariffs, policy=policy)


@pytest.mark.parametrize("case", PRICED[::7], ids=lambda case: case.name)
def test_explained_text_shows_the_total(case: Case) -> None:
    text = tariff_core.explain(case.cdr, case.tariffs, **case.arguments)
    total = case.expected["total_cost"]
    for side in SIDES:
        assert total[side] is None or total[side] in text
