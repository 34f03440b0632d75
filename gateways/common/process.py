"""The life of a gateway process: start, say so, serve, stop gracefully.

A supervisor or a test waits for one JSON line on standard output,
`{"event":"ready","listen":"127.0.0.1:9000"}`. SIGTERM and SIGINT ask for a graceful stop; a second
one ends the process at once.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable

import uvloop

EXIT_FINE = 0
EXIT_BAD_INPUT = 2

Main = Callable[[asyncio.Event], Awaitable[None]]


class BadInput(Exception):
    """What was asked for cannot be done; its text is one line for the person who asked."""


def run(main: Main, *, name: str) -> int:
    """Run `main` until it returns; the event it is given asks it to. Answer with the exit code."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(main))
    except BadInput as error:
        print(f"{name}: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 128 + signal.SIGINT
    return EXIT_FINE


def announce_ready(**facts: str | int) -> None:
    """Tell whoever started this process that it serves, and where."""
    print(json.dumps({"event": "ready", **facts}, separators=(",", ":")), flush=True)


async def _serve(main: Main) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def stop() -> None:
        if stopping.is_set():
            task.cancel()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await main(stopping)
