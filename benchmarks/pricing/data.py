"""Random tariffs and sessions, the same for every contender."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

PERIODS = 8
START_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
YEAR_S = 365 * 86_400
ZONE = "Europe/Amsterdam"

# 0.1 Wh per second, from 3.6 to 36 kW: those that reach 20 kWh on a whole second, so that a cut
# there leaves no watt-hour on the wrong side.
SPEEDS = [10, 16, 20, 25, 32, 40, 50, 64, 80, 100]


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
    """Make sessions of eight periods over a year, their tariffs in random order.

    Periods are cut where a price of their tariff can change, as OCPI asks of whoever sends them;
    the other cuts are anywhere.
    """
    rng = random.Random(seed)
    kind = general_tariff if general else unconditional_tariff
    documents = [kind(number, rng) for number in range(tariffs)]
    speed = pl.lit(pl.Series(SPEEDS)).gather(draw(rows, 0, len(SPEEDS), seed))
    parks = pl.int_range(rows) % 2 * draw(rows, 300, 1_800, seed + 1)
    sessions = pl.DataFrame(
        {
            "tariff": draw(rows, 0, tariffs, seed + 2).cast(pl.UInt32),
            "party": draw(rows, 0, 200, seed + 3).cast(pl.UInt32),
            "start_s": START_MS // 1_000 + draw(rows, 0, YEAR_S, seed + 4),
            "length": draw(rows, 2_400, 14_400, seed + 5),
        }
    ).with_columns(speed=speed, plugged=pl.col("length") - parks)
    cuts: list[pl.Expr] = [pl.when(pl.col("plugged") < pl.col("length")).then("plugged")]
    if general:
        cuts += _boundaries(sessions["tariff"], documents)
    columns = sessions.select(
        "tariff",
        "party",
        start=_instant(pl.col("start_s")),
        end=_instant(pl.col("start_s") + pl.col("length")),
    )
    periods = _periods(sessions, cuts, seed + 6).to_struct("periods")
    return Data(
        json.dumps(documents),
        columns.with_columns(periods.reshape((rows, PERIODS)).arr.to_list()),
    )


def _boundaries(tariff: pl.Series, documents: list[dict[str, Any]]) -> list[pl.Expr]:
    """Seconds into each session at which a general tariff changes a price; null for never."""
    opens = pl.Series(
        [int(document["elements"][0]["restrictions"]["start_time"][:2]) for document in documents]
    )
    local = _instant(pl.col("start_s")).dt.convert_time_zone(ZONE)
    of_day = local.dt.hour().cast(pl.Int64) * 3_600 + pl.col("start_s") % 3_600
    # The window is twelve hours long, so one of its ends comes every twelve hours.
    window = (pl.lit(opens.gather(tariff)) * 3_600 - of_day) % 43_200
    workday = (local + pl.duration(seconds=window)).dt.weekday() <= 5
    return [pl.when(workday).then(window), pl.lit(7_200), 20 * 10_000 // pl.col("speed")]


def _periods(sessions: pl.DataFrame, cuts: list[pl.Expr], seed: int) -> pl.DataFrame:
    """Return eight periods for each session, cut at `cuts` and anywhere."""
    length = pl.col("length")
    starts = [pl.lit(0, pl.Int64)]
    for number in range(PERIODS - 1):
        anywhere = draw(len(sessions), 0, 1 << 30, seed + number) % (length - 1) + 1
        if number < len(cuts):
            cut = cuts[number].cast(pl.Int64)
            starts.append(pl.when(cut.is_between(1, length - 1)).then(cut).otherwise(anywhere))
        else:
            starts.append(anywhere)
    is_last = pl.int_range(pl.len()) % PERIODS == PERIODS - 1
    parked = pl.col("begins") >= pl.col("plugged")
    seconds = pl.col("ends") - pl.col("begins")
    charged = pl.when(parked).then(0).otherwise(seconds)
    return (
        sessions.select("length", "plugged", "speed", begins=pl.concat_list(starts).list.sort())
        .explode("begins")
        .with_columns(ends=pl.when(is_last).then("length").otherwise(pl.col("begins").shift(-1)))
        .select(
            offset_ms=(pl.col("begins") * 1_000).cast(pl.UInt32),
            energy_e4=(charged * pl.col("speed")).cast(pl.Int32),
            time_ms=(charged * 1_000).cast(pl.UInt32),
            parking_ms=((seconds - charged) * 1_000).cast(pl.UInt32),
        )
    )


def _instant(seconds: pl.Expr) -> pl.Expr:
    return (seconds * 1_000).cast(pl.Datetime("ms", "UTC"))


def write(data: Data, folder: Path) -> None:
    """Write the columns as little-endian integers, a file each, for the Rust harness."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tariffs.json").write_text(data.tariffs)
    sessions = data.sessions
    ends = sessions["periods"].list.len().cum_sum().cast(pl.Int64)
    columns = sessions.select("tariff", pl.col("start", "end").cast(pl.Int64)).get_columns()
    columns.append(pl.concat([pl.Series([0]), ends]).alias("offsets"))
    columns += sessions["periods"].explode().struct.unnest().get_columns()
    for column in columns:
        (folder / column.name).write_bytes(column.to_arrow().buffers()[1].to_pybytes())


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
