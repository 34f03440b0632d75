"""Values and units, exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.ocpp.v16.readings import to_milli


@pytest.mark.parametrize(
    ("text", "unit", "milli"),
    [
        ("1", "Wh", 1_000),
        ("1", "", 1_000),
        ("1", "kWh", 1_000_000),
        ("0.001", "Wh", 1),
        ("0.0005", "Wh", 0),
        ("0.0015", "Wh", 2),
        ("-1.5", "kvar", -1_500_000),
        ("+3", "A", 3_000),
        ("1e3", "W", 1_000_000),
        ("273.15", "K", 0),
        ("212", "Fahrenheit", 100_000),
        ("9223372036854775.807", "Wh", 2**63 - 1),
        ("9223372036854775.808", "Wh", None),
        ("1e999999999", "kWh", None),
        ("nan", "Wh", None),
        ("1,5", "Wh", None),
        ("0x10", "Wh", None),
    ],
)
def test_value(text: str, unit: str, milli: int | None) -> None:
    assert to_milli(text, unit) == milli


@given(st.integers(min_value=-(10**15), max_value=10**15), st.sampled_from(["kWh", "Wh"]))
def test_a_whole_number_of_thousandths_is_exact(milli: int, unit: str) -> None:
    text = format(Decimal(milli) / (10**6 if unit == "kWh" else 10**3), "f")
    assert to_milli(text, unit) == milli


@given(st.text())
def test_any_text_is_a_value_or_none(text: str) -> None:
    assert isinstance(to_milli(text, "kWh"), int | None)
