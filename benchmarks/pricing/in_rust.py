"""The same sessions priced from Rust, where nothing of Python is measured, beside other crates.

The crates of others price one document at a time: the CDR carries its tariff, and they are asked
for a total with its parts. So are we, on the same documents.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

import tariff_core
from benchmarks.figures import Figure
from benchmarks.pricing.data import ZONE, Data, cdr_lines, write

HERE = Path(__file__).parent
LINES = 20_000
DOCUMENTS = 5_000
PEERS = ("ocpi-tariffs", "ocpi-kit")
CLOSE_E4 = 2
"""Two roundings to four decimals can be so far apart."""

Totals = list[tuple[int, int] | None]
"""For each document its total before and after taxes, in 10^-4; nothing where it has none."""


def measure(general: Data, plain: Data) -> list[Figure]:
    """Return the figures, none where cargo cannot build the harness."""
    if shutil.which("cargo") is None:
        print("no cargo: the figures from Rust are left out", file=sys.stderr)
        return []
    ours = _built(HERE / "rust", "pricing-benchmark")
    if ours is None:
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        totals = _write(general, plain, folder)
        ns: dict[str, float] = json.loads(_run(ours, folder))
        figures = [
            _rate("from Rust: general tariffs", ns["general_price_ns"]),
            _rate("from Rust: unconditional tariffs", ns["plain_price_ns"]),
            _rate("from Rust: general tariffs, summed by day", ns["general_aggregate_ns"]),
            _rate("from Rust: JSON lines", ns["lines_ns"]),
            Figure("from Rust: explain one CDR, JSON in and out", ns["explain_ns"] / 1_000, "us"),
        ]
        for peer in PEERS:
            figures += _beside(peer, folder / "general/documents", ns, totals)
    return figures


def _beside(peer: str, documents: Path, ns: dict[str, float], ours: Totals) -> list[Figure]:
    """Return our figures for whole documents beside those of a peer, none if it is not built."""
    program = _built(HERE / "peers" / peer, f"{peer}-benchmark")
    if program is None:
        return []
    first, *rest = _run(program, documents).splitlines()
    theirs: Totals = [None if line == "-" else _total(line) for line in rest]
    agree = sum(_agree(one, other) for one, other in zip(ours, theirs, strict=True))
    rate = 1e9 / float(first)
    whole = "from Rust: CDR with its tariff"
    return [
        Figure(f"{whole} to a report, beside {peer}", 1e9 / ns["reports_ns"], "CDR/s", rate),
        Figure(f"{whole} to a row, beside {peer}", 1e9 / ns["rows_ns"], "CDR/s", rate),
        Figure(f"totals on which {peer} agrees", 100 * agree / len(ours), "%"),
    ]


def _total(line: str) -> tuple[int, int]:
    before, after = line.split()
    return int(before), int(after)


def _agree(one: tuple[int, int] | None, other: tuple[int, int] | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(abs(a - b) <= CLOSE_E4 for a, b in zip(one, other, strict=True))


def _built(crate: Path, program: str) -> Path | None:
    """Return the program of a crate, nothing where it cannot be built.

    The peers ask for a newer Rust than we do, and build with ours all the same.
    """
    build = ["cargo", "build", "--quiet", "--release", "--locked", "--ignore-rust-version"]
    if subprocess.run(build, cwd=crate, check=False).returncode != 0:
        print(f"the figures of {crate.name} are left out", file=sys.stderr)
        return None
    return crate / "target/release" / program


def _run(program: Path, argument: Path) -> str:
    done = subprocess.run([program, argument], check=True, capture_output=True, text=True)
    return done.stdout


def _rate(name: str, ns: float) -> Figure:
    return Figure(f"{name}, one core", 1e9 / ns, "CDR/s")


def _write(general: Data, plain: Data, folder: Path) -> Totals:
    """Write what the programs read, and return the totals of the documents."""
    write(general, folder / "general")
    write(plain, folder / "plain")
    lines = cdr_lines(general, LINES)
    (folder / "general/lines").write_text("\n".join(lines))
    (folder / "general/cdr.json").write_text(lines[0])
    tariffs = json.loads(general.tariffs)
    positions = general.sessions["tariff"]
    (folder / "general/tariff.json").write_text(json.dumps(tariffs[positions[0]]))
    compiled = tariff_core.compile(general.tariffs, zones=ZONE)
    priced = pl.DataFrame(compiled.price_json("\n".join(lines[:DOCUMENTS]), threads=1))
    totals: Totals = list(priced.select("total_excl_e4", "total_incl_e4").iter_rows())
    documents = [
        json.dumps(_whole(json.loads(line), tariffs[position], *total))
        for line, position, total in zip(lines, positions, totals, strict=False)
        if total is not None
    ]
    (folder / "general/documents").write_text("\n".join(documents))
    return totals


def _whole(
    cdr: dict[str, Any], tariff: dict[str, Any], before_e4: int, after_e4: int
) -> dict[str, Any]:
    """Return the CDR with its tariff, its totals and all else that OCPI requires."""
    volumes = [part for period in cdr["charging_periods"] for part in period["dimensions"]]
    hours = sum(part["volume"] for part in volumes if part["type"] != "ENERGY")
    return cdr | {
        "cdr_token": {"country_code": "NL", "party_id": "BEN"} | cdr["cdr_token"],
        "cdr_location": cdr["cdr_location"]
        | {
            "address": "Stationsplein 1",
            "postal_code": "3511",
            "coordinates": {"latitude": "52.089444", "longitude": "5.110278"},
            "evse_uid": "3256",
            "evse_id": "NL*BEN*E041503003",
            "connector_id": "1",
            "connector_standard": "IEC_62196_T2",
            "connector_format": "SOCKET",
            "connector_power_type": "AC_3_PHASE",
        },
        "tariffs": [tariff],
        "total_cost": {"excl_vat": before_e4 / 10_000, "incl_vat": after_e4 / 10_000},
        "total_time": round(hours, 4),
    }
