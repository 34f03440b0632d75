"""Run Sunrise: `python -m tests.demo.partner --listen 127.0.0.1:0 --control 127.0.0.1:0`.

Prints one JSON line when it serves: {"event": "ready", "listen": ..., "control": ...}.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal

from aiohttp import ClientSession, ClientTimeout, web

from tests.demo.partner.control import control_app
from tests.demo.partner.server import ocpi_app
from tests.demo.partner.state import Sunrise

CALL_SECONDS = 10.0


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo.partner", description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1:0", help="address of its OCPI side")
    parser.add_argument("--control", default="127.0.0.1:0", help="address of its private side")
    options = parser.parse_args()
    asyncio.run(serve(options.listen, options.control))


async def serve(listen: str, control: str) -> None:
    """Serve both sides and print where."""
    async with ClientSession(timeout=ClientTimeout(total=CALL_SECONDS)) as http:
        sunrise = Sunrise(http=http)
        listen_at, ocpi = await _serve(ocpi_app(sunrise), listen)
        sunrise.base_url = f"http://{listen_at}/ocpi"
        control_at, private = await _serve(control_app(sunrise), control)
        ready = {"event": "ready", "listen": listen_at, "control": control_at}
        print(json.dumps(ready), flush=True)
        await _signal_to_stop()
        await sunrise.stop()
        await private.cleanup()
        await ocpi.cleanup()


async def _serve(app: web.Application, address: str) -> tuple[str, web.AppRunner]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    host, _, port = address.rpartition(":")
    site = web.TCPSite(runner, host, int(port))
    await site.start()
    bound = runner.addresses[0]
    return f"{bound[0]}:{bound[1]}", runner


async def _signal_to_stop() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


if __name__ == "__main__":
    main()
