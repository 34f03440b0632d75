"""Charging periods cut from meter readings: at every boundary, and priced the same twice."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from pricing_cases import comparable, joined, write
from pricing_strategies import ZONES, Document, courses, profile, tariffs
from pricing_worked import WORKED, cdr_of, stretches_of, tariff_files, timestamp
from reference import Stretch, documents

import tariff_core


def profile_document(stretches: list[Stretch]) -> Document:
    """Write stretches as the meter readings and states of a charging station."""
    readings, energy = [], Fraction(0)
    for stretch in stretches:
        readings.append({"at": timestamp(stretch.start), "energy_wh": energy})
        energy += stretch.kwh * 1000
    readings.append({"at": timestamp(stretches[-1].end), "energy_wh": energy})
    found: Document = {
        "start": timestamp(stretches[0].start),
        "end": timestamp(stretches[-1].end),
        "readings": readings,
        "states": [{"at": timestamp(s.start), "state": s.state} for s in stretches],
    }
    for name, unit in (("power", "kw"), ("current", "a")):
        levels = [
            {"at": timestamp(s.start), unit: s.readings[f"MAX_{name.upper()}"]}
            for s in stretches
            if f"MAX_{name.upper()}" in s.readings
        ]
        found |= {name: levels} if levels else {}
    return found


@pytest.mark.parametrize("version", ["2.2.1", "2.3.0"])
@pytest.mark.parametrize("worked", WORKED, ids=lambda worked: worked["id"])
def test_worked_price_from_meter_readings(worked: dict[str, Any], version: str) -> None:
    if version not in worked["versions"]:
        pytest.skip(f"The specification has no such case in {version}")
    listed = joined(tariff_files(worked, version))
    text = write(profile_document(stretches_of(worked)))
    for generate in (tariff_core.cut, tariff_core.estimate):
        result = json.loads(generate(text, listed, time_zone="Europe/Berlin"))
        for side, name in (("excl", "excl_vat"), ("incl", "incl_vat")):
            if side in worked["recomputed"]:
                wanted = f"{float(worked['recomputed'][side]):.4f}"
                assert result["report"]["total_cost"][name] == wanted, result


@profile(120)
@given(courses(), tariffs("2.2.1", "A", "EUR"), st.sampled_from(ZONES))
def test_cut_periods_are_whole_and_priced_the_same_twice(
    course: list[Stretch], tariff: Document, zone: str
) -> None:
    tariff = {key: value for key, value in tariff.items() if not key.endswith("date_time")}
    listed = write([tariff])
    result = documents.loads(
        tariff_core.cut(write(profile_document(course)), listed, time_zone=zone)
    )
    report = result["report"]
    assert not [name for name in report["warnings"] if name.startswith("period_spans")]

    (read,) = map(documents.tariff, documents.loads(listed))
    exact = reference.session_of(course, read, ZoneInfo(zone))
    cdr = cdr_of(exact) | {"charging_periods": result["charging_periods"]}
    periods = documents.session(documents.loads(write(cdr))).periods
    for kind in ("ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME"):
        used = sum(p.volumes.get(kind, Fraction(0)) for p in exact.periods)
        written = sum(p.volumes.get(kind, Fraction(0)) for p in periods)
        assert abs(used - written) < Fraction(1, 10**9)

    again = json.loads(tariff_core.price(write(cdr), listed, time_zone=zone))
    assert comparable(again) == comparable(report)
    assert comparable(reference.price(write(cdr), listed, time_zone=zone)) == comparable(report)


@profile(60)
@given(courses(), tariffs("2.3.0", "A", "EUR"), st.sampled_from(ZONES))
def test_cut_periods_cost_what_exact_periods_cost(
    course: list[Stretch], tariff: Document, zone: str
) -> None:
    """The reference cuts without rounding volumes; 12 decimals of them move no total by a unit."""
    tariff = {key: value for key, value in tariff.items() if not key.endswith("date_time")}
    listed = write([tariff])
    result = json.loads(tariff_core.cut(write(profile_document(course)), listed, time_zone=zone))
    (read,) = map(documents.tariff, documents.loads(listed))
    cdr = cdr_of(reference.session_of(course, read, ZoneInfo(zone)))
    exact = reference.price(write(cdr), listed, time_zone=zone)
    for side in ("excl_vat", "incl_vat"):
        mine, theirs = exact["total_cost"][side], result["report"]["total_cost"][side]
        assert (mine is None) == (theirs is None)
        assert mine is None or abs(Fraction(mine) - Fraction(theirs)) <= Fraction(1, 10_000)
