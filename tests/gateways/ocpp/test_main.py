"""The gateway as a process."""

import asyncio
import json
import signal
import socket
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
import structlog
from websockets.asyncio.client import connect

from gateways.ocpp.__main__ import main
from tests.fakes.engine_for_stations import KEY, EngineForStations

COMMAND = (sys.executable, "-m", "gateways.ocpp")


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(*COMMAND, *arguments, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    async with asyncio.timeout(10):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_it_says_where_it_serves_and_stops_when_told(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(KEY + "\n")
    async with EngineForStations() as fake:
        fake.add_station("CP1")
        arguments = ("--engine", fake.address, "--key-file", str(key), "--listen", "127.0.0.1:0")
        async with running(*arguments, "--metrics", "127.0.0.1:0") as process:
            assert process.stdout is not None
            async with asyncio.timeout(10):
                ready = json.loads(await process.stdout.readline())
            assert ready["event"] == "ready"
            async with connect(
                f"ws://{ready['listen']}/ocpp/CP1",
                subprotocols=["ocpp1.6"],  # type: ignore[list-item]
            ) as station:
                await station.send('[2,"1","Heartbeat",{}]')
                assert json.loads(await station.recv())[:2] == [3, "1"]
                shown = await asyncio.to_thread(
                    lambda: urlopen(f"http://{ready['metrics']}/metrics").read().decode()
                )
                assert 'ocpp_connections{subprotocol="ocpp1.6"} 1.0' in shown
                process.send_signal(signal.SIGTERM)
                await station.wait_closed()
                assert station.close_code == 1012
            code, _, err = await ended(process)
            assert code == 0
            assert "Traceback" not in err
            assert all(json.loads(line)["event"] for line in err.splitlines())
        assert not fake.stations["CP1"].station.online


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    for word in ("/ocpp/<station id>", "--engine", "INTERWATT_KEY_FILE", "example:"):
        assert word in out


def test_bad_settings_are_one_line_and_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--key-file", "/nowhere"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "/nowhere" in told.err


def test_a_port_that_is_taken_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert main(["--key", "k", "--listen", address]) == 2
    told = capsys.readouterr()
    assert f"Cannot listen on {address}" in told.err
    assert "Traceback" not in told.err
