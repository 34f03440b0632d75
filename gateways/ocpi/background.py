"""Work beside the answers: what goes on for ever, and what is finished before the end."""

import asyncio
from collections.abc import Coroutine
from typing import Self

import structlog

log = structlog.get_logger(__name__)


GRACE_SECONDS = 3.0


class Background:
    """Tasks that nobody awaits; what one raises is logged.

    At the end what goes on for ever is stopped, and the rest has `grace` seconds to finish.
    """

    def __init__(self, *, grace: float = GRACE_SECONDS) -> None:
        self._grace = grace
        self._for_ever: set[asyncio.Task[None]] = set()
        self._to_finish: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await _cancel(self._for_ever)
        if self._to_finish:
            await asyncio.wait(self._to_finish, timeout=self._grace)
        await _cancel(self._to_finish)

    def start(self, work: Coroutine[None, None, None], *, name: str) -> None:
        """Run this to its end."""
        self._run(work, name, self._to_finish)

    def keep(self, work: Coroutine[None, None, None], *, name: str) -> None:
        """Run this for as long as the process."""
        self._run(work, name, self._for_ever)

    def _run(
        self,
        work: Coroutine[None, None, None],
        name: str,
        tasks: set[asyncio.Task[None]],
    ) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(_log_failure)


async def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("work.failed", work=task.get_name(), exc_info=error)
