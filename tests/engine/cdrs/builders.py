"""CDRs to test with; a builder sets only what the test is about."""

from __future__ import annotations

from typing import Any

from engine.cdrs.model import (
    Cdr,
    CdrLocation,
    CdrState,
    CdrToken,
    Totals,
    content_hash,
)
from engine.kernel.clock import SECOND, Micros, from_rfc3339
from engine.kernel.money import Price
from engine.kernel.party import PartyKey
from engine.tariffs.model import Dimension, Period

CPO = PartyKey("NL-SUN")
EMSP = PartyKey("NL-IWT")
STARTED = from_rfc3339("2026-11-22T17:30:00Z")

TARIFF = (
    '{"country_code":"NL","party_id":"SUN","id":"T1","currency":"EUR",'
    '"elements":[{"price_components":[{"type":"ENERGY","price":0.50,"vat":21.0,"step_size":1}]}],'
    '"last_updated":"2026-01-01T00:00:00Z"}'
)


def price(excl_e4: int | None, incl_e4: int | None = None, currency: str = "EUR") -> Price:
    return Price(currency, excl_e4, incl_e4)


def make_cdr(**changes: Any) -> Cdr:
    """Return a received CDR of 20.5 kWh in 50 minutes for 10.25 EUR, 12.4025 with VAT."""
    facts: dict[str, Any] = {
        "owner": CPO,
        "id": "CDR-1",
        "state": CdrState.RECEIVED,
        "partner_id": "sun",
        "issued": False,
        "session_id": "S-1",
        "started_us": STARTED,
        "ended_us": Micros(STARTED + 3_000 * SECOND),
        "token": CdrToken(EMSP, "TOKEN-1", "RFID", "NL-IWT-C1", "WHITELIST"),
        "location": CdrLocation(
            id="LOC1",
            address="Stationsplein 1",
            city="Utrecht",
            country="NLD",
            evse_uid="E1",
            connector_id="1",
            time_zone="Europe/Amsterdam",
        ),
        "meter_id": "",
        "currency": "EUR",
        "tariffs": (TARIFF,),
        "charging_periods": (
            Period(STARTED, [Dimension("ENERGY", "20.5"), Dimension("TIME", "0.8333")], "T1"),
        ),
        "totals": Totals(price(102_500, 124_025), energy=price(102_500, 124_025)),
        "energy_mwh": 20_500_000,
        "time_s": 3_000,
        "parking_s": 0,
        "credit": False,
        "credit_reference_id": "",
        "last_updated_us": Micros(STARTED + 3_060 * SECOND),
    }
    cdr = Cdr(**facts | changes)
    return _hashed(cdr) if not cdr.content else cdr


def _hashed(cdr: Cdr) -> Cdr:
    return Cdr(
        **{name: getattr(cdr, name) for name in cdr.__struct_fields__ if name != "content"},
        content=content_hash(cdr),
    )


def credit_of(cdr: Cdr, **changes: Any) -> Cdr:
    """Return the credit CDR of one: the same but for its ids and the sign of its total."""
    cost = cdr.totals.cost
    turned = price(
        None if cost.excl_e4 is None else -cost.excl_e4,
        None if cost.incl_e4 is None else -cost.incl_e4,
        cdr.currency,
    )
    return make_cdr(
        **{name: getattr(cdr, name) for name in cdr.__struct_fields__ if name != "content"}
        | {
            "id": f"{cdr.id}-C",
            "credit": True,
            "credit_reference_id": cdr.id,
            "totals": Totals(turned, *cdr.totals.parts()),
        }
        | changes
    )
