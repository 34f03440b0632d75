"""Doing it once: a request_id, what it asked, and what it got, stored with the effect.

Same id and body: the same answer, marked replayed. Same id, other body: `RequestIdReused`. A
request that failed leaves no record, because it changed nothing.

An answer with a secret, such as a password that was made, is kept whole only for as long as a
caller that lost it may repeat itself: `SECRETS_KEPT_US`. What is replayed later lacks the secret.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import msgspec
import sqlalchemy as sa

from engine.db.port import Database, Transaction
from engine.db.schema import Mapped, any_of, binary, integer, text
from engine.kernel.clock import SECOND
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
SECRETS_KEPT_US = 600 * SECOND


class _WholeAnswer(msgspec.Struct, frozen=True):
    scope: str
    request_id: str
    answer: bytes
    recorded_us: int


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
_whole = Mapped(
    "whole_answer",
    _WholeAnswer,
    text("scope", key=True),
    text("request_id", key=True),
    binary("answer"),
    integer("recorded_us"),
    sa.Index(None, "recorded_us"),
)
_FIND_WHOLE = sa.select(_whole.c.request_id, _whole.c.answer).where(
    _whole.c.scope == sa.bindparam("scope"),
    any_of(_whole.c.request_id, "request_ids"),
    _whole.c.recorded_us > sa.bindparam("after_us", type_=sa.BigInteger),
)
_FORGET_WHOLE = sa.delete(_whole.table).where(
    _whole.c.recorded_us <= sa.bindparam("until_us", type_=sa.BigInteger)
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
    without_secret: Callable[[T], T] | None = None,
) -> list[Outcome[T]]:
    """Handle a batch in one transaction, each request at most once; an outcome for each, in order.

    Args:
        scope: names the operation; a request_id is unique within it.
        answer_type: what `handle` returns for one command; kept to be replayed.
        handle: gets the commands that were not answered before, and returns a result for each.
        without_secret: returns what may be kept of an answer; all of it when absent.
    """

    async def begin(tx: Transaction) -> _Batch[C, T]:
        batch = _Batch(scope, requests, answer_type)
        if without_secret is not None:
            await batch.read_whole(tx, database.now() - SECRETS_KEPT_US)
        await batch.replay(tx)
        return batch

    async def work(tx: Transaction) -> list[Outcome[T]]:
        batch = await begin(tx)
        commands = batch.commands()
        if commands:
            results = await handle(tx, commands)
            records, whole = batch.settle(results, database.now(), without_secret)
            await tx.insert(_records, records)
            await tx.insert(_whole, whole)
            await batch.replay_failures(tx)
        return batch.outcomes()

    try:
        return await database.write(work)
    except (StoreUnavailable, Overloaded):
        raise
    except EngineError:
        batch = await database.read(begin)
        if batch.commands():
            raise
        return batch.outcomes()  # it met the effect of its own repetition, as above


async def forget(tx: Transaction, *, before_us: int, limit: int) -> int:
    """Remove at most `limit` of the records older than `before_us`; returns how many. A request
    that is repeated after that is a new one."""
    return await tx.execute(_FORGET, before_us=before_us, limit=limit)


async def forget_secrets(tx: Transaction, *, until_us: int) -> int:
    """Remove the whole answers made until then; returns how many."""
    return await tx.execute(_FORGET_WHOLE, until_us=until_us)


class _Batch(Generic[C, T]):
    """One batch on its way: what is refused, was answered before, is new, stands twice."""

    def __init__(self, scope: str, requests: Sequence[Request[C]], answer_type: type[T]) -> None:
        self._scope = scope
        self._requests = requests
        self._answer_type = answer_type
        self._outcomes: list[Outcome[T] | None] = [_refused(request) for request in requests]
        self._fresh: dict[str, int] = {}
        self._whole: dict[str, bytes] = {}

    async def read_whole(self, tx: Transaction, after_us: int) -> None:
        """Take the answers that are still kept with their secrets; they are replayed first."""
        ids = [request.id for request in self._requests]
        found = await tx.fetch(_FIND_WHOLE, scope=self._scope, request_ids=ids, after_us=after_us)
        self._whole = dict(found)

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
                answer = self._whole.get(request.id, answer)
                self._outcomes[n] = (
                    Outcome(msgspec.msgpack.decode(answer, type=self._answer_type), replayed=True)
                    if fingerprint == request.fingerprint
                    else Outcome(RequestIdReused.of(request.id))
                )
        return [n for n in waiting if self._requests[n].id not in known]

    def commands(self) -> list[C]:
        """Return what is new, each request_id once."""
        return [_body(self._requests[n]) for n in self._fresh.values()]

    def settle(
        self,
        results: Sequence[T | EngineError],
        now: int,
        without_secret: Callable[[T], T] | None,
    ) -> tuple[list[_Record], list[_WholeAnswer]]:
        """Take the results of `commands`; returns what must be kept of them, and the answers that
        have secrets which that lacks."""
        records, whole = [], []
        for n, result in zip(self._fresh.values(), results, strict=True):
            self._outcomes[n] = Outcome(result)
            if isinstance(result, EngineError):
                continue
            request, answer = self._requests[n], msgspec.msgpack.encode(result)
            kept = msgspec.msgpack.encode(without_secret(result)) if without_secret else answer
            records.append(_Record(self._scope, request.id, request.fingerprint, kept, now))
            if kept != answer:
                whole.append(_WholeAnswer(self._scope, request.id, answer, now))
        return records, whole

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
