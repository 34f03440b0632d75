"""One engine at a time on an SQLite file."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.db.claim import claim
from engine.kernel.errors import StateConflict, StoreUnavailable
from tests.harness.process import Process, python_module


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'interwatt.db'}"


async def _hold(url: str, stopping: asyncio.Event) -> bool:
    async with claim(url, stopping) as ours:
        return ours


async def test_second_engine_is_refused_with_what_to_do(url: str) -> None:
    async with claim(url, asyncio.Event()) as ours:
        assert ours
        with pytest.raises(StateConflict, match="Stop it first; several engines need PostgreSQL"):
            async with claim(url, asyncio.Event(), patience_s=0):
                pass


async def test_it_waits_for_one_that_is_stopping(url: str) -> None:
    async with claim(url, asyncio.Event()):
        next_one = asyncio.create_task(_hold(url, asyncio.Event()))
        await asyncio.sleep(0.2)
        assert not next_one.done()
    assert await asyncio.wait_for(next_one, 5)


async def test_one_that_is_told_to_stop_waits_no_more(url: str) -> None:
    stopping = asyncio.Event()
    async with claim(url, asyncio.Event()):
        next_one = asyncio.create_task(_hold(url, stopping))
        await asyncio.sleep(0.05)
        stopping.set()
        assert not await asyncio.wait_for(next_one, 5)


async def test_the_same_file_by_another_name_is_the_same(tmp_path: Path, url: str) -> None:
    (tmp_path / "elsewhere").symlink_to(tmp_path)
    other = f"sqlite:///{tmp_path / 'elsewhere' / 'interwatt.db'}"
    async with claim(url, asyncio.Event()):
        with pytest.raises(StateConflict):
            async with claim(other, asyncio.Event(), patience_s=0):
                pass


async def test_only_the_owner_may_hold_it(tmp_path: Path, url: str) -> None:
    async with claim(url, asyncio.Event()):
        assert (tmp_path / "interwatt.db.lock").stat().st_mode & 0o777 == 0o600


async def test_one_that_ended_holds_nothing(url: str) -> None:
    for _ in range(2):
        async with claim(url, asyncio.Event(), patience_s=0):
            pass


async def test_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="No such file or directory"):
        async with claim(f"sqlite:///{tmp_path / 'absent' / 'interwatt.db'}", asyncio.Event()):
            pass


async def test_postgresql_serves_any_number() -> None:
    url = "postgresql://db/interwatt"
    async with claim(url, asyncio.Event()) as first, claim(url, asyncio.Event()) as second:
        assert first
        assert second


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Process]]:
    started: list[Process] = []

    def start(name: str) -> Process:
        flags = ("--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0")
        process = Process(name, python_module("engine", *flags), tmp_path)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()


def test_an_engine_that_waits_stops_when_it_is_told_to(start: Callable[[str], Process]) -> None:
    start("first").wait_ready()
    second = start("second")
    until = time.monotonic() + 20
    while not (second.log.exists() and "claim.waits" in second.log.read_text()):
        assert time.monotonic() < until, second.tail()
        time.sleep(0.05)
    second.stop()
    assert list(second.lines()) == []  # it never was ready


def test_one_that_was_killed_makes_room_at_once(start: Callable[[str], Process]) -> None:
    first = start("first")
    first.wait_ready()
    first.kill()
    start("second").wait_ready()
