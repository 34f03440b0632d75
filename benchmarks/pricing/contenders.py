"""The same sessions priced in Polars and DuckDB, naively: one price a tariff, no rules, no zones.

`in_polars` and `in_duckdb` take the same columns, look the prices up, price each period and give
five amounts of each session; of the ways tried they are among the fastest. The floors do less than
pricing.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb
import polars as pl

from benchmarks.pricing.data import Data

MS_PER_HOUR = 3_600_000


def prices(data: Data) -> pl.DataFrame:
    """Return the first price of each tariff by dimension in 10^-4, and its VAT in percent."""
    return pl.DataFrame(
        [
            {
                "kwh": _first(tariff, "ENERGY", "price"),
                "hour": _first(tariff, "TIME", "price"),
                "parked": _first(tariff, "PARKING_TIME", "price"),
                "vat": _first(tariff, "ENERGY", "vat") // 10_000,
            }
            for tariff in json.loads(data.tariffs)
        ]
    )


def in_polars(sessions: pl.DataFrame, prices_: pl.DataFrame) -> pl.DataFrame:
    """Price each period in Polars: energy, time, parking, total before and after VAT."""
    return sessions.lazy().pipe(_by_session, prices_).select(_totals()).collect()


def in_polars_by_day(sessions: pl.DataFrame, prices_: pl.DataFrame) -> pl.DataFrame:
    """The same, then summed by party and day."""
    keyed = sessions.lazy().with_columns(day=pl.col("start").dt.date())
    priced = keyed.pipe(_by_session, prices_, "party", "day").select("party", "day", *_totals())
    return priced.group_by("party", "day").agg(pl.all().sum()).collect()


def _periods(sessions: pl.LazyFrame, prices_: pl.DataFrame, *kept: str) -> pl.LazyFrame:
    return (
        sessions.with_row_index("row")
        .select("row", "periods", *kept, *_looked_up(prices_))
        .explode("periods")
        .unnest("periods")
    )


def _by_session(sessions: pl.LazyFrame, prices_: pl.DataFrame, *kept: str) -> pl.LazyFrame:
    return (
        _periods(sessions, prices_, *kept)
        .with_columns(_costs())
        .group_by("row")
        .agg(pl.col("energy", "time", "parking").sum(), pl.col("vat", *kept).first())
    )


def _looked_up(prices_: pl.DataFrame) -> list[pl.Expr]:
    return [pl.lit(column).gather(pl.col("tariff")) for column in prices_]


def _costs() -> list[pl.Expr]:
    """Costs in 10^-4 of the currency unit, times `MS_PER_HOUR`."""

    def wide(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.Int64)

    return [
        (wide("energy_e4") * pl.col("kwh") * (MS_PER_HOUR // 10_000)).alias("energy"),
        (wide("time_ms") * pl.col("hour")).alias("time"),
        (wide("parking_ms") * pl.col("parked")).alias("parking"),
    ]


def _totals() -> list[pl.Expr]:
    energy, time, parking = (pl.col(name) for name in ("energy", "time", "parking"))
    before = energy + time + parking

    def rounded(amount: pl.Expr, unit: int) -> pl.Expr:
        return (amount + unit // 2) // unit

    return [
        rounded(energy, MS_PER_HOUR).alias("energy"),
        rounded(time, MS_PER_HOUR).alias("time"),
        rounded(parking, MS_PER_HOUR).alias("parking"),
        rounded(before, MS_PER_HOUR).alias("before"),
        rounded(before * (100 + pl.col("vat")), 100 * MS_PER_HOUR).alias("after"),
    ]


def duckdb_with(sessions: pl.DataFrame, prices_: pl.DataFrame) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB of one thread that has both."""
    connection = duckdb.connect(config={"threads": 1, "preserve_insertion_order": False})
    connection.register("sessions", sessions.to_arrow())
    connection.register("prices", prices_.with_row_index("tariff").to_arrow())
    return connection


def in_duckdb(connection: duckdb.DuckDBPyConnection) -> object:
    """Price each period in DuckDB, as `in_polars` does."""

    def summed(field: str, price: str, factor: int) -> str:
        cost = f"p.{field}::BIGINT * {price} * {factor}"
        return f"list_sum(list_transform(periods, lambda p: {cost}))::BIGINT"

    def rounded(amount: str, unit: int) -> str:
        return f"({amount} + {unit // 2}) // {unit}"

    before = "(energy + charged + parking)"
    query = f"""
        SELECT {rounded("energy", MS_PER_HOUR)} AS energy,
               {rounded("charged", MS_PER_HOUR)} AS charged,
               {rounded("parking", MS_PER_HOUR)} AS parking,
               {rounded(before, MS_PER_HOUR)} AS before_vat,
               {rounded(f"{before} * (100 + vat)", 100 * MS_PER_HOUR)} AS after_vat
        FROM (SELECT {summed("energy_e4", "kwh", MS_PER_HOUR // 10_000)} AS energy,
                     {summed("time_ms", "hour", 1)} AS charged,
                     {summed("parking_ms", "parked", 1)} AS parking, vat
              FROM sessions JOIN prices USING (tariff))"""
    return connection.sql(query).to_arrow_table()


def flatten(sessions: pl.DataFrame, prices_: pl.DataFrame) -> pl.DataFrame:
    """Return a row per period that carries its prices already: what `floor_of_rows` reads."""
    return _periods(sessions.lazy(), prices_).collect()


def floor_of_rows(flat: pl.DataFrame) -> pl.DataFrame:
    """Multiply and sum what lies ready on each row, one total a session."""
    energy, time, _ = _costs()
    return flat.lazy().group_by("row").agg((energy + time).sum().alias("cost")).collect()


def floor_of_volumes(sessions: pl.DataFrame, prices_: pl.DataFrame) -> pl.DataFrame:
    """Sum the volumes of each session, then price it once: no price may change during it."""
    volumes = [
        pl.col("periods")
        .list.eval(pl.element().struct.field(field).cast(pl.Int64))
        .list.sum()
        .alias(field)
        for field in ("energy_e4", "time_ms", "parking_ms")
    ]
    summed = sessions.lazy().select(*volumes, *_looked_up(prices_))
    return summed.with_columns(_costs()).select(_totals()).collect()


def _first(tariff: dict[str, Any], kind: str, field: str) -> int:
    found = [
        c[field] for e in tariff["elements"] for c in e["price_components"] if c["type"] == kind
    ]
    return round(found[0] * 10_000) if found else 0
