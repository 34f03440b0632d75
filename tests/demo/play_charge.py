"""Run the demo's station as a process: `python -m tests.demo.play_charge --url ... CARD`.

Prints one JSON line for each thing it does, so that the narrator can tell it. The password is read
from the environment variable STATION_PASSWORD.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.demo.charge_plan import ChargePlan, Sample, yesterday_evening
from tests.demo.station import Station, StationError

PAUSE_SECONDS = 0.25


def main() -> int:
    """Play one charge; exit with 0 when every message was acknowledged."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo.play_charge", description=__doc__)
    parser.add_argument("--url", required=True, help="e.g. ws://127.0.0.1:9000/ocpp")
    parser.add_argument("--station", required=True, help="its identity")
    parser.add_argument("card", help="uid of the card that is held to the reader")
    options = parser.parse_args()
    password = os.environ.get("STATION_PASSWORD", "")
    station = Station(options.url, options.station, password, say=_say)
    try:
        asyncio.run(play(station, options.card))
    except StationError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def play(station: Station, card: str, pause: float = PAUSE_SECONDS) -> None:
    """Boot, charge for an hour of the station's own time, park, stop."""
    for step in steps(station, card, yesterday_evening()):
        await step.do()
        await asyncio.sleep(pause if step.ends_a_scene else 0)
    await station.close()


@dataclass(frozen=True, slots=True)
class Step:
    """One message of the charge, and whether a watcher may catch breath after it."""

    name: str
    do: Callable[[], Awaitable[None]]
    ends_a_scene: bool = False


def steps(station: Station, card: str, plan: ChargePlan) -> list[Step]:
    """List the messages of a charge in the order they are sent."""

    async def authorize() -> None:
        if (status := await station.authorize(card)) != "Accepted":
            raise StationError(f"The card {card} was refused: {status}.")

    def status(name: str, at: datetime) -> Step:
        return Step(name, lambda: station.status(name, at))

    def sample(number: int, what: Sample) -> Step:
        return Step(f"sample {number}", lambda: station.sample(what), ends_a_scene=True)

    samples = [sample(number, what) for number, what in enumerate(plan.samples(), start=1)]
    full = sum(1 for what in plan.samples() if what.at <= plan.suspended_at)
    return [
        Step("boot", lambda: station.boot(plan.started_at)),
        Step("authorize", authorize),
        status("Preparing", plan.started_at),
        Step("start", lambda: station.start(card, plan)),
        status("Charging", plan.started_at),
        *samples[:full],
        status("SuspendedEV", plan.suspended_at),
        *samples[full:],
        Step("stop", lambda: station.stop(card, plan)),
        status("Finishing", plan.stopped_at),
        status("Available", plan.stopped_at),
    ]


def _say(event: str, **facts: Any) -> None:
    print(json.dumps({"event": event, "at_s": time.time(), **facts}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
