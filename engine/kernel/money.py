"""Exact amounts and quantities. No float comes near either.

Amounts are integers in ten-thousandths of a currency unit (`AmountE4`), because an OCPI number has
four decimals; energy is an integer in milliwatt-hours.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

import msgspec

AmountE4 = NewType("AmountE4", int)

_E4 = Decimal("0.0001")


class Price(msgspec.Struct, frozen=True):
    """An amount before and after VAT in one currency; either may be unknown."""

    currency: str
    excl_e4: int | None
    incl_e4: int | None


def amount_e4(value: Decimal | str) -> AmountE4:
    """Convert to ten-thousandths, rounding half away from zero: the one place where an amount is
    rounded on entry."""
    quantized = Decimal(value).quantize(_E4, rounding=ROUND_HALF_UP)
    return AmountE4(int(quantized.scaleb(4)))


def decimal_text(e4: int) -> str:
    """Write ten-thousandths as a decimal with four places, e.g. `125000` as `"12.5000"`."""
    sign = "-" if e4 < 0 else ""
    whole, part = divmod(abs(e4), 10_000)
    return f"{sign}{whole}.{part:04d}"


def kwh_text(mwh: int) -> str:
    """Write milliwatt-hours as kilowatt-hours, exactly and without needless zeros beyond four
    places."""
    sign = "-" if mwh < 0 else ""
    whole, part = divmod(abs(mwh), 1_000_000)
    digits = f"{part:06d}"
    while len(digits) > 4 and digits.endswith("0"):
        digits = digits[:-1]
    return f"{sign}{whole}.{digits}"
