"""One batch call in flight per method; what arrives meanwhile goes in the next.

There is no timer: with nothing in flight an item leaves at once, alone. Under load batches fill by
themselves.

Guarantees:
1. Items leave in the order of `call`, and with one batch in flight they are handled in that order:
   so also per key.
2. An item without an answer (engine away, overloaded, store away) is sent again, unchanged and
   with its `request_id`, ahead of younger ones, until its own deadline.
3. A waiter that is cancelled takes its unsent item along. A sent item's outcome is then discarded.
4. At most `limit` items wait; beyond it `call` refuses at once.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, cast

from prometheus_client import Counter, Histogram

from gateways.common.errors import EngineError, EngineUnavailable, of_item
from gateways.common.telemetry import correlation_id

CORRELATION_IDS = "x-correlation-ids"
MAX_ITEMS = 256
MAX_BYTES = 4 * 1024 * 1024
MAX_WAITING = 10_000
MAX_CORRELATION_BYTES = 4096
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0
ATTEMPT_TIMEOUT = 10.0
DEFAULT_TIMEOUT = 10.0

_BATCH_ITEMS = Histogram(
    "gateway_engine_batch_items",
    "Items in a batch call to the engine.",
    ["method"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)
_BATCH_SECONDS = Histogram(
    "gateway_engine_batch_seconds", "Duration of a batch call to the engine.", ["method"]
)
_RETRIES = Counter("gateway_engine_batch_retries", "Batch calls without an answer.", ["method"])


class Item(Protocol):
    """A message of protobuf, as far as a batch needs it."""

    def ByteSize(self) -> int:  # noqa: N802 - protobuf's name
        """Its size on the wire."""
        ...


ItemT = TypeVar("ItemT", bound=Item)
OutcomeT = TypeVar("OutcomeT")


class Call(Protocol):
    """A batch method of a stub."""

    def __call__(self, request: Any, *, timeout: float | None, metadata: Any) -> Awaitable[Any]:
        """Make the call."""
        ...


@dataclass(slots=True, eq=False)
class _Waiting(Generic[ItemT, OutcomeT]):
    item: ItemT
    size: int
    deadline: float
    correlation: str
    done: "asyncio.Future[OutcomeT]" = field(repr=False)


class Coalescer(Generic[ItemT, OutcomeT]):
    """Client of one batch method, for any number of concurrent callers."""

    def __init__(
        self,
        *,
        name: str,
        call: Call,
        request: Callable[..., object],
        max_items: int = MAX_ITEMS,
        limit: int = MAX_WAITING,
    ) -> None:
        """`request` is the request's class: it has `items`, its response has `outcomes`."""
        self.name = name
        self._call = call
        self._request = request
        self._max_items = max_items
        self._limit = limit
        self._queue: deque[_Waiting[ItemT, OutcomeT]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._closed = False
        self._items = _BATCH_ITEMS.labels(name)
        self._seconds = _BATCH_SECONDS.labels(name)
        self._retries = _RETRIES.labels(name)

    @property
    def waiting(self) -> int:
        """How many items are not sent yet."""
        return len(self._queue)

    async def call(
        self,
        item: ItemT,
        *,
        key: str = "",
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109 - it is the item's own, in a shared call
    ) -> OutcomeT:
        """Send one item and wait for its outcome, at most `timeout` seconds.

        Raises `EngineError` for an outcome that is an error, `EngineUnavailable` for none in time.
        `key` names what the item is about; items of one key keep their order, as all items do.
        """
        del key  # one batch in flight orders all keys
        if self._closed:
            raise EngineUnavailable("This gateway is stopping.")
        if len(self._queue) >= self._limit:
            raise EngineUnavailable(
                f"{len(self._queue)} calls of {self.name} wait already.", retry_after=1.0
            )
        loop = asyncio.get_running_loop()
        waiting: _Waiting[ItemT, OutcomeT] = _Waiting(
            item=item,
            size=item.ByteSize(),
            deadline=loop.time() + timeout,
            correlation=correlation_id.get(),
            done=loop.create_future(),
        )
        alarm = loop.call_at(waiting.deadline, _expire, waiting.done, self.name)
        self._queue.append(waiting)
        self._wake()
        try:
            return await waiting.done
        finally:
            alarm.cancel()

    async def aclose(self, *, grace: float = 5.0) -> None:
        """Take no more items, give those that wait `grace` seconds, then refuse them."""
        self._closed = True
        worker = self._worker
        if worker is None:
            return
        await asyncio.wait([worker], timeout=grace)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        _fail(self._queue, EngineUnavailable("This gateway stopped."))
        self._queue.clear()

    def _wake(self) -> None:
        if self._worker is None or self._worker.done():
            # Its own context: it serves everyone and carries nobody's correlation id.
            self._worker = asyncio.get_running_loop().create_task(
                self._work(), name=f"coalesce {self.name}", context=Context()
            )

    async def _work(self) -> None:
        pause = FIRST_PAUSE
        while batch := self._take():
            try:
                unanswered, asked_pause = await self._send(batch)
            except asyncio.CancelledError:
                _fail(batch, EngineUnavailable("This gateway stopped."))
                raise
            if not unanswered:
                pause = FIRST_PAUSE
                continue
            self._retries.inc()
            self._queue.extendleft(reversed(unanswered))
            await asyncio.sleep(max(pause, min(asked_pause, LONGEST_PAUSE)))
            pause = min(pause * 2, LONGEST_PAUSE)

    def _take(self) -> Sequence[_Waiting[ItemT, OutcomeT]]:
        """The next batch: from the head of the queue, without those whose waiter is gone."""
        batch: list[_Waiting[ItemT, OutcomeT]] = []
        size = 0
        while self._queue and len(batch) < self._max_items:
            head = self._queue[0]
            if not head.done.done():
                if batch and size + head.size > MAX_BYTES:
                    break
                size += head.size
                batch.append(head)
            self._queue.popleft()
        return batch

    async def _send(
        self, batch: Sequence[_Waiting[ItemT, OutcomeT]]
    ) -> tuple[Sequence[_Waiting[ItemT, OutcomeT]], float]:
        """Make one attempt; answer with the items to send again and the pause asked for."""
        remaining = max(w.deadline for w in batch) - asyncio.get_running_loop().time()
        self._items.observe(len(batch))
        try:
            with self._seconds.time():
                response = await self._call(
                    self._request(items=[w.item for w in batch]),
                    timeout=max(0.001, min(remaining, ATTEMPT_TIMEOUT)),
                    metadata=_correlation_metadata(batch),
                )
        except EngineUnavailable as error:
            return batch, error.retry_after
        except EngineError as error:
            if error.transient:
                return batch, error.retry_after
            _fail(batch, error)
            return (), 0.0
        return _settle(batch, response.outcomes)


def _settle(
    batch: Sequence[_Waiting[ItemT, OutcomeT]], outcomes: Sequence[OutcomeT]
) -> tuple[Sequence[_Waiting[ItemT, OutcomeT]], float]:
    if len(outcomes) != len(batch):
        message = f"Expected {len(batch)} outcomes, found {len(outcomes)}."
        _fail(batch, EngineUnavailable(message))
        return (), 0.0
    unanswered = []
    pause = 0.0
    for waiting, outcome in zip(batch, outcomes, strict=True):
        message = cast(Any, outcome)
        if not message.HasField("error"):
            if not waiting.done.done():
                waiting.done.set_result(outcome)
            continue
        error = of_item(message.error)
        if error.transient:
            unanswered.append(waiting)
            pause = max(pause, error.retry_after)
        else:
            _fail([waiting], error)
    return unanswered, pause


def _fail(batch: Iterable[_Waiting[Any, Any]], error: Exception) -> None:
    for waiting in batch:
        if not waiting.done.done():
            waiting.done.set_exception(error)


def _expire(done: "asyncio.Future[Any]", name: str) -> None:
    if not done.done():
        done.set_exception(EngineUnavailable(f"No answer to {name} in time."))


def _correlation_metadata(batch: Sequence[_Waiting[Any, Any]]) -> tuple[tuple[str, str], ...]:
    """The items' correlation ids, in order, cut where a header would grow too large."""
    ids = [w.correlation for w in batch]
    if not any(ids):
        return ()
    text = ",".join(ids)[:MAX_CORRELATION_BYTES]
    return ((CORRELATION_IDS, "".join(c if " " <= c <= "~" else "?" for c in text)),)
