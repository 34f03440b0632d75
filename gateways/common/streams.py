"""Following a stream of the engine for ever: when it ends, again after a pause."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import TypeVar

import structlog

from gateways.common.errors import EngineError, EngineUnavailable

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0

T = TypeVar("T")

_LOG = structlog.get_logger()


async def follow(open_stream: Callable[[], AsyncIterable[T]], *, name: str) -> AsyncIterator[T]:
    """Yield what the stream gives, opening it again whenever it ends.

    The pauses between grow until it gives something, or lasts.
    """
    clock = asyncio.get_running_loop().time
    pause = FIRST_PAUSE
    while True:
        began = clock()
        try:
            async for message in open_stream():
                pause = FIRST_PAUSE
                yield message
            reason = "The engine ended the stream."
        except (EngineError, EngineUnavailable) as error:
            reason = error.message
        if clock() - began > LONGEST_PAUSE:
            pause = FIRST_PAUSE
        _LOG.info("stream.broke", stream=name, reason=reason, again_in=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
