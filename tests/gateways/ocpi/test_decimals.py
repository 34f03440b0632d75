"""Numbers keep their digits, and what does not fit is rounded half up, once."""

from decimal import Decimal

import pytest

from gateways.ocpi import decimals
from gateways.ocpi.decimals import NumberOutOfRange


@pytest.mark.parametrize(
    ("kwh", "mwh"),
    [
        ("0", 0),
        ("41.12", 41_120_000),
        ("15.342", 15_342_000),
        ("0.000001", 1),
        ("0.0000005", 1),
        ("0.00000049999999999999999999999999999999", 0),
        ("-3.5", -3_500_000),
        ("1E+2", 100_000_000),
    ],
)
def test_energy_becomes_milliwatt_hours(kwh: str, mwh: int) -> None:
    assert decimals.kwh_to_mwh(Decimal(kwh)) == mwh


@pytest.mark.parametrize(
    ("mwh", "text"),
    [
        (0, "0.0000"),
        (15_342_000, "15.3420"),
        (1, "0.000001"),
        (123_450, "0.12345"),
        (-1, "-0.000001"),
    ],
)
def test_energy_is_written_exactly_with_four_decimals_or_more(mwh: int, text: str) -> None:
    assert str(decimals.mwh_to_kwh(mwh)) == text


@pytest.mark.parametrize("mwh", [0, 1, 999_999, 7_654_321_012, -5])
def test_energy_comes_back_as_it_went(mwh: int) -> None:
    assert decimals.kwh_to_mwh(decimals.mwh_to_kwh(mwh)) == mwh


@pytest.mark.parametrize(
    ("amount", "e4"),
    [("4.00", 40_000), ("0.12345", 1_235), ("0.123449", 1_234), ("-0.12345", -1_235)],
)
def test_amounts_round_half_up_at_four_decimals(amount: str, e4: int) -> None:
    assert decimals.amount_to_e4(Decimal(amount)) == e4


@pytest.mark.parametrize(
    ("e4", "text"), [(40_000, "4.00"), (1_235, "0.1235"), (-125_000, "-12.50"), (1, "0.0001")]
)
def test_amounts_are_written_exactly(e4: int, text: str) -> None:
    assert str(decimals.e4_to_amount(e4)) == text


@pytest.mark.parametrize(
    ("hours", "seconds"), [("1.973", 7103), ("0.6667", 2400), ("0.3333", 1200), ("0", 0)]
)
def test_hours_with_four_decimals_are_whole_seconds(hours: str, seconds: int) -> None:
    assert decimals.hours_to_seconds(Decimal(hours)) == seconds


@pytest.mark.parametrize(("seconds", "hours"), [(2400, "0.6667"), (7200, "2.0000"), (1, "0.0003")])
def test_seconds_are_written_as_hours(seconds: int, hours: str) -> None:
    assert str(decimals.seconds_to_hours(seconds)) == hours


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1E+400", "1E-400", "9" * 80, "1E+18"])
def test_numbers_that_nobody_means_are_refused(text: str) -> None:
    with pytest.raises(NumberOutOfRange):
        decimals.kwh_to_mwh(Decimal(text))


def test_a_volume_keeps_its_digits() -> None:
    assert decimals.to_text(Decimal("12.3450")) == "12.3450"
    assert decimals.to_text(Decimal("1E+2")) == "100"
