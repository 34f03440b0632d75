"""Following a stream of the engine for ever: when it ends, again after a pause."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import TypeVar

import structlog

from gateways.common.errors import EngineError, EngineUnavailable

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0

T = TypeVar("T")

log = structlog.get_logger(__name__)


async def follow(open_stream: Callable[[], AsyncIterable[T]], *, name: str) -> AsyncIterator[T]:
    """Yield what the stream gives, opening it again whenever it ends.

    The pauses between grow until it gives something.
    """
    pause = FIRST_PAUSE
    while True:
        try:
            async for message in open_stream():
                pause = FIRST_PAUSE
                yield message
            reason = "it ended"
        except (EngineError, EngineUnavailable) as error:
            reason = error.message
        log.info("stream.broke", stream=name, reason=reason, pause=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
