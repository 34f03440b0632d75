"""The most that a charge can plausibly cost, by currency.

A total that its tariff gives can still be absurd: a price in cents read as one in euros, a parking
fee that ran for a month. Beyond these bounds a person looks. They are wide, so what a currency is
worth is said only roughly and does not age; a currency that is not listed is bounded by
`HIGHEST_UNLISTED_E4` alone.
"""

from __future__ import annotations

COST = 500
"""Euros, for a charge of little energy: days of parking and reservation."""

PER_KWH = 2
"""Euros before VAT, all fees included."""

ENERGY_COST = 10
"""Euros that energy may cost whatever the price: a step size may bill more than was taken."""

HIGHEST_UNLISTED_E4 = 10**10

_WORTH_A_EURO = {
    1: "EUR USD GBP CHF CAD AUD NZD SGD BGN BAM AZN GEL JOD KWD BHD OMR",
    5: "PLN RON BRL MYR PEN SAR AED QAR ILS TND",
    10: "SEK NOK DKK CNY HKD MAD BOB MDL",
    30: "CZK MXN ZAR TRY UAH TWD THB PHP UYU MKD EGP",
    150: "INR JPY ISK RSD ALL KES DOP RUB KGS LKR PKR BDT",
    500: "HUF AMD KZT CRC",
    1_500: "KRW CLP ARS NGN COP",
    20_000: "IDR VND UZS PYG",
}
_UNITS = {name: units for units, names in _WORTH_A_EURO.items() for name in names.split()}


def highest_cost_e4(currency: str, energy_mwh: int) -> int:
    """Return the most that a charge of this energy costs before VAT."""
    units = _UNITS.get(currency)
    if units is None:
        return HIGHEST_UNLISTED_E4
    return max(COST * units * 10_000, _per_kwh_e4(units, energy_mwh))


def highest_energy_cost_e4(currency: str, energy_mwh: int) -> int:
    """Return the most that this energy alone costs before VAT."""
    units = _UNITS.get(currency)
    if units is None:
        return HIGHEST_UNLISTED_E4
    return ENERGY_COST * units * 10_000 + _per_kwh_e4(units, energy_mwh)


def _per_kwh_e4(units: int, energy_mwh: int) -> int:
    return PER_KWH * units * 10_000 * max(energy_mwh, 0) // 1_000_000
