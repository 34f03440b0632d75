"""Random sessions through `tariff_core` and the reference, and what must hold for any of them."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import reference
from hypothesis import assume, given
from hypothesis import strategies as st
from pricing_cases import comparable, load_cases, write
from pricing_strategies import PLAIN, Document, Scenario, profile, scenarios
from reference import documents
from reference.policies import resolve
from reference.restrictions import seconds
from reference.walk import walk

import tariff_core


def engine(scenario: Scenario) -> dict[str, Any]:
    """Price with `tariff_core`."""
    documents_, named = scenario.arguments()
    return json.loads(tariff_core.price(*documents_, **named))


def oracle(scenario: Scenario) -> dict[str, Any]:
    """Price with the reference."""
    documents_, named = scenario.arguments()
    return reference.price(*documents_, **named)


@profile(250)
@given(scenarios())
def test_engine_agrees_with_the_reference(scenario: Scenario) -> None:
    assert comparable(engine(scenario)) == comparable(oracle(scenario))


@profile(60)
@given(scenarios(), st.data())
def test_cutting_a_period_where_no_price_changes_keeps_every_total(
    scenario: Scenario, data: st.DataObject
) -> None:
    """Only step_size and rounding of lines look at how a session is divided."""
    for tariff in scenario.tariffs:
        for element in tariff["elements"]:
            for component in element["price_components"]:
                component["step_size"] = 0
    policy = {**scenario.policy, "rounding": "total", "time_source": "volume"}
    policy |= {"flat": "once_per_kind", "negative_energy": "same_rate", "energy_base": "net"}
    scenario = replace(scenario, policy=policy, spelling=PLAIN)
    whole = engine(scenario)
    assume(whole["status"] == "priced")
    periods = scenario.cdr["charging_periods"]
    index = data.draw(st.integers(0, len(periods) - 1))
    cut = _cut(scenario, index, data.draw(st.fractions(Fraction(1, 9), Fraction(8, 9))))
    assume(cut is not None)
    parts = engine(scenario.with_periods([*periods[:index], *cut, *periods[index + 1 :]]))
    assert comparable(parts) == comparable(whole)


def _cut(scenario: Scenario, index: int, part: Fraction) -> list[Document] | None:
    """Cut a period in two, unless a boundary lies inside it or its volumes would have to round."""
    (cdr, tariffs), _ = scenario.arguments()
    session = documents.session(documents.loads(cdr))
    listed = tuple(map(documents.tariff, documents.loads(tariffs)))
    zone = ZoneInfo(scenario.time_zone or "UTC")
    visit = walk(session, listed, zone, resolve(scenario.policy), expired=None)[index]
    starts = [period.start for period in session.periods]
    if visit.track.cuts(listed) or starts != sorted(starts):
        return None
    period = scenario.cdr["charging_periods"][index]
    length = seconds(visit.track.end - visit.track.start)
    first = int(length * part)
    if first == 0:
        return None
    part = Fraction(first) / length
    at = visit.track.state(part).at
    halves: tuple[list[Document], list[Document]] = ([], [])
    for entry in period["dimensions"]:
        volume = entry["volume"]
        head = Fraction(int(volume * part * 10_000), 10_000)
        extreme = entry["type"].startswith(("MIN_", "MAX_"))
        halves[0].append({**entry, "volume": volume if extreme else head})
        halves[1].append({**entry, "volume": volume if extreme else volume - head})
    return [
        {**period, "dimensions": halves[0]},
        {**period, "start_date_time": at.isoformat(), "dimensions": halves[1]},
    ]


@profile(60)
@given(scenarios(), st.integers(1, 6))
def test_money_scales_with_the_prices(scenario: Scenario, power: int) -> None:
    """The same session in a currency 10^n times smaller costs 10^n times as much, exactly."""
    assume(scenario.policy.get("rounding_decimals", "4") == "4")
    plain = {k: v for k, v in scenario.policy.items() if not k.startswith("rounding")}
    small = replace(scenario, policy=plain)
    large = _scaled(small, 10**power)
    assert comparable(engine(large)) == comparable(oracle(large))
    before, after = engine(small), engine(large)
    if before["status"] == "priced" and before["total_cost"]["excl_vat"] is not None:
        difference = Fraction(after["total_cost"]["excl_vat"]) - 10**power * Fraction(
            before["total_cost"]["excl_vat"]
        )
        assert abs(difference) <= Fraction(10**power, 20_000)


def _scaled(scenario: Scenario, factor: int) -> Scenario:
    def scale(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {k: scale(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [scale(item) for item in value]
        money = ("price", "excl_vat", "incl_vat", "before_taxes", "after_taxes")
        return value * factor if key in money else value

    tariffs = [scale(tariff) for tariff in scenario.tariffs]
    return replace(scenario, tariffs=tariffs)


def refused_or_priced(cdr: Any, tariffs: Any) -> None:
    """Call `price` with anything at all: it answers with a report."""
    report = json.loads(tariff_core.price(cdr, tariffs, time_zone="UTC"))
    assert report["status"] in {"priced", "error"}
    if report["status"] == "error":
        assert report["error"]


@profile(200)
@given(st.binary(max_size=200), st.one_of(st.none(), st.binary(max_size=200)))
def test_bytes_are_refused_not_raised(cdr: bytes, tariffs: bytes | None) -> None:
    report = json.loads(tariff_core.price(cdr, tariffs))
    assert report["status"] == "error"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@profile(100)
@given(JSON, JSON)
def test_any_json_is_answered(cdr: Any, tariffs: Any) -> None:
    refused_or_priced(json.dumps(cdr), json.dumps(tariffs))


@profile(80)
@given(scenarios(), st.data())
def test_documents_with_a_wrong_value_are_answered(scenario: Scenario, data: st.DataObject) -> None:
    """Replace one value somewhere in either document by something that does not belong there."""
    odd = st.one_of(JSON, st.sampled_from(("1e999", "-0", "NaN", "∞", "9" * 400, "2025-13-45")))
    pair = [json.loads(text) for text in replace(scenario, spelling=PLAIN).arguments()[0]]
    places = [(doc, path) for doc in (0, 1) for path in _paths(pair[doc])]
    doc, path = data.draw(st.sampled_from(places))
    pair[doc] = _replaced(pair[doc], path, data.draw(odd))
    refused_or_priced(*map(json.dumps, pair))


@profile(100)
@given(st.sampled_from(load_cases()), st.data())
def test_damaged_text_is_answered(case: Any, data: st.DataObject) -> None:
    """Cut, double or overwrite a piece of a valid document."""
    text = case.cdr.encode()
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    middle = data.draw(
        st.one_of(st.just(b""), st.just(text[first:last] * 2), st.binary(max_size=9))
    )
    refused_or_priced(text[:first] + middle + text[last:], case.tariffs)


def _paths(document: Any) -> list[tuple[Any, ...]]:
    if isinstance(document, dict):
        inner = document.items()
    elif isinstance(document, list):
        inner = enumerate(document)
    else:
        return [()]
    return [(), *((key, *path) for key, item in inner for path in _paths(item))]


def _replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = _replaced(document[path[0]], path[1:], value)
    return copy


@pytest.mark.parametrize("depth", [200, 100_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    refused_or_priced("[" * depth + "]" * depth, None)


def test_a_huge_session_is_answered() -> None:
    cdr = {
        "start_date_time": "2025-01-01T00:00:00Z",
        "end_date_time": "9999-12-31T23:59:59Z",
        "currency": "EUR",
        "charging_periods": [
            {"start_date_time": "0001-01-01T00:00:00Z", "dimensions": []},
            {
                "start_date_time": "9999-12-31T23:59:59Z",
                "dimensions": [{"type": "ENERGY", "volume": Fraction(10**11)}],
            },
        ],
    }
    night = {"start_time": "22:00", "end_time": "06:00"}
    component = {"type": "ENERGY", "price": Fraction(10**11), "step_size": 2**31 - 1}
    element = {"price_components": [component], "restrictions": night}
    refused_or_priced(write(cdr), write([{"id": "A", "currency": "EUR", "elements": [element]}]))
