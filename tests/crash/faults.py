"""Faults beside kills: a full disk, and a database that is not there for a while.

Both must be said clearly, change nothing, and pass by themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc
import psutil

from tests.crash.journal import Journal
from tests.crash.targets import EngineProcess
from tests.engine.postgres_server import PostgresServer
from tests.engine.rpc.running import Caller, Failure, failure

RECOVERS_SECONDS = 30.0
_POLL_SECONDS = 0.1


async def disk_full(engine: EngineProcess, journal: Journal, lasts_s: float) -> None:
    """Let no file of the engine grow for a while, its log included: the next write fails."""
    pid = engine.process.pid
    assert pid is not None
    process = psutil.Process(pid)
    before = process.rlimit(psutil.RLIMIT_FSIZE)
    async with _caller(engine) as caller:
        process.rlimit(psutil.RLIMIT_FSIZE, (1, before[1]))
        try:
            await _expect_refusal(caller, "disk full", journal)
            await _expect_reads(caller, "disk full", journal)
            await asyncio.sleep(lasts_s)
        finally:
            process.rlimit(psutil.RLIMIT_FSIZE, before)
        await _expect_recovery(caller, "disk full", journal)
    journal.equal("engine after the disk was full", engine.process.pid, pid)
    journal.counts["disk full"] += 1


async def database_away(
    engine: EngineProcess, server: PostgresServer, journal: Journal, lasts_s: float
) -> None:
    """Stop PostgreSQL for a while."""
    pid = engine.process.pid
    async with _caller(engine) as caller:
        await asyncio.to_thread(server.control, "-m", "fast", "stop")
        try:
            await _expect_refusal(caller, "database away", journal)
            await asyncio.sleep(lasts_s)
            await _expect_refusal(caller, "database away", journal)
        finally:
            await asyncio.to_thread(server.start)
        await _expect_recovery(caller, "database away", journal)
    journal.equal("engine after the database was away", engine.process.pid, pid)
    journal.counts["database away"] += 1


@contextlib.asynccontextmanager
async def _caller(engine: EngineProcess) -> AsyncIterator[Caller]:
    async with grpc.aio.insecure_channel(engine.address) as channel:
        await asyncio.wait_for(channel.channel_ready(), RECOVERS_SECONDS)
        yield Caller(channel, engine.key)


async def _expect_refusal(caller: Caller, when: str, journal: Journal) -> None:
    """Write until it is refused: what was under way when the fault came may still succeed."""
    deadline = time.monotonic() + RECOVERS_SECONDS
    while time.monotonic() < deadline:
        refused = await _probe(caller)
        if refused is not None:
            journal.equal(
                f"{when}: status",
                (refused.code, refused.reason),
                (grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE"),
            )
            return
        await asyncio.sleep(_POLL_SECONDS)
    journal.problem(f"{when}: writes went on")


async def _expect_reads(caller: Caller, when: str, journal: Journal) -> None:
    try:
        await caller.call("ListStations", {"page_size": 1}, timeout_s=RECOVERS_SECONDS)
    except grpc.aio.AioRpcError as error:
        journal.problem(f"{when}: cannot be read: {failure(error)}")


async def _expect_recovery(caller: Caller, when: str, journal: Journal) -> None:
    deadline = time.monotonic() + RECOVERS_SECONDS
    while (refused := await _probe(caller)) is not None:
        if time.monotonic() > deadline:
            journal.problem(f"{when}: still refused after {RECOVERS_SECONDS:g} s: {refused}")
            return
        await asyncio.sleep(_POLL_SECONDS)


async def _probe(caller: Caller) -> Failure | None:
    """Write something small; returns how it failed."""
    request: dict[str, Any] = {"request_id": f"probe-{time.monotonic_ns()}"}
    station = {"id": "PROBE", "settings": {"security_profile": 0}}
    try:
        await caller.call("PutStation", request | {"station": station}, timeout_s=RECOVERS_SECONDS)
    except grpc.aio.AioRpcError as error:
        return failure(error)
    return None
