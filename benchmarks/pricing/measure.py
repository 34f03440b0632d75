"""Times whole public calls; contenders price the same sessions in the same run."""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import polars as pl

import tariff_core
from benchmarks.figures import Figure
from benchmarks.pricing import contenders, in_rust
from benchmarks.pricing.data import PERIODS, ZONE, Data, cdr_lines, make

REPEATS = 5


def measure(arguments: list[str]) -> list[Figure]:
    """Return the figures; rates are in sessions of eight periods per second."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks pricing")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--tariffs", type=int, default=5_000)
    chosen = parser.parse_args(arguments)
    general = make(rows=chosen.rows, tariffs=chosen.tariffs, general=True)
    plain = make(rows=chosen.rows, tariffs=chosen.tariffs, general=False)
    return [
        *_columns(general, plain),
        *_documents(general),
        *in_rust.measure(general, plain),
    ]


def _columns(general: Data, plain: Data) -> list[Figure]:
    sessions, prices = general.sessions, contenders.prices(general)
    plain_sessions, plain_prices = plain.sessions, contenders.prices(plain)
    set_ = tariff_core.compile(general.tariffs, zones=ZONE)
    plain_set = tariff_core.compile(plain.tariffs, zones=ZONE)
    flat = contenders.flatten(sessions, prices)
    connection = contenders.duckdb_with(sessions, prices)
    times = {
        "one": cpu(lambda: pl.DataFrame(set_.price(sessions, threads=1))),
        "plain": cpu(lambda: pl.DataFrame(plain_set.price(plain_sessions, threads=1))),
        "by day": cpu(lambda: set_.aggregate(sessions, ["party", "day"], threads=1)),
        "wall, one": wall(lambda: set_.price(sessions, threads=1)),
        "wall, two": wall(lambda: set_.price(sessions, threads=2)),
        "polars": cpu(lambda: contenders.in_polars(sessions, prices)),
        "polars, plain": cpu(lambda: contenders.in_polars(plain_sessions, plain_prices)),
        "polars, by day": cpu(lambda: contenders.in_polars_by_day(sessions, prices)),
        "duckdb": cpu(lambda: contenders.in_duckdb(connection)),
        "rows": cpu(lambda: contenders.floor_of_rows(flat)),
        "volumes": cpu(lambda: contenders.floor_of_volumes(plain_sessions, plain_prices)),
    }

    def beside(name: str, ours: str, other: str) -> Figure:
        return Figure(name, len(sessions) / times[ours], "CDR/s", len(sessions) / times[other])

    return [
        beside("general tariffs, one core, beside naive prices in Polars", "one", "polars"),
        beside("general tariffs, one core, beside naive prices in DuckDB", "one", "duckdb"),
        beside("general tariffs, one core, beside a sum of priced rows in Polars", "one", "rows"),
        beside("unconditional tariffs, one core, beside Polars", "plain", "polars, plain"),
        beside("unconditional tariffs, one core, beside three sums in Polars", "plain", "volumes"),
        beside("general tariffs, two threads beside one", "wall, two", "wall, one"),
        _cores(),
        beside("priced and summed by party and day, beside Polars", "by day", "polars, by day"),
    ]


def _cores() -> Figure:
    """Return what two threads that share nothing do beside one: the most that pricing can gain."""
    text = bytes(32 << 20)

    def hash_on(threads: int) -> Callable[[], object]:
        def run() -> None:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lambda _: hashlib.sha256(text).digest(), range(4)))

        return run

    size = 4 * len(text) / 1e6
    two, one = size / wall(hash_on(2)), size / wall(hash_on(1))
    return Figure("SHA-256, two threads beside one: what the cores give", two, "MB/s", one)


def _documents(general: Data) -> list[Figure]:
    lines = cdr_lines(general, 20_000)
    text = "\n".join(lines).encode()
    set_ = tariff_core.compile(general.tariffs, zones=ZONE)
    parse = cpu(lambda: [json.loads(line) for line in lines])
    priced = cpu(lambda: set_.price_json(text, threads=1))
    tariffs = json.loads(general.tariffs)
    first = lines[0]
    tariff = json.dumps(tariffs[int(general.sessions["tariff"][0])])

    def explain_all() -> None:
        for _ in range(1_000):
            tariff_core.price(first, tariff, time_zone=ZONE, explain=True)

    explained = cpu(explain_all) / 1_000 * 1e6
    rate = len(lines) / priced
    return [
        Figure("from JSON lines, one core, beside json.loads", rate, "CDR/s", len(lines) / parse),
        Figure("explain one CDR of eight periods, JSON in and out", explained, "us"),
        Figure("bytes of such a CDR", len(text) / len(lines), "B"),
        Figure("periods of such a CDR", PERIODS, ""),
    ]


def cpu(run: Callable[[], object]) -> float:
    """Return the CPU seconds of the best of several runs."""
    return _best(run, time.process_time)


def wall(run: Callable[[], object]) -> float:
    """Return the wall-clock seconds of the best of several runs."""
    return _best(run, time.perf_counter)


def _best(run: Callable[[], object], clock: Callable[[], float]) -> float:
    best = float("inf")
    for _ in range(REPEATS):
        started = clock()
        run()
        best = min(best, clock() - started)
    return best
