"""Asking the pricing library, and what it answers where it cannot read what it was given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from engine.cdrs.model import MAX_AMOUNT_E4, Cdr
from engine.kernel.clock import to_rfc3339
from engine.kernel.money import Price, decimal_text, kwh_text
from engine.kernel.party import split_party
from engine.tariffs.model import Billed, Period, Priced, Profile


class Pricer(Protocol):
    """What prices a charge; see `engine.tariffs.pricing`."""

    def price(self, document: bytes, tariffs: bytes | None, *, time_zone: str) -> Priced:
        """Price a CDR."""
        ...

    def bill(self, profile: Profile, tariffs: Sequence[bytes]) -> Billed:
        """Cut a charge into periods and price it."""
        ...


def reprice(pricer: Pricer, cdr: Cdr, tariffs: Sequence[str], time_zone: str) -> Priced:
    """Price a CDR by `tariffs`."""
    document, tariff_list = pricing_document(cdr), f"[{','.join(tariffs)}]".encode()
    try:
        return _bounded(pricer.price(document, tariff_list, time_zone=time_zone))
    except (ValueError, ArithmeticError) as error:
        return _unpriced(cdr.currency, error)


def bill(pricer: Pricer, profile: Profile, tariffs: Sequence[bytes], currency: str) -> Billed:
    """Cut a charge into periods and price it by `tariffs`."""
    try:
        billed = pricer.bill(profile, tariffs)
        return Billed(billed.periods, _bounded(billed.priced))
    except (ValueError, ArithmeticError) as error:
        return Billed([], _unpriced(currency, error))


def _bounded(priced: Priced) -> Priced:
    """Return a price that can be kept.

    Raises:
        ValueError: an amount of it cannot.
    """
    prices = (
        priced.total,
        priced.fixed,
        priced.energy,
        priced.time,
        priced.parking,
        priced.reservation,
    )
    amounts = [e4 for price in prices if price for e4 in (price.excl_e4, price.incl_e4) if e4]
    if any(abs(e4) > MAX_AMOUNT_E4 for e4 in amounts):
        raise ValueError(f"An amount lies above {MAX_AMOUNT_E4 // 10_000} units.")
    return priced


def _unpriced(currency: str, error: Exception) -> Priced:
    return Priced(
        error="unreadable",
        message=str(error),
        currency=currency,
        total=None,
        energy=None,
        time=None,
        parking=None,
        reservation=None,
        fixed=None,
        warnings=[],
        report_json="",
    )


def pricing_document(cdr: Cdr) -> bytes:
    """Return what a CDR says as OCPI says it: as it was sent, or what pricing needs of it."""
    if cdr.document:
        return cdr.document.encode()
    country_code, party_id = split_party(cdr.owner)
    return msgspec.json.encode(
        {
            "country_code": country_code,
            "party_id": party_id,
            "id": cdr.id,
            "start_date_time": to_rfc3339(cdr.started_us),
            "end_date_time": to_rfc3339(cdr.ended_us),
            "currency": cdr.currency,
            "cdr_location": {"country": cdr.location.country},
            "tariffs": [msgspec.Raw(tariff.encode()) for tariff in cdr.tariffs],
            "charging_periods": [_period(period) for period in cdr.charging_periods],
            "total_cost": _price(cdr.totals.cost),
            "total_energy": _number(kwh_text(cdr.energy_mwh)),
            "last_updated": to_rfc3339(cdr.last_updated_us),
        }
    )


def _period(period: Period) -> dict[str, object]:
    written: dict[str, object] = {
        "start_date_time": to_rfc3339(period.start_us),
        "dimensions": [
            {"type": dimension.type, "volume": _number(dimension.volume)}
            for dimension in period.dimensions
        ],
    }
    if period.tariff_id:
        written["tariff_id"] = period.tariff_id
    return written


def _price(price: Price) -> dict[str, object]:
    amounts = {"excl_vat": price.excl_e4, "incl_vat": price.incl_e4}
    return {name: _number(decimal_text(e4)) for name, e4 in amounts.items() if e4 is not None}


def _number(text: str) -> msgspec.Raw:
    """Write a decimal with the digits it has; no float could hold them all."""
    return msgspec.Raw(text.encode())
