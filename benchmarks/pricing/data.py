"""Random tariffs and sessions, the same for every contender."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

PERIODS = 8
START_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
YEAR_S = 365 * 86_400


@dataclass(frozen=True)
class Data:
    """Sessions in columns, and the documents of their tariffs."""

    tariffs: str
    sessions: pl.DataFrame
    """One row per session: tariff, party, start, end and a list of periods."""


def general_tariff(number: int, rng: random.Random) -> dict[str, Any]:
    """Prices by time of week, energy and duration, with steps, VAT and a limit."""
    price = [rng.randrange(1_000, 9_000) / 10_000 for _ in range(6)]
    vat = rng.choice([9, 19, 21])
    hour = rng.randrange(6, 10)

    def component(kind: str, value: float, step: int) -> dict[str, Any]:
        return {"type": kind, "price": value, "step_size": step, "vat": vat}

    day = {"start_time": f"{hour:02}:00", "end_time": f"{hour + 12:02}:00"}
    weekdays = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]
    return {
        "country_code": "NL",
        "party_id": "BEN",
        "id": str(number),
        "currency": "EUR",
        "max_price": {"excl_vat": 60.0, "incl_vat": 72.6},
        "elements": [
            {
                "price_components": [
                    component("ENERGY", price[0], 10),
                    component("TIME", price[1], 60),
                ],
                "restrictions": {**day, "day_of_week": weekdays, "max_kwh": 20},
            },
            {
                "price_components": [
                    component("ENERGY", price[2], 10),
                    component("PARKING_TIME", price[3], 300),
                ],
                "restrictions": {"min_duration": 7_200},
            },
            {
                "price_components": [
                    component("FLAT", 0.5, 1),
                    component("ENERGY", price[4], 10),
                    component("TIME", price[5], 60),
                    component("PARKING_TIME", 1.0, 300),
                ]
            },
        ],
        "last_updated": "2025-01-01T00:00:00Z",
    }


def unconditional_tariff(number: int, rng: random.Random) -> dict[str, Any]:
    """One price for energy and one for parking, as most tariffs in the field have."""
    energy, parking = (rng.randrange(1_000, 9_000) / 10_000 for _ in range(2))
    components = [
        {"type": "ENERGY", "price": energy, "step_size": 1, "vat": 21},
        {"type": "PARKING_TIME", "price": parking, "step_size": 300, "vat": 21},
    ]
    return {
        "country_code": "NL",
        "party_id": "BEN",
        "id": str(number),
        "currency": "EUR",
        "elements": [{"price_components": components}],
        "last_updated": "2025-01-01T00:00:00Z",
    }


def make(*, rows: int, tariffs: int, general: bool, seed: int = 42) -> Data:
    """Make sessions of eight periods over a year, their tariffs in random order."""
    rng = random.Random(seed)
    kind = general_tariff if general else unconditional_tariff
    documents = [kind(number, rng) for number in range(tariffs)]
    start = START_MS + draw(rows, 0, YEAR_S, seed) * 1_000
    periods = (
        pl.DataFrame({"row": pl.int_range(rows * PERIODS, eager=True) // PERIODS})
        .with_columns(
            seconds=draw(rows * PERIODS, 300, 1_800, seed + 1),
            energy=draw(rows * PERIODS, 1_000, 40_000, seed + 2),
            # The last period of every second session is parking.
            parked=pl.int_range(pl.len()) % PERIODS == PERIODS - 1,
        )
        .with_columns(parked=pl.col("parked") & (pl.col("row") % 2 == 0))
        .with_columns(before=pl.col("seconds").cum_sum() - pl.col("seconds"))
        .with_columns(offset=pl.col("before") - pl.col("before").first().over("row"))
    )
    charged = pl.when(pl.col("parked")).then(0)
    fields = periods.select(
        offset_ms=(pl.col("offset") * 1_000).cast(pl.UInt32),
        energy_e4=charged.otherwise("energy").cast(pl.Int32),
        time_ms=(charged.otherwise("seconds") * 1_000).cast(pl.UInt32),
        parking_ms=(pl.when("parked").then("seconds").otherwise(0) * 1_000).cast(pl.UInt32),
    )
    length = periods.group_by("row", maintain_order=True).agg(pl.col("seconds").sum())["seconds"]
    instant = pl.Datetime("ms", "UTC")
    sessions = pl.DataFrame(
        {
            "tariff": draw(rows, 0, tariffs, seed + 3).cast(pl.UInt32),
            "party": draw(rows, 0, 200, seed + 4).cast(pl.UInt32),
            "start": start.cast(instant),
            "end": (start + length * 1_000).cast(instant),
            "periods": fields.to_struct("periods").reshape((rows, PERIODS)).arr.to_list(),
        }
    )
    return Data(json.dumps(documents), sessions)


def draw(count: int, low: int, high: int, seed: int) -> pl.Series:
    """Draw integers in [low, high), the same for the same seed."""
    hashes = pl.int_range(count, eager=True).hash(seed)
    return (hashes % (high - low)).cast(pl.Int64) + low


def cdr_lines(data: Data, count: int) -> list[str]:
    """Return the first sessions as OCPI 2.2.1 CDRs, one JSON text each."""
    ids = [tariff["id"] for tariff in json.loads(data.tariffs)]
    return [
        _cdr(number, row, ids) for number, row in enumerate(data.sessions.head(count).to_dicts())
    ]


def _cdr(number: int, row: dict[str, Any], ids: list[str]) -> str:
    start: datetime = row["start"]
    tariff = ids[row["tariff"]]
    periods = []
    for period in row["periods"]:
        dimensions = [{"type": "ENERGY", "volume": period["energy_e4"] / 10_000}]
        for kind, ms in (("TIME", period["time_ms"]), ("PARKING_TIME", period["parking_ms"])):
            if ms:
                dimensions.append({"type": kind, "volume": round(ms / 3_600_000, 4)})
        begins = start + timedelta(milliseconds=period["offset_ms"])
        periods.append(
            {
                "start_date_time": begins.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "dimensions": dimensions,
                "tariff_id": tariff,
            }
        )
    return json.dumps(
        {
            "country_code": "NL",
            "party_id": "BEN",
            "id": f"CDR{number}",
            "start_date_time": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "end_date_time": row["end"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "cdr_token": {"uid": "012345678", "type": "RFID", "contract_id": "NL-BEN-C12345678-4"},
            "auth_method": "WHITELIST",
            "cdr_location": {"id": "LOC1", "city": "Utrecht", "country": "NLD"},
            "currency": "EUR",
            "charging_periods": periods,
            "total_energy": sum(period["energy_e4"] for period in row["periods"]) / 10_000,
            "last_updated": row["end"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
