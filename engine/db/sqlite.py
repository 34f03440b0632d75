"""SQLite, the embedded default: WAL, durable (synchronous FULL), one writer thread.

Many wait, one writes: whatever waits when the writer is free goes into its next transaction, each
unit of work behind a savepoint of its own, and all of them share one sync of the disk.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from engine.db import committed, statements
from engine.db.events_table import INSERT_EVENT_SQLITE, event_rows
from engine.db.port import NewEvent, TableLike, Work
from engine.db.signal import Signal
from engine.kernel.clock import Clock, Micros
from engine.kernel.errors import EngineError, Overloaded, StoreUnavailable, Unstorable

T = TypeVar("T")
R = TypeVar("R", bound=msgspec.Struct)

_GROUP = 128
_BUSY_TIMEOUT_MS = 5_000
_CHECKPOINT_PAGES = 8_000  # 32 MB: a page that changes in each commit is copied once for many


def connect(path: Path) -> sqlite3.Connection:
    """Open a connection as every part of the engine uses it.

    A new file is the owner's alone: partners' tokens are in it. SQLite makes the files beside it
    alike.
    """
    if not path.exists():
        with suppress(OSError):  # SQLite says it better
            path.touch(mode=0o600)
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=512
    )
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    _log_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -65536")
    return connection


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Turn write-ahead logging on. SQLite itself does not wait while another does the same."""
    until = time.monotonic() + _BUSY_TIMEOUT_MS / 1_000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


class SqliteTransaction:
    """A transaction whose awaits never wait: each call runs at once in the thread that holds the
    connection."""

    def __init__(self, connection: sqlite3.Connection, cache: statements.Cache) -> None:
        self._connection = connection
        self._cache = cache
        self.events: list[NewEvent] = []

    def _run(self, statement: sa.Executable, parameters: dict[str, Any]) -> sqlite3.Cursor:
        compiled = self._cache.get(statement)
        bound = {
            name: msgspec.json.encode(value).decode() if isinstance(value, list) else value
            for name, value in (compiled.constants | parameters).items()
        }
        return self._connection.execute(compiled.text, bound)

    async def fetch(self, statement: sa.Executable, /, **parameters: Any) -> list[tuple[Any, ...]]:
        return self._run(statement, parameters).fetchall()

    async def execute(self, statement: sa.Executable, /, **parameters: Any) -> int:
        return self._run(statement, parameters).rowcount

    async def insert(
        self, mapped: TableLike[R], rows: Sequence[R], *, skip_existing: bool = False
    ) -> None:
        if rows:
            self._write(statements.insert(mapped.table, skip_existing=skip_existing), rows)

    async def update(
        self, mapped: TableLike[Any], rows: Sequence[Any], *, only: tuple[str, ...] = ()
    ) -> None:
        if rows:
            self._write(statements.update(mapped.table, only), rows)

    def _write(self, write: statements.Write, rows: Sequence[Any]) -> None:
        self._connection.executemany(write.sqlite, map(write.values, rows))

    def emit(self, event: NewEvent) -> None:
        self.events.append(event)


class _Job:
    """One unit of work on its way through the writer."""

    __slots__ = ("context", "error", "events", "future", "result", "work")

    def __init__(self, work: Work[Any], future: asyncio.Future[Any]) -> None:
        self.work = work
        self.future = future
        self.result: Any = None
        self.error: BaseException | None = None
        self.events: list[NewEvent] = []
        self.context = copy_context()

    def answer(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class SqliteDatabase:
    """The embedded store. Open it inside the event loop that uses it."""

    def __init__(
        self, path: Path, clock: Clock, *, readers: int = 4, max_waiting: int = 4_096
    ) -> None:
        self.changed = Signal()
        self._clock = clock
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._max_waiting = max_waiting
        self._local = threading.local()
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="sqlite-reader")
        self._read_connections: list[sqlite3.Connection] = []
        self._connection = connect(path)
        self._writer = threading.Thread(
            target=self._write_forever, name="sqlite-writer", daemon=True
        )
        self._writer.start()

    def now(self) -> Micros:
        return self._clock.now()

    async def write(self, work: Work[T]) -> T:
        if self._jobs.qsize() >= self._max_waiting:
            raise Overloaded(
                "Too many writes are waiting; try again shortly.", retry_after_ms="200"
            )
        job = _Job(work, self._loop.create_future())
        self._jobs.put(job)
        result: T = await job.future
        return result

    @property
    def waiting(self) -> int:
        return self._jobs.qsize()

    async def fetch(self, statement: sa.Executable, /, **parameters: Any) -> list[tuple[Any, ...]]:
        return await self._loop.run_in_executor(self._readers, self._fetch, statement, parameters)

    async def read(self, work: Work[T], *, everything: bool = False) -> T:  # noqa: ARG002 - one way to plan
        return await self._loop.run_in_executor(self._readers, self._read, work)

    async def close(self) -> None:
        self._jobs.put(None)
        await self._loop.run_in_executor(None, self._writer.join)
        self._readers.shutdown(wait=True)
        for connection in (*self._read_connections, self._connection):
            connection.close()

    def _reader(self) -> SqliteTransaction:
        """Return this thread's view, on a connection of its own."""
        if not hasattr(self._local, "connection"):
            self._local.connection = connect(self._path)
            self._local.cache = statements.Cache(statements.SQLITE)
            self._read_connections.append(self._local.connection)
        return SqliteTransaction(self._local.connection, self._local.cache)

    def _fetch(self, statement: sa.Executable, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        try:
            found: list[tuple[Any, ...]] = _drive(self._reader().fetch(statement, **parameters))
        except sqlite3.OperationalError as error:
            raise _unavailable(error) from error
        return found

    def _read(self, work: Work[T]) -> T:
        try:
            view = self._reader()
            self._local.connection.execute("BEGIN")
            try:
                found: T = _drive(work(view))
                return found
            finally:
                self._local.connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise _unavailable(error) from error

    def _write_forever(self) -> None:
        cache = statements.Cache(statements.SQLITE)
        while True:
            first = self._jobs.get()
            if first is None:
                return
            group, stopping = [first], False
            while len(group) < _GROUP and not stopping:
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    stopping = True
                else:
                    group.append(job)
            told = self._commit_group(group, cache)
            self._loop.call_soon_threadsafe(self._settle, group, told)
            if stopping:
                return

    def _settle(self, group: list[_Job], told: bool) -> None:
        for job in group:
            job.answer()
        for job in group:  # answers need not wait for the log
            if job.error is None and job.events:
                self._loop.call_soon(committed.tell, job.events, context=job.context)
        if told:
            self.changed.set()

    def _commit_group(self, group: list[_Job], cache: statements.Cache) -> bool:
        """Run all jobs in one transaction; returns whether any told events."""
        connection, told = self._connection, False
        began = time.perf_counter()
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in group:
                told |= self._run_job(job, cache, alone=len(group) == 1)
            if connection.in_transaction:
                connection.execute("COMMIT")
            committed.SECONDS.observe(time.perf_counter() - began)
            committed.GROUP.observe(len(group))
        except sqlite3.Error as error:
            # The disk is full or the file is locked: nobody's work happened, and everybody hears
            # so.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            unavailable = _unavailable(error)
            for job in group:
                job.error = unavailable
            return False
        return told

    def _run_job(self, job: _Job, cache: statements.Cache, *, alone: bool) -> bool:
        """Run one job, behind a savepoint unless it is alone; returns whether it told events.

        Raises:
            sqlite3.OperationalError: the store failed, not the job.
        """
        connection = self._connection
        transaction = SqliteTransaction(connection, cache)
        if not alone:
            connection.execute("SAVEPOINT job")
        try:
            job.result = _drive(job.work(transaction))
            self._tell(transaction.events)
            job.events = transaction.events
        except sqlite3.OperationalError:
            raise
        except Exception as error:  # handed to whoever awaits the job
            connection.execute("ROLLBACK" if alone else "ROLLBACK TO job")
            job.error = error
            return False
        finally:
            if connection.in_transaction and not alone:
                connection.execute("RELEASE job")
        return bool(transaction.events)

    def _tell(self, events: list[NewEvent]) -> None:
        if not events:
            return
        head = self._connection.execute(
            "UPDATE event_head SET seq = seq + ? RETURNING seq", (len(events),)
        ).fetchone()[0]
        rows = event_rows(events, self._clock.now())
        first = head - len(events) + 1
        self._connection.executemany(
            INSERT_EVENT_SQLITE, ((first + n, *row) for n, row in enumerate(rows))
        )


def _unavailable(error: sqlite3.Error) -> EngineError:
    return StoreUnavailable(
        f"The database cannot be used: {error}. Nothing was changed; try again."
    )


def _drive(coroutine: Any) -> Any:
    """Run a coroutine that never waits."""
    assert isinstance(coroutine, Coroutine)
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    except OverflowError as error:
        raise Unstorable from error
    coroutine.close()
    raise RuntimeError("A unit of work awaited something other than its transaction.")
