"""`python -m tests.crash --kills 200 [--seed N]`: exits with 0 when nothing was lost or doubled."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random, SystemRandom

from tests.crash.run import run
from tests.harness.platform import Platform


def main() -> int:
    """Run it in a temporary folder and print what was checked."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many (default 200)")
    parser.add_argument("--seed", type=int, help="repeat an earlier run as far as timing allows")
    options = parser.parse_args()
    seed = SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"seed: {seed}")
    with (
        tempfile.TemporaryDirectory(prefix="interwatt-crash-") as folder,
        Platform.running(Path(folder)) as platform,
    ):
        platform.operator.set_up()
        platform.register_partner()
        tally = run(platform, kills=options.kills, random=Random(seed), tell=print)
    print("\n".join(tally.lines()))
    return 1 if tally.problems else 0


if __name__ == "__main__":
    sys.exit(main())
