"""`python -m gateways.ocpi` as somebody starts it."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import orjson

from tests.fakes.engine_for_partners import EngineForPartners
from tests.gateways.ocpi.conftest import Got


@asynccontextmanager
async def started(*flags: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start it; whatever happens, it does not outlive the test."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateways.ocpi",
        *flags,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(30):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def test_it_says_where_it_listens_serves_and_stops_when_asked(
    engine: EngineForPartners, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("secret\n")
    flags = ("--engine", engine.address, "--key-file", str(key), "--listen", "127.0.0.1:0")
    engine.register("p", token="a-token-of-ours")
    async with started(*flags) as process, httpx.AsyncClient(trust_env=False) as client:
        assert process.stdout is not None
        ready = orjson.loads(await process.stdout.readline())
        assert ready["event"] == "ready"
        assert ready["versions"] == f"http://{ready['listen']}/ocpi/versions"
        nobody = Got(await client.get(ready["versions"]))
        headers = {"Authorization": "Token a-token-of-ours"}
        somebody = Got(await client.get(ready["versions"], headers=headers))
        process.send_signal(signal.SIGTERM)
        _, log = await process.communicate()
    assert (nobody.http, somebody.outcome) == (401, (200, 1000))
    assert somebody.data[0]["url"] == f"http://{ready['listen']}/ocpi/2.2.1"
    assert process.returncode == 0
    assert b"Traceback" not in log


async def test_bad_settings_are_one_line_and_exit_code_2(tmp_path: Path) -> None:
    async with started("--key-file", str(tmp_path / "none")) as process:
        _, told = await process.communicate()
    assert process.returncode == 2
    assert len(told.splitlines()) == 1
