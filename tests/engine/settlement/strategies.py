"""Accepted CDRs of any amounts between a few parties."""

from __future__ import annotations

from hypothesis import strategies as st

from engine.cdrs.model import Cdr, CdrState, CdrToken, Totals
from engine.kernel.money import Price
from engine.kernel.party import PartyKey
from tests.engine.cdrs.builders import TARIFF, credit_of, make_cdr

PARTIES = [PartyKey(key) for key in ("NL-SUN", "NL-IWT", "BE-VLT", "DE-LAD")]
LIMITED = TARIFF.replace('"id":"T1"', '"id":"T1","max_price":{"excl_vat":10.0}')

amounts = st.integers(0, 5_000_000)


@st.composite
def prices(draw: st.DrawFn, currency: str) -> Price:
    excl = draw(amounts)
    return Price(currency, excl, draw(st.none() | st.integers(excl, excl * 2)))


@st.composite
def cdrs(draw: st.DrawFn, number: int = 0) -> Cdr:
    currency = draw(st.sampled_from(["EUR", "SEK"]))
    part = st.none() | prices(currency)
    cdr = make_cdr(
        id=f"C{number}",
        state=CdrState.ACCEPTED,
        owner=draw(st.sampled_from(PARTIES)),
        token=CdrToken(draw(st.sampled_from(PARTIES)), "T", "RFID", "C", "WHITELIST"),
        currency=currency,
        tariffs=draw(st.sampled_from([(), (TARIFF,), (LIMITED,)])),
        totals=Totals(draw(prices(currency)), *(draw(part) for _ in range(5))),
        energy_mwh=draw(st.integers(0, 10**9)),
        time_s=draw(st.integers(0, 10**6)),
        parking_s=draw(st.integers(0, 10**6)),
    )
    return credit_of(cdr) if draw(st.booleans()) else cdr


@st.composite
def batches(draw: st.DrawFn, most: int = 4) -> list[Cdr]:
    count = draw(st.integers(1, most))
    return [draw(cdrs(number)) for number in range(count)]
