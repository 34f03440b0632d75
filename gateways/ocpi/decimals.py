"""Exact numbers between OCPI's decimals and the contract's integers.

OCPI writes kWh, hours and amounts as decimals; the contract holds milliwatt-hours, seconds and
ten-thousandths of a currency unit. A partner may write more digits than those hold. The rule is
then `ROUNDING`, applied once, here; the partner's own text is kept in the document beside it.
"""

from decimal import ROUND_HALF_UP, Context, Decimal

ROUNDING = ROUND_HALF_UP

MWH_DIGITS = 6
AMOUNT_DIGITS = 4
HOUR_DIGITS = 4
SECONDS_AN_HOUR = 3600

_MAX_DIGITS = 60
_MAX_EXPONENT = 18
_MIN_EXPONENT = -40
_INT64 = 2**63
_EXACT = Context(prec=4 * _MAX_DIGITS, rounding=ROUNDING)


class NumberOutOfRange(ValueError):
    """A number that no meter or price list can mean."""


def kwh_to_mwh(kwh: Decimal) -> int:
    """Convert kWh to milliwatt-hours."""
    return _to_units(kwh, digits=MWH_DIGITS)


def mwh_to_kwh(mwh: int) -> Decimal:
    """Convert milliwatt-hours to kWh, exactly, with at least the four decimals that OCPI writes."""
    return _from_units(mwh, digits=MWH_DIGITS, shown=AMOUNT_DIGITS)


def amount_to_e4(amount: Decimal) -> int:
    """Convert an amount of money to ten-thousandths of its unit."""
    return _to_units(amount, digits=AMOUNT_DIGITS)


def e4_to_amount(amount_e4: int) -> Decimal:
    """Convert ten-thousandths of a unit to an amount, exactly, with at least two decimals."""
    return _from_units(amount_e4, digits=AMOUNT_DIGITS, shown=2)


def hours_to_seconds(hours: Decimal) -> int:
    """Convert hours to whole seconds: 0.6667 h is 40 minutes, 2400 s and not 2400.12 s."""
    seconds = _EXACT.multiply(_checked(hours), Decimal(SECONDS_AN_HOUR))
    return _to_units(seconds, digits=0)


def seconds_to_hours(seconds: int) -> Decimal:
    """Convert seconds to hours with the four decimals that OCPI has."""
    hours = _EXACT.divide(Decimal(seconds), Decimal(SECONDS_AN_HOUR))
    return hours.quantize(Decimal(1).scaleb(-HOUR_DIGITS), context=_EXACT)


def to_text(number: Decimal) -> str:
    """Write a number without exponent and with its digits as they came, e.g. "12.3450"."""
    return format(_checked(number), "f")


def _checked(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise NumberOutOfRange(f"Expected a number, found {number}.")
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    too_long = len(number.as_tuple().digits) > _MAX_DIGITS
    if too_long or exponent < _MIN_EXPONENT or number.adjusted() > _MAX_EXPONENT:
        raise NumberOutOfRange(f"Expected a number of ordinary size, found {str(number)[:40]}.")
    return number


def _to_units(number: Decimal, *, digits: int) -> int:
    units = int(_checked(number).scaleb(digits, _EXACT).to_integral_value(ROUNDING, _EXACT))
    if not -_INT64 <= units < _INT64:
        raise NumberOutOfRange(f"Expected a number of ordinary size, found {number}.")
    return units


def _from_units(units: int, *, digits: int, shown: int) -> Decimal:
    number = Decimal(units).scaleb(-digits, _EXACT)
    shortest = number.normalize(_EXACT)
    exponent = shortest.as_tuple().exponent
    assert isinstance(exponent, int)
    return number.quantize(Decimal(1).scaleb(min(exponent, -shown)), context=_EXACT)
