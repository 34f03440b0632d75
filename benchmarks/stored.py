"""Start, meter and stop with many sessions stored, against the same with few, in the same run.

Sessions are made straight in the tables, completed, each with the record of its start request; the
load is that of the `engine` benchmark.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import asyncpg
import msgspec
import uvloop

from benchmarks.engine.measure import Contender, start_engine, start_postgres
from benchmarks.figures import Figure
from engine.db.migrate import upgrade
from engine.sessions.model import Session, SessionToken, State, encode_token

DATABASES = ("sqlite", "postgresql")
FEW = 10_000
CALLERS = 64
_BATCH = 20_000
_LONG_AGO_US = 1_500_000_000_000_000
_APART_US = 10_000_000
_TOKEN = encode_token(
    SessionToken("NL-IWT", "BENCH-TOKEN", "RFID", "NL-IWT-BENCH", "WHITELIST", "", "ACCEPTED")
)

Row = tuple[object, ...]


def measure(arguments: list[str]) -> list[Figure]:
    """Fill the databases, run both; returns the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks stored", description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000_000, help="default 10,000,000")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each (default 3)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round (default 3)")
    parser.add_argument("--on", choices=DATABASES, action="append", help="default: both")
    options = parser.parse_args(arguments)
    kinds = options.on or DATABASES
    return uvloop.run(_measure(kinds, options.sessions, options.rounds, options.seconds))


async def _measure(kinds: Sequence[str], many: int, rounds: int, seconds: float) -> list[Figure]:
    figures = []
    for kind in kinds:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            few = await _filled(stack, folder / "few", kind, FEW)
            much = await _filled(stack, folder / "many", kind, many)
            for number in range(rounds + 1):
                for contender in (few, much):
                    print(f"round {number}: {contender.name}", file=sys.stderr)
                    await contender.round(CALLERS, seconds)
            for contender in (few, much):
                contender.forget_first(CALLERS)
            name = f"{kind}, {CALLERS} callers, {many:,} sessions stored"
            figures.append(
                Figure(name, much.rate(CALLERS), "operations/s", floor=few.rate(CALLERS))
            )
            figures.append(
                Figure(
                    f"{kind}, CPU an operation, {many:,} sessions stored",
                    statistics.median(much.cpu_us[CALLERS]),
                    "us",
                    floor=statistics.median(few.cpu_us[CALLERS]),
                )
            )
    return figures


async def _filled(stack: contextlib.ExitStack, folder: Path, kind: str, count: int) -> Contender:
    url = stack.enter_context(start_postgres()) if kind == "postgresql" else None
    path = folder / f"{kind}-data" / "interwatt.db"
    await asyncio.to_thread(path.parent.mkdir, parents=True)
    await upgrade(url or f"sqlite:///{path}")
    began = time.monotonic()
    if url:
        await _fill_postgresql(url, count)
    else:
        _fill_sqlite(path, count)
    print(f"{kind}: {count:,} sessions in {time.monotonic() - began:.0f} s", file=sys.stderr)
    contender = await start_engine(stack, folder, kind, url)
    contender.name = f"{kind}, {count:,} sessions stored"
    return contender


def _fill_sqlite(path: Path, count: int) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -1000000")
    for sessions, records in _batches(count):
        for table, rows in (("session", sessions), ("idempotency", records)):
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


async def _fill_postgresql(url: str, count: int) -> None:
    connection = await asyncpg.connect(url)
    for sessions, records in _batches(count):
        await connection.copy_records_to_table("session", records=sessions)
        await connection.copy_records_to_table("idempotency", records=records)
    await connection.execute("ANALYZE")
    await connection.execute("CHECKPOINT")  # or the server writes what was filled during the rounds
    await connection.close()


def _batches(count: int) -> Iterator[tuple[list[Row], list[Row]]]:
    made = (_session(n, count) for n in range(count))
    while sessions := list(islice(made, _BATCH)):
        yield [msgspec.structs.astuple(one) for one in sessions], list(map(_record, sessions))


def _session(n: int, count: int) -> Session:
    """Return the nth of `count` ended sessions, whose ids are spread evenly and made in order."""
    id_ = f"{n * (2**128 // count):032x}"
    started_us = _LONG_AGO_US + n * _APART_US
    return Session(
        key=f"NL-IWT/{id_.upper()}",
        owner="NL-IWT",
        id=id_,
        state=State.COMPLETED.value,
        partner_id="",
        at_our_station=True,
        station_id=f"OLD{n % 10_000}",
        connector_number=1,
        transaction_id=1_000_000_000 + n,
        station_transaction_id="",
        location_id="",
        evse_uid="",
        connector_id="",
        token_json=_TOKEN,
        authorization_id=f"{n:032x}",
        started_us=started_us,
        ended_us=started_us + 3_600_000_000,
        meter_start_mwh=1_000_000,
        meter_stop_mwh=12_000_000,
        energy_mwh=11_000_000,
        currency="",
        cost_json="",
        tariff_key="",
        tariff_version=0,
        stop_reason="Local",
        flags_json="[]",
        periods_json="[]",
        document=b"",
        version=5,
        last_updated_us=started_us + 3_600_000_000,
        created_us=started_us,
    )


def _record(session: Session) -> Row:
    answer = msgspec.msgpack.encode(session)
    digest = hashlib.sha256(session.id.encode()).digest()
    return ("sessions.start", session.id, digest, answer, session.created_us)
