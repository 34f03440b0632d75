"""PostgreSQL, for production: asyncpg, set-based statements, several engines on one database."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import chain
from typing import Any, TypeVar

import asyncpg
import msgspec
import sqlalchemy as sa

from engine.db import arrays, committed, statements
from engine.db.events_table import CHANNEL, INSERT_EVENTS_POSTGRESQL, event_rows
from engine.db.port import NewEvent, TableLike, Work
from engine.db.signal import Signal
from engine.kernel.clock import Clock, Micros
from engine.kernel.errors import Overloaded, StoreUnavailable, Unstorable

T = TypeVar("T")
R = TypeVar("R", bound=msgspec.Struct)

_ATTEMPTS = 6
_RACES = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.UniqueViolationError,  # another engine was first; the second run sees what it wrote
)
_OUTAGES = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server's last words were read, its silence not yet
    asyncpg.OperatorInterventionError,  # shut down, crashed, starting, cancelled
    asyncpg.InsufficientResourcesError,  # disk, memory, connections
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    TimeoutError,
)

# A statement is planned for good while its table is young, and each finds its rows by an index:
# what looks cheaper on a few hundred rows costs a walk through all of them an hour later.
PLANNING = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}
_PLAN_FREELY = "".join(
    f"SET LOCAL enable_{way} = on;" for way in ("seqscan", "hashjoin", "mergejoin")
)


class PostgresTransaction:
    """A transaction on one connection."""

    def __init__(self, connection: Any, cache: statements.Cache) -> None:
        self._connection = connection
        self._cache = cache
        self._writes: list[tuple[statements.Write, list[Any]]] = []
        self.events: list[NewEvent] = []

    def _bind(self, statement: sa.Executable, parameters: dict[str, Any]) -> tuple[str, list[Any]]:
        compiled = self._cache.get(statement)
        return compiled.text, [
            parameters[name] if name in parameters else compiled.constants.get(name)
            for name in compiled.order
        ]

    async def fetch(self, statement: sa.Executable, /, **parameters: Any) -> list[tuple[Any, ...]]:
        await self.finish()
        text, values = self._bind(statement, parameters)
        return [tuple(record) for record in await self._connection.fetch(text, *values)]

    async def execute(self, statement: sa.Executable, /, **parameters: Any) -> int:
        await self.finish()
        text, values = self._bind(statement, parameters)
        status: str = await self._connection.execute(text, *values)
        return int(status.rpartition(" ")[2])

    async def insert(
        self, mapped: TableLike[R], rows: Sequence[R], *, skip_existing: bool = False
    ) -> None:
        if rows:
            await self._write(statements.insert(mapped.table, skip_existing=skip_existing), rows)

    async def update(
        self, mapped: TableLike[Any], rows: Sequence[Any], *, only: tuple[str, ...] = ()
    ) -> None:
        if rows:
            await self._write(statements.update(mapped.table, only), rows)

    def emit(self, event: NewEvent) -> None:
        self.events.append(event)

    async def _write(self, write: statements.Write, rows: Sequence[Any]) -> None:
        """Keep a write for later: those to different tables make one trip, before the next look."""
        if any(write.table == other.table for other, _ in self._writes):
            await self.finish()
        self._writes.append((write, write.parameters(rows)))

    async def finish(self) -> None:
        """Make the writes that were kept for later."""
        if self._writes:
            writes, parameters = zip(*self._writes, strict=True)
            self._writes = []
            text = statements.together(writes)
            await self._connection.execute(text, *chain.from_iterable(parameters))


async def _leave_as_it_is(_: Any) -> None:
    """Give a connection back without asking the server to clean it: we leave nothing on it."""


class PostgresDatabase:
    """The production store. Make it with `open`."""

    def __init__(self, pool: Any, url: str, clock: Clock, *, max_waiting: int) -> None:
        self.changed = Signal()
        self._pool = pool
        self._url = url
        self._clock = clock
        self._cache = statements.Cache(statements.POSTGRESQL)
        self._waiting = 0
        self._max_waiting = max_waiting
        self._connections: int = pool.get_max_size()
        self._listener = asyncio.create_task(self._listen(), name="postgres-listener")

    @classmethod
    async def open(
        cls, url: str, clock: Clock, *, connections: int = 8, max_waiting: int = 4_096
    ) -> PostgresDatabase:
        """Connect.

        Raises:
            StoreUnavailable: it does not answer.
        """
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=0,
                max_size=connections,
                command_timeout=30,
                reset=_leave_as_it_is,
                server_settings=PLANNING,
            )
            async with pool.acquire(timeout=10):
                pass
        except (*_OUTAGES, asyncpg.PostgresError) as error:
            raise StoreUnavailable(f"PostgreSQL cannot be reached: {error}.") from error
        return cls(pool, url, clock, max_waiting=max_waiting)

    def now(self) -> Micros:
        return self._clock.now()

    @property
    def waiting(self) -> int:
        return max(0, self._waiting - self._connections)

    async def write(self, work: Work[T]) -> T:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._write_once(work)
            except _RACES as error:
                if attempt == _ATTEMPTS:
                    raise Overloaded(
                        "Too many writers wanted the same rows; try again.", retry_after_ms="200"
                    ) from error
                await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - jitter
        raise AssertionError("unreachable")

    async def fetch(self, statement: sa.Executable, /, **parameters: Any) -> list[tuple[Any, ...]]:
        async with self._connection() as connection:
            return await PostgresTransaction(connection, self._cache).fetch(statement, **parameters)

    async def read(self, work: Work[T], *, everything: bool = False) -> T:
        async with (
            self._connection() as connection,
            connection.transaction(readonly=True, isolation="repeatable_read"),
        ):
            if everything:
                await connection.execute(_PLAN_FREELY)
            return await work(PostgresTransaction(connection, self._cache))

    async def close(self) -> None:
        self._listener.cancel()
        await asyncio.gather(self._listener, return_exceptions=True)
        await self._pool.close()

    async def _write_once(self, work: Work[T]) -> T:
        async with self._connection() as connection:
            began = time.perf_counter()
            block = connection.transaction()
            await block.start()
            try:
                transaction = PostgresTransaction(connection, self._cache)
                result = await work(transaction)
                await transaction.finish()
                await self._tell(connection, transaction.events)
            except BaseException:
                with suppress(*_OUTAGES):
                    await block.rollback()
                raise
            try:
                await block.commit()
            except _OUTAGES as error:
                raise StoreUnavailable(
                    f"The database went away ({type(error).__name__}) while it stored this. It may "
                    "be done or not; ask again with the same request_id."
                ) from error
            committed.SECONDS.observe(time.perf_counter() - began)
        # Answers need not wait for the log.
        asyncio.get_running_loop().call_soon(committed.tell, transaction.events)
        return result

    async def _tell(self, connection: Any, events: Sequence[NewEvent]) -> None:
        """Number events last, so that the lock on the head is held for a moment only."""
        if not events:
            return
        kind, subject, partner, correlation, _, payload = zip(
            *event_rows(events, Micros(0)), strict=True
        )
        await connection.execute(
            INSERT_EVENTS_POSTGRESQL,
            len(events),
            arrays.texts(kind),
            arrays.texts(subject),
            arrays.texts(partner),
            arrays.texts(correlation),
            self._clock.now(),
            arrays.texts(payload),
        )

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        if self._waiting >= self._max_waiting:
            raise Overloaded(
                "Too many calls wait for the database; try again shortly.", retry_after_ms="200"
            )
        self._waiting += 1
        try:
            async with self._pool.acquire(timeout=10) as connection:
                yield connection
        except asyncpg.DataError as error:
            raise Unstorable from error
        except _OUTAGES as error:
            raise StoreUnavailable(
                f"The database cannot be reached ({type(error).__name__}). Nothing was changed; "
                "try again."
            ) from error
        finally:
            self._waiting -= 1

    async def _listen(self) -> None:
        """Wake this process for events of any; a lost connection only costs until the next poll."""
        while True:
            try:
                connection = await asyncpg.connect(self._url)
                try:
                    await connection.add_listener(CHANNEL, lambda *_: self.changed.set())
                    self.changed.set()
                    closed = asyncio.Event()
                    connection.add_termination_listener(lambda _, gone=closed: gone.set())
                    await closed.wait()
                finally:
                    await connection.close(timeout=1)
            except (*_OUTAGES, asyncpg.PostgresError):
                await asyncio.sleep(0.5)
