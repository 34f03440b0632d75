"""An engine serves until it is told to stop, or until one of its workers ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.bootstrap import Engine, build
from engine.kernel.clock import SystemClock
from engine.kernel.ids import RandomIds
from engine.prepare import prepare
from engine.settings import Flags, read


async def built(data: Path) -> Engine:
    settings = read(Flags(data=str(data), listen="127.0.0.1:0"), {})
    await prepare(settings, SystemClock(), RandomIds())
    return await build(settings)


async def test_stops_when_it_is_told(tmp_path: Path) -> None:
    engine, stopping = await built(tmp_path), asyncio.Event()
    await engine.start()
    stopping.set()
    await engine.serve_until(stopping)
    await engine.stop()


async def test_does_not_go_on_without_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> None:
        raise ValueError("out of order")

    monkeypatch.setattr("engine.events.follower.Follower.run", fail)
    engine = await built(tmp_path)
    await engine.start()
    with pytest.raises(RuntimeError) as failed:
        await engine.serve_until(asyncio.Event())
    assert isinstance(failed.value.__cause__, ValueError)
    await engine.stop()
