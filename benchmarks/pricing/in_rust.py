"""The same sessions priced from Rust, where nothing of Python is measured."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.pricing.data import Data, cdr_lines, write

CRATE = Path(__file__).parent / "rust"
LINES = 20_000


def measure(general: Data, plain: Data) -> list[Figure]:
    """Return the figures, none where cargo cannot build the harness."""
    if shutil.which("cargo") is None:
        print("no cargo: the figures from Rust are left out", file=sys.stderr)
        return []
    build = ["cargo", "build", "--quiet", "--release", "--locked"]
    if subprocess.run(build, cwd=CRATE, check=False).returncode != 0:
        print("the figures from Rust are left out", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory() as folder:
        _write(general, plain, Path(folder))
        program = CRATE / "target/release/pricing-benchmark"
        done = subprocess.run([program, folder], check=True, capture_output=True, text=True)
    ns: dict[str, float] = json.loads(done.stdout)
    return [
        _rate("from Rust: general tariffs", ns["general_price_ns"]),
        _rate("from Rust: unconditional tariffs", ns["plain_price_ns"]),
        _rate("from Rust: general tariffs, summed by day", ns["general_aggregate_ns"]),
        _rate("from Rust: JSON lines", ns["lines_ns"]),
        Figure("from Rust: explain one CDR, JSON in and out", ns["explain_ns"] / 1_000, "us"),
    ]


def _rate(name: str, ns: float) -> Figure:
    return Figure(f"{name}, one core", 1e9 / ns, "CDR/s")


def _write(general: Data, plain: Data, folder: Path) -> None:
    write(general, folder / "general")
    write(plain, folder / "plain")
    lines = cdr_lines(general, LINES)
    (folder / "general/lines").write_text("\n".join(lines))
    (folder / "general/cdr.json").write_text(lines[0])
    tariff = json.loads(general.tariffs)[general.sessions["tariff"][0]]
    (folder / "general/tariff.json").write_text(json.dumps(tariff))
