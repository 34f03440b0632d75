"""Play one roaming charge in each direction, from nothing, and print who owes whom: `make demo`.

Engine, OCPP gateway, OCPI gateway, the partner platform and the charging station are processes of
their own, in a temporary folder, on loopback. Exits with 0 only when everything told was observed.
"""

from __future__ import annotations

import re
import shutil
import signal
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from types import FrameType

import grpc
import httpx
from rich.console import Console

from tests.demo import story
from tests.demo.explanation import explain
from tests.demo.narrator import DemoError, Narrator
from tests.demo.statement import print_statement
from tests.harness.platform import Platform
from tests.harness.process import ProcessError

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130
LONGEST_LINE = 400
ODD = re.compile(r'"level": ?"(warning|error)"|Traceback|Error')
FAILURES = (DemoError, AssertionError, grpc.RpcError, httpx.HTTPError)
ENDING = (signal.SIGINT, signal.SIGTERM)


def main() -> int:
    """Play the demo and clean up, whatever happens."""
    for number in ENDING:
        signal.signal(number, _interrupt)
    console = Console(soft_wrap=True)
    folder = Path(tempfile.mkdtemp(prefix="interwatt-demo-"))
    try:
        play(console, folder)
    except KeyboardInterrupt:
        console.print("\nInterrupted; everything is stopped.")
        code = EXIT_INTERRUPTED
    except (*FAILURES, ProcessError) as error:
        console.print(f"\nThe demo failed: {_sentence(error)}", style="red", markup=False)
        console.print(f"All logs are in {folder / 'logs'}.", markup=False)
        return EXIT_FAILED
    else:
        code = 0
    shutil.rmtree(folder, ignore_errors=True)
    return code


def play(console: Console, folder: Path) -> None:
    """Start the platform, play all chapters, print the statement, stop the platform."""
    began = time.monotonic()
    console.print("Starting the engine on SQLite, two gateways and Sunrise's platform ...")
    with Platform.running(folder) as platform:
        narrator = Narrator(console, platform)
        try:
            password = story.set_up(platform, narrator)
            story.shake_hands(platform, narrator)
            story.charge_at_our_station(platform, narrator, password=password, folder=folder)
            story.charge_at_sunrise(platform, narrator)
            statement = story.settle(platform, narrator)
            print_statement(console, statement, partial(explain, platform))
        except FAILURES as error:
            raise DemoError(f"{_died(platform)}{_sentence(error)}\n{_tails(platform)}") from error
    console.print(f"\nAll of it was seen to happen, in {time.monotonic() - began:.0f} s.")


def _sentence(error: BaseException) -> str:
    if isinstance(error, grpc.Call):
        return f"The engine answered {error.code().name}: {error.details()}"
    return str(error)


def _died(platform: Platform) -> str:
    dead = [process.name for process in platform.processes if process.pid is None]
    return f"These processes ended on the way: {', '.join(dead)}. " if dead else ""


def _tails(platform: Platform) -> str:
    """Return the ends of those logs that have something odd, each line cut to the terminal."""
    return "\n".join(
        line[:LONGEST_LINE]
        for process in platform.processes
        for line in process.tail().splitlines()
        if ODD.search(line)
    )


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End the play; while it cleans up, further signals are not heard."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
