"""The same sessions priced naively: a price on every row, no rules, steps, zones, VAT or limits."""

from __future__ import annotations

import json

import duckdb
import polars as pl

from benchmarks.pricing.data import Data


def flatten(data: Data) -> pl.DataFrame:
    """Return a row per period with the first prices of its tariff on it."""
    prices = pl.DataFrame(
        [
            {"tariff": number, "kwh": _price(tariff, "ENERGY"), "hour": _price(tariff, "TIME")}
            for number, tariff in enumerate(json.loads(data.tariffs))
        ],
        schema={"tariff": pl.UInt32, "kwh": pl.Int64, "hour": pl.Int64},
    )
    return (
        data.sessions.with_row_index("row")
        .select("row", "tariff", "periods")
        .explode("periods")
        .unnest("periods")
        .join(prices, on="tariff", how="left", maintain_order="left")
    )


def polars_naive(flat: pl.DataFrame) -> pl.DataFrame:
    """Sum energy and time costs by session in Polars."""
    energy = pl.col("energy_e4").cast(pl.Int64) * pl.col("kwh") * 360
    charged = pl.col("time_ms").cast(pl.Int64) * pl.col("hour")
    return flat.lazy().group_by("row").agg((energy + charged).sum().alias("cost")).collect()


def duckdb_naive(connection: duckdb.DuckDBPyConnection) -> object:
    """Sum energy and time costs by session in DuckDB."""
    query = (
        "SELECT row, sum(energy_e4::BIGINT * kwh * 360 + time_ms::BIGINT * hour) AS cost "
        "FROM periods GROUP BY row"
    )
    return connection.sql(query).to_arrow_table()


def _price(tariff: dict[str, object], kind: str) -> int:
    elements = json.loads(json.dumps(tariff["elements"]))
    found = [c["price"] for e in elements for c in e["price_components"] if c["type"] == kind]
    return round(found[0] * 10_000) if found else 0
