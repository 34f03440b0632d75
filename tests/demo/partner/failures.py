"""Make Sunrise fail on demand, as partners do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import web


class Mode(StrEnum):
    """A way to fail."""

    DOWN = "down"  # the connection breaks before anything is read
    HOLD = "hold"  # nothing happens until the failure is called off, then the work is done
    ERROR = "error"  # HTTP 500 without an envelope
    LOSE_ANSWER = "lose_answer"  # the work is done, then the connection breaks


@dataclass(slots=True)
class Failures:
    """Which modules fail, how, and how many more times; "*" stands for all modules."""

    _planned: dict[str, tuple[Mode, int | None]] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def plan(self, module: str, mode: Mode | None, times: int | None) -> None:
        """Fail from now on, or only so many times; with mode None work again."""
        if mode is None:
            self._planned.pop(module, None)
            self._released.set()
            self._released = asyncio.Event()
        else:
            self._planned[module] = (mode, times)

    def next(self, module: str) -> Mode | None:
        """Return how the present call fails, and count it."""
        key = module if module in self._planned else "*"
        if key not in self._planned:
            return None
        mode, times = self._planned[key]
        self._seen[module] = self._seen.get(module, 0) + 1
        if times is not None:
            if times <= 1:
                del self._planned[key]
            else:
                self._planned[key] = (mode, times - 1)
        return mode

    async def released(self) -> None:
        """Wait until a failure is called off."""
        await self._released.wait()

    @property
    def seen(self) -> dict[str, int]:
        """How many calls of each module have failed."""
        return dict(self._seen)


async def before(
    failures: Failures, mode: Mode | None, request: web.Request
) -> web.StreamResponse | None:
    """Fail before the work, if that is the mode."""
    if mode is Mode.DOWN:
        return break_connection(request)
    if mode is Mode.ERROR:
        return web.Response(status=500, text="Internal Server Error")
    if mode is Mode.HOLD:
        await failures.released()
    return None


def break_connection(request: web.Request) -> web.StreamResponse:
    """Drop the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
