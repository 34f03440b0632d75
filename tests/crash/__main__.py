"""`python -m tests.crash --kills 200 [--seed N]`: exits with 0 when nothing was lost or doubled."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random, SystemRandom

from tests.crash import stations, variants
from tests.crash.variants import VARIANTS, Outcome
from tests.harness.platform import Platform

STATIONS = "stations"


def main() -> int:
    """Run each variant in a temporary folder and print what was checked."""
    options = _parser().parse_args()
    seed = SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"seed: {seed}", flush=True)
    began = time.monotonic()
    kills = shares(options.kills, options.only)
    outcomes = []
    for name, count in kills.items():
        if not count:
            continue
        with tempfile.TemporaryDirectory(prefix="iwt-crash-") as temporary:
            folder = Path(options.keep or temporary) / name
            folder.mkdir(parents=True)
            try:
                outcomes.append(_play(name, folder, count, seed))
            except Exception as error:  # the others run all the same
                traceback.print_exc()
                outcomes.append(Outcome(name, problems=[f"The run itself failed: {error!r}"]))
        print("\n".join(outcomes[-1].lines()), flush=True)
    killed = sum(sum(outcome.kills.values()) for outcome in outcomes)
    print(f"{killed} kills in {time.monotonic() - began:.0f} s")
    failed = [outcome.variant for outcome in outcomes if outcome.problems]
    for name in failed:
        print(f"again: python -m tests.crash --kills {kills[name]} --seed {seed} --only {name}")
    return 1 if failed else 0


def shares(kills: int, only: str | None) -> dict[str, int]:
    """Share out the kills; the station-level run takes what is left."""
    if only is not None:
        return {only: kills}
    shared = {variant.name: int(kills * variant.share) for variant in VARIANTS}
    return shared | {STATIONS: kills - sum(shared.values())}


def _play(name: str, folder: Path, kills: int, seed: int) -> Outcome:
    if name == STATIONS:
        return _play_stations(folder, kills, seed)
    [variant] = [variant for variant in VARIANTS if variant.name == name]
    return asyncio.run(variants.play(variant, folder, kills=kills, seed=seed, tell=_tell))


def _play_stations(folder: Path, kills: int, seed: int) -> Outcome:
    with Platform.running(folder) as platform:
        platform.operator.set_up()
        platform.register_partner()
        tally = stations.run(platform, kills=kills, random=Random(seed), tell=_tell)
    return Outcome(
        STATIONS,
        kills=tally.kills,
        checked=tally.checked(),
        problems=tally.problems,
    )


def _tell(text: str) -> None:
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    names = [variant.name for variant in VARIANTS] + [STATIONS]
    parser.add_argument("--kills", type=int, default=200, help="how many (default 200)")
    parser.add_argument("--seed", type=int, help="repeat an earlier run as far as timing allows")
    parser.add_argument("--keep", metavar="DIR", help="keep journal and logs there")
    parser.add_argument("--only", choices=names, help="one arrangement of processes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
