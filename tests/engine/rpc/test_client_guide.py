"""The guide for services of one's own works as it stands."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from interwatt.commands.v1.command_pb2 import Command

from tests.engine.rpc.requests import at
from tests.engine.rpc.running import Caller, running

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "proto" / "CLIENTS.md"
GATEWAY = "gateway-1"


def code() -> str:
    [block] = re.findall(r"^ *```python\n(.*?)^ *```$", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    return textwrap.dedent(block)


async def set_up(admin: Caller) -> None:
    station = {"id": "CP1", "settings": {"security_profile": 0}}
    await admin.call("PutStation", {"request_id": "s", "station": station})
    token = {
        "owner": {"country_code": "NL", "party_id": "IWT"},
        "uid": "04A1B2C3",
        "type": "TOKEN_TYPE_RFID",
        "contract_id": "NL-IWT-C00000001-X",
        "issuer": "Interwatt",
        "valid": True,
        "whitelist": "WHITELIST_ALWAYS",
        "last_updated": at("2026-11-21T10:00:00Z"),
    }
    await admin.call("PutTokens", {"items": [{"request_id": "t", "token": token}]})
    connect = {"request_id": "c", "station_id": "CP1", "gateway_id": GATEWAY}
    answer = await admin.call("ConnectStations", {"items": [connect]})
    assert answer.outcomes[0].station.generation, answer


async def carry_out(gateway: Caller) -> None:
    """Be the gateway of the station: start what is asked for."""
    async for response in gateway.stream("StreamCommands", {"gateway_id": GATEWAY}, timeout_s=60):
        command: Command = response.command
        item = {
            "request_id": f"start-{command.id}",
            "station_id": "CP1",
            "connector_number": 1,
            "token_uid": command.start_charge.id_tag,
            "started_at": at("2026-11-21T10:00:00Z"),
        }
        await gateway.call("StartSessions", {"items": [item]})


@asynccontextmanager
async def in_background(work: Any) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_the_code_of_the_guide_starts_a_session_and_sees_it(
    tmp_path: Path, database_url: str
) -> None:
    async with running(tmp_path, database_url) as engine:
        await set_up(engine.admin)
        made = await engine.admin.call(
            "CreateCaller", {"name": "app", "role": "CALLER_ROLE_SERVICE"}
        )
        async with in_background(carry_out(engine.admin)):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", code()),
                env={
                    "ENGINE": engine.address,
                    "KEY": made.key,
                    "PYTHONPATH": str(ROOT / "proto" / "gen"),
                    "PATH": os.environ["PATH"],
                },
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            assert process.stdout is not None
            assert process.stderr is not None
            try:
                async with asyncio.timeout(30):
                    line = (await process.stdout.readline()).decode()
                assert "session.started session/NL-IWT/" in line, await process.stderr.read()
            finally:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.communicate()


def test_the_code_of_the_guide_is_ten_statements_at_most() -> None:
    assert sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(code()))) <= 10
