"""What a benchmark reports: figures, each beside the floor it is measured against."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    Attributes:
        floor: the value of the floor or peer in the same run; nothing where there is none.
        ratio: `value / floor`.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None


def machine() -> str:
    """Return what ran the benchmark, in a line."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    return f"{os.cpu_count()} x {model}, Python {platform.python_version()}, {platform.system()}"


def report(name: str, figures: Sequence[Figure], out: Path) -> None:
    """Print the figures and write them to `out/NAME.json`."""
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        ratio = f"  {figure.ratio:7.2f} x floor" if figure.ratio is not None else ""
        print(f"{figure.name:<{width}}  {figure.value:>14,.2f} {figure.unit}{ratio}")
    out.mkdir(exist_ok=True)
    path = out / f"{name}.json"
    body = {
        "machine": machine(),
        "command": f"make bench NAME={name}",
        "figures": [{**asdict(figure), "ratio": figure.ratio} for figure in figures],
    }
    path.write_text(json.dumps(body, indent=2) + "\n")
    print(f"written to {path}", file=sys.stderr)
