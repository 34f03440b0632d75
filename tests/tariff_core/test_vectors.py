"""Every pricing vector, through the reference and through `tariff_core`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import reference
from pricing_cases import VECTORS, Case, differences, joined, load_cases, write
from pricing_worked import BERLIN, WORKED, cdr_of, stretches_of, tariff_files
from reference import documents

import tariff_core

Price = Callable[..., dict[str, Any]]


def price_with_engine(*documents_: str, **named: Any) -> dict[str, Any]:
    """Price with `tariff_core`."""
    return json.loads(tariff_core.price(*documents_, **named))


ENGINES: dict[str, Price] = {"reference": reference.price, "tariff_core": price_with_engine}

CASES = load_cases()
# Where the sources say so: this file ignores min_price, which the specification does not.
KNOWN_WRONG = {"cdr2_less_than_2kWh.json": {"excl_vat": "0.5000", "incl_vat": "0.5500"}}


@pytest.fixture(params=ENGINES)
def price(request: pytest.FixtureRequest) -> Price:
    return ENGINES[request.param]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_vector_is_priced_as_expected(case: Case, price: Price) -> None:
    report = price(case.cdr, case.tariffs, **case.arguments)
    assert differences(case.expected, report) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_report_names_every_policy_of_the_vector(case: Case, price: Price) -> None:
    report = price(case.cdr, case.tariffs, **case.arguments)
    assert case.expected["policy"].items() <= report["policy"].items()


@pytest.mark.parametrize(
    "path",
    sorted((VECTORS / "tandemdrive-ocpi-tariffs").glob("*/cdr*.json")),
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_other_engines_cdr_holds_the_expected_totals(path: Any, price: Price) -> None:
    report = price(path.read_text(), joined([path.parent / "tariff.json"]), time_zone="UTC")
    assert report["status"] == "priced"
    stated = documents.loads(path.read_text())["total_cost"]
    wanted = {side: f"{float(stated[side]):.4f}" for side in ("excl_vat", "incl_vat")}
    assert report["total_cost"] == KNOWN_WRONG.get(path.name, wanted)


@pytest.mark.parametrize(("zone", "total"), [("Europe/Amsterdam", "0.5502"), ("UTC", "0.4502")])
def test_offsets_in_timestamps_do_not_replace_the_zone(zone: str, total: str, price: Price) -> None:
    folder = VECTORS / "hamza-ocpi-tariffs-py" / "step_size"
    cdr = (folder / "cdr1.json").read_text()
    report = price(cdr, joined([folder / "tariff.json"]), time_zone=zone)
    assert report["total_cost"] == {"excl_vat": total, "incl_vat": total}


def test_tariff_without_currency_is_refused(price: Price) -> None:
    case = CASES[0]
    tariffs = (VECTORS / "ndw-ocpi-receiver" / "tariffs.json").read_text()
    assert price(case.cdr, tariffs, **case.arguments)["status"] == "error"


@pytest.mark.parametrize("version", ["2.2.1", "2.3.0"])
@pytest.mark.parametrize("worked", WORKED, ids=lambda worked: worked["id"])
def test_worked_price_of_the_specification(
    worked: dict[str, Any], version: str, price: Price
) -> None:
    if version not in worked["versions"]:
        pytest.skip(f"The specification has no such case in {version}")
    tariffs = joined(tariff_files(worked, version))
    stretches = stretches_of(worked)
    (tariff,) = map(documents.tariff, documents.loads(tariffs))
    cdr = cdr_of(reference.session_of(stretches, tariff, BERLIN))
    expired = worked.get("reservation", {}).get("expired", False)
    report = price(
        write(cdr),
        tariffs,
        time_zone="Europe/Berlin",
        reservation="expired" if expired else "used",
    )
    for side, name in (("excl", "excl_vat"), ("incl", "incl_vat")):
        if side in worked["recomputed"]:
            wanted = f"{float(worked['recomputed'][side]):.4f}"
            assert report["total_cost"][name] == wanted, report
