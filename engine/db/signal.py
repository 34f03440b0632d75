"""A wake-up: never the news itself, only that there is some."""

from __future__ import annotations

import asyncio


class Signal:
    """Wakes all who wait. One event loop; `set` from another thread goes through
    `call_soon_threadsafe`."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    def set(self) -> None:
        """Wake everyone who waits now."""
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            _wake(waiter)

    def subscribe(self) -> asyncio.Future[None]:
        """Return what the next `set` completes. Take it before looking, or the news between is
        missed."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        return waiter

    async def wait(self, waiter: asyncio.Future[None], *, timeout_s: float) -> None:
        """Wait for `waiter`, at most `timeout_s`: a lost wake-up costs a delay, never the news."""
        alarm = asyncio.get_running_loop().call_later(timeout_s, _wake, waiter)
        try:
            await waiter
        finally:
            alarm.cancel()
            self._waiters.discard(waiter)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
