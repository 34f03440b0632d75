"""Rounding of money: where, how and to how many decimals are policies; exact by default."""

from __future__ import annotations

from fractions import Fraction

from .policies import Policy

# ISO 4217 currencies whose minor unit is not a hundredth.
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"


def rounded(value: Fraction, currency: str, policy: Policy) -> Fraction:
    """Round one amount as the policy says."""
    places = policy["rounding_decimals"]
    scale = 10 ** (minor_units(currency) if places == "currency" else int(places))
    return nearest(value * scale, policy["rounding_mode"]) / Fraction(scale)


def minor_units(currency: str) -> int:
    """Return the number of decimals of a currency."""
    if currency in NO_DECIMALS.split():
        return 0
    return 3 if currency in THREE_DECIMALS.split() else 2


def nearest(value: Fraction, mode: str) -> int:
    """Round to a whole number."""
    size = abs(value)
    whole, rest = size.numerator // size.denominator, size - size.numerator // size.denominator
    half = Fraction(1, 2)
    up = {
        "half_up": rest >= half,
        "half_even": rest > half or (rest == half and whole % 2 == 1),
        "down": False,
        "up": rest > 0,
    }[mode]
    return (whole + up) * (-1 if value < 0 else 1)
