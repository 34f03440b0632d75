"""States, content and what may not be stored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cdrs.model import (
    MAX_AMOUNT_E4,
    TRANSITIONS,
    CdrLocation,
    CdrState,
    Totals,
    canonical,
    check_new,
    moved,
)
from engine.kernel.errors import InvalidArgument, StateConflict
from engine.tariffs.model import Dimension, Period
from tests.engine.cdrs.builders import STARTED, TARIFF, credit_of, make_cdr, price

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("state", list(CdrState))
@pytest.mark.parametrize("to", list(CdrState))
def test_states_change_only_as_the_table_says(state: CdrState, to: CdrState) -> None:
    cdr = make_cdr(state=state)
    if to in TRANSITIONS[state]:
        assert (moved(cdr, to).state, moved(cdr, to).version) == (to, 2)
    else:
        with pytest.raises(StateConflict):
            moved(cdr, to)


@given(json_values)
def test_canonical_form_is_the_same_for_other_spellings(value: Any) -> None:
    spaced = msgspec.json.format(msgspec.json.encode(value), indent=2)
    assert canonical(msgspec.json.decode(spaced)) == canonical(value)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15
    )
)
def test_canonical_numbers_do_not_depend_on_zeros(value: Decimal) -> None:
    assert canonical(value) == canonical(value.quantize(Decimal("0.0000001")))
    assert canonical(value) != canonical(value + Decimal("0.0001"))


def test_same_document_in_another_spelling_has_the_same_content() -> None:
    one = make_cdr(document='{"id":"C","total_energy":20.5,"last_updated":"1","credit":null}')
    other = make_cdr(document='{ "total_energy": 20.500, "last_updated": "2", "id": "C" }')
    third = make_cdr(document='{"id":"C","total_energy":20.51,"last_updated":"1"}')
    assert check_new(one).content == check_new(other).content
    assert check_new(one).content != check_new(third).content


def test_without_a_document_all_that_is_said_counts() -> None:
    cdr = make_cdr()
    same = make_cdr(
        last_updated_us=STARTED,
        charging_periods=(
            Period(STARTED, [Dimension("ENERGY", "20.500"), Dimension("TIME", "0.8333")], "T1"),
        ),
        tariffs=(TARIFF.replace("21.0", "21"),),
    )
    assert same.content == cdr.content
    for changes in (
        {"totals": Totals(price(1))},
        {"energy_mwh": 1},
        {"location": CdrLocation(id="other")},
        {"tariffs": ()},
        {"session_id": "other"},
    ):
        assert make_cdr(**changes).content != cdr.content


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": "x" * 37},
        {"currency": "eur"},
        {"credit": True, "credit_reference_id": ""},
        {"credit": False, "credit_reference_id": "C"},
        {"totals": Totals(price(None, 5))},
        {"totals": Totals(price(MAX_AMOUNT_E4 + 1))},
        {"totals": Totals(price(1), energy=price(1, -(10**18)))},
        {"energy_mwh": 2**62},
        {"time_s": 2**63},
        {"parking_s": 2**63},
        {"charging_periods": (Period(STARTED, [Dimension("ENERGY", "NaN")]),)},
        {"charging_periods": (Period(STARTED, [Dimension("ENERGY", "1e999")]),)},
    ],
)
def test_what_cannot_be_kept_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        check_new(make_cdr(content=b"-", **changes))


def test_document_nested_without_end_is_refused() -> None:
    deep = '{"a":' * 5_000 + "1" + "}" * 5_000
    with pytest.raises(InvalidArgument):
        check_new(make_cdr(content=b"-", document=deep))


def test_credit_cdr_may_have_a_longer_id() -> None:
    original = make_cdr(id="x" * 36)
    assert check_new(credit_of(original, id="x" * 36 + "-CR")).credit
