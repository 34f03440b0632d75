"""The report: the shape `interwatt price --json` prints."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from . import documents, policies, pricing
from .documents import RefusedError, Session, Tariff
from .rounding import rounded

COSTS = {
    "total_energy_cost": "ENERGY",
    "total_time_cost": "TIME",
    "total_parking_cost": "PARKING_TIME",
    "total_reservation_time_cost": "RESERVATION_TIME",
    "total_fixed_cost": "FLAT",
}
BILLED = {
    "billed_energy_wh": "ENERGY",
    "billed_time_s": "TIME",
    "billed_parking_s": "PARKING_TIME",
    "billed_reservation_s": "RESERVATION_TIME",
}
EXPIRED = {"auto": None, "used": False, "expired": True}


def price(
    cdr: str | bytes,
    tariffs: str | bytes | None = None,
    *,
    time_zone: str | None = None,
    policy: policies.Policy | None = None,
    reservation: str = "auto",
) -> dict[str, Any]:
    """Price a CDR or Session document; an error is a report too."""
    chosen = policies.resolve(policy)
    try:
        session = documents.session(documents.loads(cdr))
        listed = session.tariffs if tariffs is None else _tariffs(tariffs)
        zone = time_zone or session.time_zone
        priced = pricing.price(session, listed, zone, chosen, expired=EXPIRED[reservation])
    except RefusedError as refused:
        return {"status": "error", "error": refused.code, "policy": chosen}
    return _report(session, priced, chosen)


def _tariffs(text: str | bytes) -> tuple[Tariff, ...]:
    document = documents.loads(text)
    return tuple(map(documents.tariff, document if isinstance(document, list) else [document]))


def _report(session: Session, priced: pricing.Priced, policy: policies.Policy) -> dict[str, Any]:
    def written(amount: pricing.Money | None) -> dict[str, str | None] | None:
        if amount is None:
            return None
        final = amount.mapped(lambda side: rounded(side, session.currency, policy))
        return {"excl_vat": decimals(final.before), "incl_vat": decimals(final.after)}

    return {
        "status": "priced",
        "error": None,
        "currency": session.currency,
        "total_cost": written(priced.total),
        "total_cost_before_limits": written(priced.before_limits),
        **{name: written(priced.costs.get(kind)) for name, kind in COSTS.items()},
        **{name: exact(priced.billed[kind]) for name, kind in BILLED.items()},
        "warnings": sorted(priced.warnings),
        "policy": policy,
    }


def decimals(value: Fraction | None) -> str | None:
    """Write an amount, already rounded to 4 decimals or fewer, with 4."""
    if value is None:
        return None
    digits = str(int(abs(value) * 10_000)).rjust(5, "0")
    return f"{'-' if value < 0 else ''}{digits[:-4]}.{digits[-4:]}"


def exact(value: Fraction) -> str:
    """Write a quantity without rounding: a decimal where it has one, else a fraction."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return str(value)
    digits = 0
    while value.denominator != 1 and (value * 10**digits).denominator != 1:
        digits += 1
    whole = value * 10**digits
    text = str(abs(whole.numerator)).rjust(digits + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"
