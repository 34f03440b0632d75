"""Times whole public calls; contenders price the same sessions in the same run."""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import duckdb
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
    rows = len(general.sessions)
    flat = contenders.flatten(general)
    in_polars = rows / cpu(lambda: contenders.polars_naive(flat))
    connection = duckdb.connect(config={"threads": 1})
    connection.register("periods", flat.to_arrow())
    in_duckdb = rows / cpu(lambda: contenders.duckdb_naive(connection))
    set_ = tariff_core.compile(general.tariffs, zones=ZONE)
    plain_set = tariff_core.compile(plain.tariffs, zones=ZONE)
    one = rows / cpu(lambda: pl.DataFrame(set_.price(general.sessions, threads=1)))
    unconditional = rows / cpu(lambda: pl.DataFrame(plain_set.price(plain.sessions, threads=1)))
    wall_one = wall(lambda: set_.price(general.sessions, threads=1))
    wall_two = wall(lambda: set_.price(general.sessions, threads=2))
    grouped = rows / cpu(lambda: set_.aggregate(general.sessions, ["party", "day"], threads=1))
    return [
        Figure("general tariffs, one core, beside Polars without rules", one, "CDR/s", in_polars),
        Figure("general tariffs, one core, beside DuckDB without rules", one, "CDR/s", in_duckdb),
        Figure("unconditional tariffs, one core, beside Polars", unconditional, "CDR/s", in_polars),
        Figure(
            "general tariffs, two threads beside one", rows / wall_two, "CDR/s", rows / wall_one
        ),
        _cores(),
        Figure("priced and summed by party and day, one core", grouped, "CDR/s", in_polars),
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
