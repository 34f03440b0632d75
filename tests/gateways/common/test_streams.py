"""A stream that breaks is opened again, after pauses that grow and start over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from types import SimpleNamespace

import pytest

from gateways.common import streams
from gateways.common.errors import EngineUnavailable


class Time:
    """A clock that only pauses and streams move."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    fake = SimpleNamespace(sleep=time.sleep, get_running_loop=lambda: time)
    monkeypatch.setattr(streams, "asyncio", fake)
    return time


async def first_message(time: Time, broken: list[float]) -> str:
    """Follow a stream that breaks after each of so many seconds, and then gives a message."""

    async def open_stream() -> AsyncIterator[str]:
        if not broken:
            yield "there"
            return
        time.now += broken.pop(0)
        raise EngineUnavailable("away")

    async with aclosing(streams.follow(open_stream, name="commands")) as messages:
        return await anext(messages)


async def test_pauses_grow_while_it_breaks(time: Time) -> None:
    assert await first_message(time, [0.0] * 8) == "there"
    assert time.pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


async def test_pauses_start_over_when_it_lasted(time: Time) -> None:
    await first_message(time, [0.0, 0.0, 60.0, 0.0])
    assert time.pauses == [0.1, 0.2, 0.1, 0.2]


async def test_pauses_start_over_when_it_gave_something(time: Time) -> None:
    opened = 0

    async def open_stream() -> AsyncIterator[int]:
        nonlocal opened
        opened += 1
        if opened % 3 == 0:
            yield opened

    async with aclosing(streams.follow(open_stream, name="commands")) as messages:
        assert [await anext(messages), await anext(messages)] == [3, 6]
    assert time.pauses == [0.1, 0.2, 0.1, 0.2, 0.4]
