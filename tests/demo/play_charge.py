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
from typing import Any

from tests.demo.charge_plan import yesterday_evening
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
    plan = yesterday_evening()
    await station.boot()
    if await station.authorize(card) != "Accepted":
        raise StationError(f"The card {card} was refused.")
    await station.status("Preparing", plan.started_at)
    await station.start(card, plan)
    await station.status("Charging", plan.started_at)
    for sample in plan.samples():
        await asyncio.sleep(pause)
        await station.sample(sample)
        if sample.at == plan.suspended_at:
            await station.status("SuspendedEV", sample.at)
    await asyncio.sleep(pause)
    await station.stop(card, plan)
    await station.status("Finishing", plan.stopped_at)
    await station.status("Available", plan.stopped_at)
    await station.close()


def _say(event: str, **facts: Any) -> None:
    print(json.dumps({"event": event, **facts}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
