"""Fitting: the policies that explain a partner's declared total."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pricing_cases import Case, load_cases
from reference.policies import CHOICES

import tariff_core

# Not searched: how money is written and whether a tax is known.
NOT_SEARCHED = {"rounding_decimals", "rounding_mode", "missing_vat"}


def other_policy(case: Case) -> dict[str, str]:
    """Return the policies of a vector that are not the default."""
    return {k: v for k, v in case.expected["policy"].items() if CHOICES[k][0] != v}


FITTED = [
    case
    for case in load_cases()
    if case.expected["status"] == "priced"
    and case.expected["total_cost"]["excl_vat"] is not None
    and len(other_policy(case)) == 1
    and not other_policy(case).keys() & NOT_SEARCHED
]


def declared(case: Case) -> dict[str, Any]:
    """Return the CDR with the total of its expectation."""
    total = case.expected["total_cost"]
    sides = {side: float(total[side]) for side in ("excl_vat", "incl_vat") if total[side]}
    return json.loads(case.cdr) | {"total_cost": sides}


@pytest.mark.parametrize("case", FITTED, ids=lambda case: case.name)
def test_policy_of_a_vector_is_found_from_its_total(case: Case) -> None:
    named = case.arguments | {"policy": {}}
    wanted = {side: case.expected["total_cost"][side] for side in ("excl_vat", "incl_vat")}
    result = json.loads(tariff_core.fit(json.dumps(declared(case)), case.tariffs, **named))
    (cdr,) = result["cdrs"]
    default = json.loads(tariff_core.price(case.cdr, case.tariffs, **named))
    assert ({} if default["total_cost"] == wanted else other_policy(case)) in cdr["fitting"]
    for fitting in cdr["fitting"]:
        again = tariff_core.price(case.cdr, case.tariffs, **named | {"policy": fitting})
        assert json.loads(again)["total_cost"] == wanted


def test_total_nobody_can_explain_fits_nothing() -> None:
    case = FITTED[0]
    cdr = declared(case) | {"total_cost": {"excl_vat": 987654.0, "incl_vat": 987654.0}}
    result = json.loads(tariff_core.fit(json.dumps(cdr), case.tariffs, time_zone="UTC"))
    assert result["cdrs"][0]["fitting"] == []
    assert result["parties"][0]["fitted"] == 0
