"""Doing it once: a request_id, what it asked, and what it got, stored with the effect.

Same id and body: the same answer, marked replayed. Same id, other body: `RequestIdReused`. A request that failed leaves
no record, because it changed nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec
import sqlalchemy as sa

from engine.db.port import Database, Transaction
from engine.db.schema import Mapped, any_of, binary, integer, text
from engine.kernel.errors import EngineError, InvalidArgument, RequestIdReused
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
)
_FIND = sa.select(_records.c.request_id, _records.c.fingerprint, _records.c.answer).where(
    _records.c.scope == sa.bindparam("scope"), any_of(_records.c.request_id, "request_ids")
)

Handler = Callable[[Transaction, Sequence[C]], Awaitable[Sequence[T | EngineError]]]


async def run_once(
    database: Database, *, scope: str, requests: Sequence[Request[C]], answer_type: type[T], handle: Handler[C, T]
) -> list[Outcome[T]]:
    """Handle a batch in one transaction, each request at most once, and return an outcome for each, in order.

    Args:
        scope: names the operation; a request_id is unique within it.
        answer_type: what `handle` returns for one command; kept to be replayed.
        handle: gets the commands that were not answered before, and returns a result for each.
    """

    async def work(tx: Transaction) -> list[Outcome[T]]:
        return await _work(tx, database, scope, requests, answer_type, handle)

    return await database.write(work)


async def _work(
    tx: Transaction,
    database: Database,
    scope: str,
    requests: Sequence[Request[C]],
    answer_type: type[T],
    handle: Handler[C, T],
) -> list[Outcome[T]]:
    outcomes: list[Outcome[T] | None] = [_refused(request) for request in requests]
    waiting = [n for n, outcome in enumerate(outcomes) if outcome is None]
    known = {
        request_id: (fingerprint, answer)
        for request_id, fingerprint, answer in await tx.fetch(
            _FIND, scope=scope, request_ids=[requests[n].id for n in waiting]
        )
    } if waiting else {}
    fresh: dict[str, int] = {}
    repeats: list[tuple[int, int]] = []
    for n in waiting:
        request = requests[n]
        if request.id in known:
            fingerprint, answer = known[request.id]
            outcomes[n] = (
                Outcome(msgspec.msgpack.decode(answer, type=answer_type), replayed=True)
                if fingerprint == request.fingerprint
                else Outcome(RequestIdReused.of(request.id))
            )
        elif request.id in fresh:
            repeats.append((n, fresh[request.id]))
        else:
            fresh[request.id] = n
    commands = [_body(requests[n]) for n in fresh.values()]
    results = await handle(tx, commands) if commands else []
    records = []
    for n, result in zip(fresh.values(), results, strict=True):
        outcomes[n] = Outcome(result)
        if not isinstance(result, EngineError):
            records.append(
                _Record(
                    scope,
                    requests[n].id,
                    requests[n].fingerprint,
                    msgspec.msgpack.encode(result),
                    database.now(),
                )
            )
    await tx.insert(_records, records)
    for n, first in repeats:
        same = requests[n].fingerprint == requests[first].fingerprint
        earlier = outcomes[first]
        assert earlier is not None
        outcomes[n] = (
            Outcome(earlier.result, replayed=True) if same else Outcome(RequestIdReused.of(requests[n].id))
        )
    return [outcome for outcome in outcomes if outcome is not None]


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
    return None


def _body(request: Request[C]) -> C:
    assert not isinstance(request.body, EngineError)
    return request.body
