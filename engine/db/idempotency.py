"""Doing it once: a request_id, what it asked, and what it got, stored with the effect.

Same id and body: the same answer, marked replayed. Same id, other body: `RequestIdReused`. A
request that failed leaves no record, because it changed nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import msgspec
import sqlalchemy as sa

from engine.db.port import Database, Transaction
from engine.db.schema import Mapped, any_of, binary, integer, text
from engine.kernel.errors import (
    EngineError,
    InvalidArgument,
    Overloaded,
    RequestIdReused,
    StoreUnavailable,
)
from engine.kernel.outcome import Outcome, Request

C = TypeVar("C")
T = TypeVar("T")

MAX_REQUEST_ID = 64


class _Record(msgspec.Struct, frozen=True):
    scope: str
    request_id: str
    fingerprint: bytes
    answer: bytes
    recorded_us: int


_records = Mapped(
    "idempotency",
    _Record,
    text("scope", key=True),
    text("request_id", key=True),
    binary("fingerprint"),
    binary("answer"),
    integer("recorded_us"),
    sa.Index(None, "recorded_us"),
)
_FIND = sa.select(_records.c.request_id, _records.c.fingerprint, _records.c.answer).where(
    _records.c.scope == sa.bindparam("scope"), any_of(_records.c.request_id, "request_ids")
)
_OLDEST = (
    sa.select(_records.c.scope, _records.c.request_id)
    .where(_records.c.recorded_us < sa.bindparam("before_us", type_=sa.BigInteger))
    .order_by(_records.c.recorded_us)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_FORGET = sa.delete(_records.table).where(
    sa.tuple_(_records.c.scope, _records.c.request_id).in_(_OLDEST)
)

Handler = Callable[[Transaction, Sequence[C]], Awaitable[Sequence[T | EngineError]]]


async def run_once(
    database: Database,
    *,
    scope: str,
    requests: Sequence[Request[C]],
    answer_type: type[T],
    handle: Handler[C, T],
) -> list[Outcome[T]]:
    """Handle a batch in one transaction, each request at most once; an outcome for each, in order.

    Args:
        scope: names the operation; a request_id is unique within it.
        answer_type: what `handle` returns for one command; kept to be replayed.
        handle: gets the commands that were not answered before, and returns a result for each.
    """

    async def work(tx: Transaction) -> list[Outcome[T]]:
        batch = _Batch(scope, requests, answer_type)
        await batch.replay(tx)
        commands = batch.commands()
        if commands:
            await tx.insert(_records, batch.settle(await handle(tx, commands), database.now()))
            await batch.replay_failures(tx)
        return batch.outcomes()

    async def look_again(tx: Transaction) -> _Batch[C, T]:
        batch = _Batch(scope, requests, answer_type)
        await batch.replay(tx)
        return batch

    try:
        return await database.write(work)
    except (StoreUnavailable, Overloaded):
        raise
    except EngineError:
        batch = await database.read(look_again)
        if batch.commands():
            raise
        return batch.outcomes()  # it met the effect of its own repetition, as above


async def forget(tx: Transaction, *, before_us: int, limit: int) -> int:
    """Remove at most `limit` of the records older than `before_us`; returns how many. A request
    that is repeated after that is a new one."""
    return await tx.execute(_FORGET, before_us=before_us, limit=limit)


class _Batch(Generic[C, T]):
    """One batch on its way: what is refused, was answered before, is new, stands twice."""

    def __init__(self, scope: str, requests: Sequence[Request[C]], answer_type: type[T]) -> None:
        self._scope = scope
        self._requests = requests
        self._answer_type = answer_type
        self._outcomes: list[Outcome[T] | None] = [_refused(request) for request in requests]
        self._fresh: dict[str, int] = {}

    async def replay(self, tx: Transaction) -> None:
        """Answer what was asked before as it was answered then."""
        waiting = [n for n, outcome in enumerate(self._outcomes) if outcome is None]
        for n in await self._replay(tx, waiting):
            self._fresh.setdefault(self._requests[n].id, n)

    async def replay_failures(self, tx: Transaction) -> None:
        """Look again for what failed: it may have met the effect of its own repetition, that was
        handled beside it."""
        failed = [n for n in self._fresh.values() if _failed(self._outcomes[n])]
        await self._replay(tx, failed)

    async def _replay(self, tx: Transaction, waiting: Sequence[int]) -> list[int]:
        """Answer those of `waiting` that have a record; returns the others."""
        if not waiting:
            return []
        ids = [self._requests[n].id for n in waiting]
        found = await tx.fetch(_FIND, scope=self._scope, request_ids=ids)
        known = {request_id: (fingerprint, answer) for request_id, fingerprint, answer in found}
        for n in waiting:
            request = self._requests[n]
            if request.id in known:
                fingerprint, answer = known[request.id]
                self._outcomes[n] = (
                    Outcome(msgspec.msgpack.decode(answer, type=self._answer_type), replayed=True)
                    if fingerprint == request.fingerprint
                    else Outcome(RequestIdReused.of(request.id))
                )
        return [n for n in waiting if self._requests[n].id not in known]

    def commands(self) -> list[C]:
        """Return what is new, each request_id once."""
        return [_body(self._requests[n]) for n in self._fresh.values()]

    def settle(self, results: Sequence[T | EngineError], now: int) -> list[_Record]:
        """Take the results of `commands`; returns what must be kept of them."""
        records = []
        for n, result in zip(self._fresh.values(), results, strict=True):
            self._outcomes[n] = Outcome(result)
            if not isinstance(result, EngineError):
                request, answer = self._requests[n], msgspec.msgpack.encode(result)
                records.append(_Record(self._scope, request.id, request.fingerprint, answer, now))
        return records

    def outcomes(self) -> list[Outcome[T]]:
        """Return an outcome for each request, in order."""
        return [
            self._repeat(n) if outcome is None else outcome
            for n, outcome in enumerate(self._outcomes)
        ]

    def _repeat(self, n: int) -> Outcome[T]:
        """Return the outcome of a request that stands twice in the batch."""
        request, first = self._requests[n], self._fresh[self._requests[n].id]
        earlier = self._outcomes[first]
        assert earlier is not None
        if request.fingerprint != self._requests[first].fingerprint:
            return Outcome(RequestIdReused.of(request.id))
        return Outcome(earlier.result, replayed=True)


def _refused(request: Request[C]) -> Outcome[T] | None:
    if isinstance(request.body, EngineError):
        return Outcome(request.body)
    if not 1 <= len(request.id) <= MAX_REQUEST_ID:
        return Outcome(
            InvalidArgument(
                f"request_id: expected 1 to {MAX_REQUEST_ID} characters, found {len(request.id)}.",
                field="request_id",
            )
        )
    if not request.id.isprintable():
        return Outcome(
            InvalidArgument("request_id: expected printable characters.", field="request_id")
        )
    return None


def _failed(outcome: Outcome[T] | None) -> bool:
    return outcome is not None and isinstance(outcome.result, EngineError)


def _body(request: Request[C]) -> C:
    assert not isinstance(request.body, EngineError)
    return request.body
