"""What the linter says of a tariff, against the vectors and against states of real sessions."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pricing_cases import load_cases, write
from pricing_strategies import Document, profile, tariffs
from reference import documents, policies
from reference.restrictions import State, lookup

import tariff_core

CASES = {case.name: case for case in load_cases()}
POLICY = policies.resolve({})
DIMENSIONS = ("ENERGY", "TIME", "PARKING_TIME", "FLAT")


def codes(text: str) -> set[str]:
    """Return the codes the linter finds."""
    return {finding["code"] for finding in json.loads(tariff_core.lint(text))}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("h08_equal_times", "equal_times"),
        ("h08_equal_times", "unreachable_element"),
        ("h16_two_components_same_type", "unreachable_component"),
        ("h20_step_zero", "step_size_zero"),
        ("restricted_element_after_the_default_never_counts", "unreachable_element"),
        ("weekday_with_wrap", "weekday_with_wrap"),
        ("dst_gap_boundary_inside", "time_inside_dst_change"),
        ("dst_fold_repeated_hour", "time_inside_dst_change"),
        ("no_default_is_free", "free_by_accident"),
        ("tax_not_applicable", "vat_without_taxes"),
        ("tax_included_no_vat_on_some", "vat_missing_on_some"),
    ],
)
def test_trap_in_a_vector_is_found(name: str, code: str) -> None:
    assert code in codes(CASES[name].tariffs)


def test_missing_last_updated_is_found() -> None:
    """Pricing does without it, so only the linter asks for it."""
    elements = [{"price_components": [{"type": "FLAT", "price": 1, "step_size": 1}]}]
    tariff = {"id": "A", "currency": "EUR", "type": "REGULAR", "elements": elements}
    for document, root in ((tariff, "$"), ([tariff], "$[0]"), (wrapped(tariff), "$")):
        findings = json.loads(tariff_core.lint(json.dumps(document)))
        found = [finding["path"] for finding in findings if finding["code"] == "missing_field"]
        assert found == [f"{root}.{name}" for name in ("country_code", "party_id", "last_updated")]


def wrapped(data: Any) -> Document:
    """Return data as an OCPI response has it."""
    return {"status_code": 1000, "data": data}


@pytest.mark.parametrize(
    "name", ["h09_kwh_boundary", "wrap_midnight", "vat_zero_is_known", "w12_3h_5parking"]
)
def test_sound_tariff_of_a_vector_has_no_trap(name: str) -> None:
    traps = {"unreachable_element", "unreachable_component", "impossible_restriction"}
    assert not codes(CASES[name].tariffs) & traps


@pytest.mark.parametrize(
    ("restrictions", "code"),
    [
        ({"min_power": 0}, "needless_restriction"),
        ({"min_current": 0}, "needless_restriction"),
        ({"min_kwh": 0}, "needless_restriction"),
        ({"max_kwh": 0}, "only_discharge"),
        ({"max_power": 0}, "only_discharge"),
        ({"min_power": 11, "max_power": 11}, "readings_crossed"),
        ({"min_current": 32, "max_current": 16}, "readings_crossed"),
    ],
    ids=str,
)
def test_what_seldom_matches_is_not_called_unreachable(restrictions: Document, code: str) -> None:
    """Periods may lack readings, spread over a limit, or give energy to the grid."""
    component = {"type": "ENERGY", "price": 1, "step_size": 1}
    elements = [
        {"price_components": [component], "restrictions": restrictions},
        {"price_components": [component]},
    ]
    found = codes(json.dumps({"id": "A", "currency": "EUR", "elements": elements}))
    assert code in found
    assert not {"unreachable_element", "impossible_restriction"} & found


@st.composite
def states(draw: st.DrawFn) -> State:
    """Draw an instant of some session, on the edges of the drawn restrictions more often."""
    minutes = draw(st.integers(0, 7 * 24 * 60))
    day = draw(st.sampled_from(("2025-03-28", "2025-06-05", "2025-10-24", "2026-01-05")))
    at = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(minutes=minutes)
    levels = st.sampled_from((-5, 0, 5, 11, 15, 16, 20, 22, 32, 40, 50, 99))
    readings: dict[str, Fraction] = {}
    for kind in ("POWER", "CURRENT"):
        for name, level in zip(("MIN", "MAX"), sorted((draw(levels), draw(levels))), strict=True):
            if draw(st.booleans()):
                readings[f"{name}_{kind}"] = Fraction(level)
    return State(
        at=at,
        zone=ZoneInfo("UTC"),
        elapsed=Fraction(draw(st.sampled_from((0, 599, 600, 1800, 3600, 5400, 5401, 90_000)))),
        kwh=Fraction(draw(st.integers(-10, 250)), 10),
        readings=readings,
        reservation=draw(st.sampled_from((None, None, "RESERVATION", "RESERVATION_EXPIRES"))),
    )


def unreachable(text: str) -> tuple[set[int], set[tuple[int, int]]]:
    """Return the elements and the components that the linter calls unreachable."""
    elements, components = set(), set()
    for finding in json.loads(tariff_core.lint(text)):
        places = [int(number) for number in re.findall(r"\[(\d+)\]", finding["path"])]
        if finding["code"] == "unreachable_element":
            elements.add(places[0])
        if finding["code"] == "unreachable_component":
            components.add((places[0], places[1]))
    return elements, components


@profile(60)
@given(tariffs("2.3.0", "A", "EUR"), st.lists(states(), min_size=10, max_size=25))
def test_what_is_called_unreachable_never_prices(tariff: Document, seen: list[State]) -> None:
    text = write(tariff)
    elements, components = unreachable(text)
    read = documents.tariff(documents.loads(text))
    places: dict[int, Any] = {
        id(component): (i, j)
        for i, element in enumerate(read.elements)
        for j, component in enumerate(element.components)
    }
    for state in seen:
        for dimension in DIMENSIONS:
            component = lookup(read, dimension, state, POLICY)
            if component is not None:
                assert places[id(component)][0] not in elements
                assert places[id(component)] not in components
