"""`python -m benchmarks NAME`: run one benchmark, print it, write benchmarks/out/NAME.json.

A benchmark is a module or package of this folder with `measure(arguments) -> list[Figure]`.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from benchmarks.figures import report

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    names = sorted(
        path.stem
        for path in HERE.iterdir()
        if path.stem not in ("__init__", "__main__", "figures", "out", "README")
        and not path.name.startswith((".", "__"))
    )
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=names)
    parser.add_argument(
        "options", nargs=argparse.REMAINDER, help="see: python -m benchmarks NAME --help"
    )
    chosen = parser.parse_args(arguments)
    benchmark = importlib.import_module(f"benchmarks.{chosen.name}")
    report(chosen.name, benchmark.measure(chosen.options), HERE / "out")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
