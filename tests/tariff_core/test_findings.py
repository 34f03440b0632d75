"""What is odd in a CDR is said, with the place where it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

import tariff_core

COMPONENT = {"type": "ENERGY", "price": 0.25, "step_size": 1, "vat": 20}
TARIFF = {
    "country_code": "NL",
    "party_id": "TST",
    "id": "T1",
    "currency": "EUR",
    "elements": [{"price_components": [COMPONENT]}],
    "last_updated": "2025-01-01T00:00:00Z",
}
PERIOD = {
    "start_date_time": "2025-06-06T10:00:00Z",
    "dimensions": [{"type": "ENERGY", "volume": 10}],
    "tariff_id": "T1",
}
CDR = {
    "country_code": "NL",
    "party_id": "TST",
    "id": "C1",
    "start_date_time": "2025-06-06T10:00:00Z",
    "end_date_time": "2025-06-06T11:00:00Z",
    "currency": "EUR",
    "cdr_location": {"id": "L1", "country": "NLD"},
    "charging_periods": [PERIOD],
    "tariffs": [TARIFF],
    "last_updated": "2025-06-06T11:00:00Z",
}


def found(cdr: dict[str, Any], **options: Any) -> set[tuple[str, str]]:
    """Return the findings on a CDR as (code, path)."""
    report = json.loads(tariff_core.price(json.dumps(cdr), **options))
    assert report["status"] == "priced"
    return {(finding["code"], finding["path"]) for finding in report["findings"]}


def without(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != name}


def of_tariff(**changes: Any) -> dict[str, Any]:
    return {"tariffs": [TARIFF | changes]}


def of_period(**changes: Any) -> dict[str, Any]:
    return {"charging_periods": [PERIOD | changes]}


def of_component(**changes: Any) -> dict[str, Any]:
    return of_tariff(elements=[{"price_components": [COMPONENT | changes]}])


def test_sound_cdr_has_no_finding() -> None:
    assert found(CDR) == set()


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (of_period(dimensions=[]), "missing_field", "$.charging_periods[0].dimensions"),
        (of_tariff(elements=[]), "missing_field", "$.tariffs[0].elements"),
        (
            of_period(dimensions=[{"type": "energy", "volume": 10}]),
            "wrong_case",
            "$.charging_periods[0].dimensions[0].type",
        ),
        (of_tariff(tax_included="no"), "wrong_case", "$.tariffs[0].tax_included"),
        (
            of_tariff(
                elements=[
                    {"price_components": [COMPONENT], "restrictions": {"start_time": "24:00"}},
                    *TARIFF["elements"],
                ]
            ),
            "invalid_value",
            "$.tariffs[0].elements[0].restrictions.start_time",
        ),
        (
            {"tariffs": [TARIFF, *of_component(price=0.5)["tariffs"]]},
            "overlapping_tariffs",
            "$.charging_periods[0].tariff_id",
        ),
        (
            of_tariff(min_price={"excl_vat": 5, "incl_vat": 6}),
            "min_price_applied",
            "$.tariffs[0].min_price",
        ),
        (
            of_tariff(max_price={"excl_vat": 2, "incl_vat": 1}),
            "after_tax_below_before_tax",
            "$.tariffs[0].max_price",
        ),
    ],
)
def test_oddity_is_found_at_its_place(change: dict[str, Any], code: str, path: str) -> None:
    assert (code, path) in found(CDR | change, time_zone="Europe/Amsterdam")


def test_cdr_without_an_end_is_incomplete() -> None:
    assert ("missing_field", "$.end_date_time") in found(without(CDR, "end_date_time"))


def test_same_tariff_sent_twice_overlaps_with_nothing() -> None:
    assert found(CDR | {"tariffs": [TARIFF, TARIFF]}) == set()


@pytest.mark.parametrize(
    ("location", "path"), [("cdr_location", "$.cdr_location"), ("location", "$.location")]
)
def test_zone_that_is_none_is_named_where_it_stands(location: str, path: str) -> None:
    place = {"id": "L1", "country": "NLD", "time_zone": "Europe/Nowhere"}
    cdr = without(CDR, "cdr_location") | {location: place}
    assert ("unknown_time_zone", f"{path}.time_zone") in found(cdr)


@pytest.mark.parametrize(("included", "side"), [("YES", "excl_vat"), ("NO", "incl_vat")])
def test_side_that_cannot_be_known_is_explained(included: str, side: str) -> None:
    components = [without(COMPONENT, "vat")]
    cdr = CDR | of_tariff(elements=[{"price_components": components}], tax_included=included)
    report = json.loads(tariff_core.price(json.dumps(cdr)))
    assert report["total_cost"][side] is None
    place = "$.tariffs[0].elements[0].price_components[0].vat"
    assert ("tax_unknown", place) in found(cdr)


def reserved(fixed: float, reservation: float) -> dict[str, Any]:
    """Return a CDR of a reservation with a fee of 2.00 and a charge with one of 0.50, that declares
    these two costs."""
    fees = [
        {"type": "FLAT", "price": 2, "step_size": 1},
        {"type": "TIME", "price": 6, "step_size": 60},
    ]
    elements = [
        {"price_components": fees, "restrictions": {"reservation": "RESERVATION"}},
        {"price_components": [{"type": "FLAT", "price": 0.5, "step_size": 1}, COMPONENT]},
    ]
    first = PERIOD | {"dimensions": [{"type": "RESERVATION_TIME", "volume": 0.5}]}
    second = PERIOD | {"start_date_time": "2025-06-06T10:30:00Z"}
    return (
        CDR
        | of_tariff(elements=elements)
        | {
            "charging_periods": [first, second],
            "total_fixed_cost": {"excl_vat": fixed},
            "total_reservation_cost": {"excl_vat": reservation},
        }
    )


def test_fee_of_a_reservation_belongs_to_its_cost() -> None:
    """OCPI 2.2.1 section 10.3.1: the fixed cost is without those of parking and reservation."""
    report = json.loads(tariff_core.price(json.dumps(reserved(0.5, 5)), time_zone="UTC"))
    assert report["total_reservation_cost"]["excl_vat"] == "5.0000"
    assert report["total_charge_fixed_cost"]["excl_vat"] == "0.5000"
    assert report["total_fixed_cost"]["excl_vat"] == "2.5000"
    differs = "dimension_cost_differs"
    assert differs not in {code for code, _ in found(reserved(0.5, 5), time_zone="UTC")}
    assert {
        (differs, "$.total_fixed_cost"),
        (differs, "$.total_reservation_cost"),
    } <= found(reserved(2.5, 3), time_zone="UTC")
