"""Random batches: sessions as columns, and each row again as a session for the reference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from pricing_cases import write
from pricing_strategies import STARTS, ZONES, Document, policies, tariffs
from reference import documents, pricing
from reference import policies as named_policies
from reference.documents import Period, RefusedError, Session, Tariff
from reference.rounding import rounded

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Whole hundred-thousandths of an hour, so that a document can say them exactly.
LENGTHS_MS = (0, 1008, 60_012, 600_120, 1_800_000, 3_600_000, 9_000_036)
PERIOD_FIELDS = {
    "offset_ms": pl.Int64,
    "energy_e4": pl.Int32,
    "time_ms": pl.UInt32,
    "parking_ms": pl.UInt32,
    "reservation_ms": pl.UInt32,
    "min_power_w": pl.Int32,
    "max_power_w": pl.Int32,
    "min_current_ma": pl.Int32,
    "max_current_ma": pl.Int32,
}
SCHEMA = {
    "tariff": pl.UInt32,
    "start": pl.Datetime("ms", "UTC"),
    "end": pl.Datetime("ms", "UTC"),
    "currency": pl.String,
    "party": pl.Int32,
    "periods": pl.List(pl.Struct(PERIOD_FIELDS)),
}
VOLUMES = {
    "ENERGY": ("energy_e4", Fraction(1, 10_000)),
    "TIME": ("time_ms", Fraction(1, 3_600_000)),
    "PARKING_TIME": ("parking_ms", Fraction(1, 3_600_000)),
    "RESERVATION_TIME": ("reservation_ms", Fraction(1, 3_600_000)),
}
READINGS = {
    "MIN_POWER": ("min_power_w", Fraction(1, 1000)),
    "MAX_POWER": ("max_power_w", Fraction(1, 1000)),
    "MIN_CURRENT": ("min_current_ma", Fraction(1, 1000)),
    "MAX_CURRENT": ("max_current_ma", Fraction(1, 1000)),
}


@dataclass(frozen=True)
class Batch:
    """Tariffs with a zone each, a policy and rows."""

    tariffs: list[Document]
    zones: list[str]
    policy: dict[str, str]
    rows: list[Document]

    @property
    def tariff_text(self) -> str:
        """Return the tariffs as the text that is compiled."""
        return write(self.tariffs)

    @property
    def listed(self) -> tuple[Tariff, ...]:
        """Return the tariffs as the reference reads them."""
        return tuple(map(documents.tariff, documents.loads(self.tariff_text)))

    def frame(self, rows: list[Document] | None = None) -> pl.DataFrame:
        """Return the rows as a table."""
        return pl.DataFrame(self.rows if rows is None else rows, schema=SCHEMA)


@st.composite
def period_rows(draw: DrawFn, *, readings: bool) -> list[Document]:
    """Draw the periods of one row, one after the other."""
    offset, found = 0, []
    reserved = draw(st.sampled_from((0, 0, 0, 1)))
    for index in range(draw(st.sampled_from((0, 1, 1, 2, 3, 5, 8)))):
        length = draw(st.sampled_from(LENGTHS_MS))
        kind = draw(st.sampled_from(("time_ms", "time_ms", "parking_ms")))
        low, amperes = draw(st.sampled_from((0, 11_000, 16_000, 22_000))), 1000
        period = dict.fromkeys(PERIOD_FIELDS, 0) | {"offset_ms": offset}
        if index < reserved:
            period["reservation_ms"] = length
        else:
            period[kind] = length
            period["energy_e4"] = draw(st.one_of(st.just(0), st.integers(-30_000, 150_000)))
        if readings:
            period |= {"min_power_w": low, "max_power_w": low + draw(st.sampled_from((0, 9000)))}
            period |= {"min_current_ma": 16 * amperes, "max_current_ma": 32 * amperes}
            if draw(st.integers(0, 3)) == 0:
                period |= {"min_power_w": None, "max_power_w": None}
        found.append(period)
        offset += length
    return draw(st.permutations(found)) if draw(st.integers(0, 9)) == 0 else found


@st.composite
def batches(draw: DrawFn, max_rows: int = 6) -> Batch:
    """Draw a batch, a small one: the kernel does not know its neighbours."""
    version = draw(st.sampled_from(("2.1.1", "2.2.1", "2.3.0")))
    names = ("A", "B", "C")[: draw(st.integers(1, 3))]
    listed = [draw(tariffs(version, name, draw(st.sampled_from(("EUR", "JPY"))))) for name in names]
    rows = []
    for _ in range(draw(st.integers(0, max_rows))):
        start = draw(st.sampled_from(STARTS)) + timedelta(minutes=draw(st.integers(0, 720)))
        inside = draw(period_rows(readings=True))
        last = max((p["offset_ms"] for p in inside), default=0)
        end = start + timedelta(milliseconds=last + draw(st.sampled_from((0, 0, 60_000, -60_000))))
        index = draw(st.integers(0, len(listed) - 1))
        currencies = [listed[index]["currency"]] * 12 + ["SEK"]
        rows.append(
            {
                "tariff": draw(st.sampled_from((*[index] * 12, 99))),
                "start": start,
                "end": end,
                "currency": draw(st.sampled_from(currencies)),
                "party": draw(st.integers(0, 2)),
                "periods": inside,
            }
        )
    zones = [draw(st.sampled_from(ZONES)) for _ in listed]
    return Batch(listed, zones, draw(policies()), rows)


def session_of_row(row: Document, tariff: Tariff) -> Session:
    """Return a row as the session it stands for: a volume of 0 is not there."""
    return Session(
        start=row["start"],
        end=row["end"],
        currency=row["currency"],
        periods=tuple(
            Period(
                start=row["start"] + timedelta(milliseconds=period["offset_ms"]),
                volumes={
                    name: period[column] * unit
                    for names in (VOLUMES, READINGS)
                    for name, (column, unit) in names.items()
                    if period[column] is not None and (names is READINGS or period[column] != 0)
                },
                tariff_id=tariff.id,
            )
            for period in row["periods"]
        ),
        tariffs=(tariff,),
    )


def price_row(batch: Batch, row: Document) -> pricing.Priced | str:
    """Price a row with the reference; a refusal is its code."""
    if row["tariff"] >= len(batch.tariffs):
        return "unknown_tariff_id"
    tariff = batch.listed[row["tariff"]]
    policy = named_policies.resolve(batch.policy)
    zone = batch.zones[row["tariff"]]
    try:
        return pricing.price(session_of_row(row, tariff), (tariff,), zone, policy, expired=None)
    except RefusedError as refused:
        return refused.code


def e4(value: Fraction | None, currency: str, policy: dict[str, Any]) -> int | None:
    """Return money as the columns have it."""
    if value is None:
        return None
    return int(rounded(value, currency, named_policies.resolve(policy)) * 10_000)
