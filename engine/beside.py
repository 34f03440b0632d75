"""Looking for followers in a process of its own: billing takes no time from the calls.

`Beside` starts `python -m engine.beside` and asks it over its standard input and output; only the
engine itself writes to the store. Frames are four bytes of length and MessagePack. The process
ends with its input, so it never outlives the engine; when it ends before, it is started again.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, BinaryIO

import msgspec
import structlog
import uvloop

from engine import interpreter, logs
from engine.cdrs import issue, judge
from engine.cdrs.model import Cdr
from engine.db.connect import connect
from engine.db.port import Database
from engine.deliveries import service as deliveries
from engine.deliveries.model import Delivery
from engine.events.feed import EventFeed
from engine.events.look import Found, Looking, Task
from engine.events.model import Filter
from engine.kernel.clock import SystemClock
from engine.kernel.errors import EngineError, StoreUnavailable
from engine.settlement import poster
from engine.tariffs.pricing import Pricer

_LOG = structlog.get_logger()
_NEWS_APART_S = 0.025
_LOOK_S = 1.0
_LOOK_EVENTS = 10_000
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_ENDED = "The process that looks at events ended."
_NOTHING = msgspec.Raw(msgspec.msgpack.encode([]))


def tasks(database: Database, pricer: Pricer) -> list[Task]:
    """Return what the followers of the engine look for."""
    return [
        Task(
            "deliveries",
            deliveries.FOLLOWS,
            deliveries.DeliveriesService(database).prepare,
            Delivery,
        ),
        Task("session-decisions", Filter(("authorization.decided",))),
        Task("cdr-issuer", issue.FOLLOWS, issue.Issuer(database, pricer).prepare, Cdr),
        Task("cdr-judge", judge.FOLLOWS),
        Task("ledger-poster", poster.FOLLOWS),
    ]


class _Start(msgspec.Struct, tag="start"):
    url: str
    log_level: str


class _Ask(msgspec.Struct, tag="ask"):
    id: int
    name: str
    after: int


class _News(msgspec.Struct, tag="news"):
    pass


class _Answer(msgspec.Struct):
    id: int
    last: int = 0
    items: msgspec.Raw = _NOTHING
    more: bool = False
    unavailable: str = ""


class Beside:
    """Looks through the process beside the engine. `run` keeps that going."""

    def __init__(
        self, url: str, log_level: str, database: Database, tasks: Mapping[str, Task]
    ) -> None:
        self._start = _Start(url, log_level)
        self._database = database
        self._lists: Mapping[str, msgspec.msgpack.Decoder[list[Any]]] = {
            name: msgspec.msgpack.Decoder(list[task.item])  # type: ignore[name-defined]
            for name, task in tasks.items()
        }
        self._input: asyncio.StreamWriter | None = None
        self._up = asyncio.Event()
        self._ids = itertools.count(1)
        self._asked: dict[int, asyncio.Future[_Answer]] = {}

    async def look(self, name: str, after: int) -> Found:
        """Return what the process finds.

        Raises:
            StoreUnavailable: it cannot read the store, or it ended; it is started again.
        """
        await self._up.wait()
        id_ = next(self._ids)
        answered = self._asked[id_] = asyncio.get_running_loop().create_future()
        try:
            self._tell(_Ask(id_, name, after))
            answer = await answered
        finally:
            del self._asked[id_]
        if answer.unavailable:
            raise StoreUnavailable(answer.unavailable)
        return Found(answer.last, self._lists[name].decode(answer.items), answer.more)

    async def run(self) -> None:
        """Keep the process going until cancelled."""
        pause_s = _FIRST_PAUSE_S
        while True:
            began = asyncio.get_running_loop().time()
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "engine.beside", stdin=PIPE, stdout=PIPE
            )
            try:
                await self._converse(process)
            except StoreUnavailable:
                pass  # it ended before it was told anything
            except Exception:  # whatever it said: another process may say better
                _LOG.exception("beside.failed")
            finally:
                code = await _end(process)
            _LOG.warning("beside.ended", exit_code=code)
            if asyncio.get_running_loop().time() - began > _LONGEST_PAUSE_S:
                pause_s = _FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _converse(self, process: Process) -> None:
        """Take answers until there are no more."""
        assert process.stdin is not None
        assert process.stdout is not None
        self._input = process.stdin
        self._tell(self._start)
        self._up.set()
        news = asyncio.create_task(self._pass_on_news())
        decoder = msgspec.msgpack.Decoder(_Answer)
        try:
            while (frame := await _read(process.stdout)) is not None:
                answer = decoder.decode(frame)
                answered = self._asked.get(answer.id)
                if answered is not None and not answered.done():
                    answered.set_result(answer)
        finally:
            self._up.clear()
            news.cancel()
            for answered in self._asked.values():
                if not answered.done():
                    answered.set_exception(StoreUnavailable(_ENDED))

    async def _pass_on_news(self) -> None:
        """Wake the process after commits; not after each of many."""
        changed = self._database.changed
        waiter = changed.subscribe()
        while True:
            await waiter
            waiter = changed.subscribe()
            with suppress(StoreUnavailable):
                self._tell(_News())
            await asyncio.sleep(_NEWS_APART_S)

    def _tell(self, message: _Start | _Ask | _News) -> None:
        """Send a message, if there is a process to read it.

        Raises:
            StoreUnavailable: it ended.
        """
        if self._input is None or self._input.is_closing():
            raise StoreUnavailable(_ENDED)
        self._input.write(_frame(message))


async def _end(process: Process) -> int:
    """End the process, which only reads; returns its exit code."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    await process.communicate()
    code = process.returncode
    assert code is not None
    return code


def _frame(message: msgspec.Struct) -> bytes:
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(4, "big") + body


async def _read(stream: asyncio.StreamReader) -> bytes | None:
    """Return the next frame; nothing at the end, also at an end within one."""
    try:
        size = int.from_bytes(await stream.readexactly(4), "big")
        return await stream.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


class _Answering:
    """The process's side: answers as many questions at a time as there are followers."""

    def __init__(self, database: Database, out: BinaryIO) -> None:
        self._looking = Looking(database, EventFeed(database), tasks(database, Pricer()))
        self._out = out
        self._running: set[asyncio.Task[None]] = set()

    def take(self, ask: _Ask) -> None:
        task = asyncio.create_task(self._answer(ask))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _answer(self, ask: _Ask) -> None:
        try:
            found = await self._look(ask.name, ask.after)
        except EngineError as error:
            answer = _Answer(ask.id, unavailable=error.message)
        except Exception as error:
            _LOG.exception("beside.failed", follower=ask.name)
            answer = _Answer(ask.id, unavailable=f"Looking failed: {error!r}; see the log.")
        else:
            items = msgspec.Raw(msgspec.msgpack.encode(found.items))
            answer = _Answer(ask.id, found.last, items, found.more)
        try:
            self._out.write(_frame(answer))
            self._out.flush()
        except BrokenPipeError:
            os._exit(0)  # the engine is gone

    async def _look(self, name: str, after: int) -> Found:
        """Look on while nothing is found: passing that on would cost the engine time."""
        clock = asyncio.get_running_loop().time
        until = clock() + _LOOK_S
        found = await self._looking.look(name, after)
        while not found.items and found.last - after < _LOOK_EVENTS and clock() < until:
            found = await self._looking.look(name, found.last)
        return found


async def _serve() -> None:
    asked = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(asked), sys.stdin
    )
    frame = await _read(asked)
    if frame is None:
        return
    start = msgspec.msgpack.decode(frame, type=_Start)
    logs.configure(start.log_level)
    try:
        database = await connect(start.url, SystemClock())
    except EngineError as error:
        _LOG.warning("beside.waits", reason=error.message)
        return
    answering = _Answering(database, sys.stdout.buffer)
    decoder = msgspec.msgpack.Decoder(_Ask | _News)
    while (frame := await _read(asked)) is not None:
        message = decoder.decode(frame)
        if isinstance(message, _Ask):
            answering.take(message)
        else:
            database.changed.set()


def main() -> None:
    """Serve until the input ends; signals for the whole group are the engine's to heed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    interpreter.tune()
    uvloop.run(_serve())
    os._exit(0)  # a read in progress is nobody's any more


if __name__ == "__main__":
    main()
