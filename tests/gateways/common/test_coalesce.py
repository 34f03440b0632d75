# ruff: noqa: ASYNC109 - a batch method takes its timeout as a stub has it
"""The coalescing client, against a batch method that is a plain function."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from interwatt.common.v1 import error_reason_pb2
from interwatt.common.v1.error_reason_pb2 import ItemError
from interwatt.stations.v1.stations_service_pb2 import (
    DisconnectStationItem,
    DisconnectStationsRequest,
    DisconnectStationsResponse,
    RecordOutcome,
)

from gateways.common import telemetry
from gateways.common.coalesce import CORRELATION_IDS, Coalescer
from gateways.common.errors import EngineError, EngineUnavailable

Answer = Callable[[DisconnectStationItem], RecordOutcome]
STORED = RecordOutcome()


class Method:
    """A batch method that waits at a gate and answers item by item."""

    def __init__(self, answer: Answer = lambda _item: STORED) -> None:
        self.batches: list[list[str]] = []
        self.metadata: list[Any] = []
        self.gate = asyncio.Event()
        self.called = asyncio.Event()
        self.failures: list[Exception] = []
        self._answer = answer

    async def __call__(
        self,
        request: DisconnectStationsRequest,
        *,
        timeout: float | None,
        metadata: Any,
    ) -> DisconnectStationsResponse:
        self.batches.append([item.station_id for item in request.items])
        self.metadata.append(dict(metadata))
        self.called.set()
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        return DisconnectStationsResponse(outcomes=[self._answer(i) for i in request.items])


def coalescer(method: Method, **settings: int) -> Coalescer[DisconnectStationItem, RecordOutcome]:
    return Coalescer(name="Test", call=method, request=DisconnectStationsRequest, **settings)


def item(station: str) -> DisconnectStationItem:
    return DisconnectStationItem(request_id=f"r-{station}", station_id=station)


def refused(reason: int, **metadata: str) -> RecordOutcome:
    return RecordOutcome(error=ItemError(reason=reason, message="No.", metadata=metadata))  # type: ignore[arg-type]


async def start(
    client: Coalescer[DisconnectStationItem, RecordOutcome], *stations: str, within: float = 5
) -> list[asyncio.Task[RecordOutcome]]:
    tasks = [asyncio.create_task(client.call(item(s), key=s, timeout=within)) for s in stations]
    await asyncio.sleep(0)
    return tasks


async def test_what_arrives_meanwhile_goes_in_the_next_batch_in_order() -> None:
    method = Method()
    client = coalescer(method)
    first = await start(client, "a")
    await method.called.wait()
    rest = await start(client, "b", "c", "d")
    method.gate.set()
    await asyncio.gather(*first, *rest)
    assert method.batches == [["a"], ["b", "c", "d"]]


async def test_a_batch_is_capped() -> None:
    method = Method()
    client = coalescer(method, max_items=2)
    tasks = await start(client, "a", "b", "c", "d", "e")
    method.gate.set()
    await asyncio.gather(*tasks)
    assert method.batches == [["a", "b"], ["c", "d"], ["e"]]


async def test_one_refused_item_does_not_fail_the_rest() -> None:
    method = Method(
        lambda i: (
            refused(error_reason_pb2.ERROR_REASON_NOT_FOUND) if i.station_id == "b" else STORED
        )
    )
    method.gate.set()
    client = coalescer(method)
    a, b = await asyncio.gather(*await start(client, "a", "b"), return_exceptions=True)
    assert a == STORED
    assert isinstance(b, EngineError)
    assert b.name == "NOT_FOUND"


async def test_a_batch_without_answer_is_sent_again_unchanged_before_younger_items() -> None:
    method = Method()
    method.failures = [EngineUnavailable("away")]
    client = coalescer(method, max_items=2)
    tasks = await start(client, "a", "b", "c")
    method.gate.set()
    await asyncio.gather(*tasks)
    assert method.batches == [["a", "b"], ["a", "b"], ["c"]]


async def test_an_overloaded_item_alone_is_sent_again() -> None:
    seen: list[str] = []

    def answer(i: DisconnectStationItem) -> RecordOutcome:
        seen.append(i.station_id)
        if i.station_id == "b" and seen.count("b") == 1:
            return refused(error_reason_pb2.ERROR_REASON_OVERLOADED, retry_after_ms="1")
        return STORED

    method = Method(answer)
    method.gate.set()
    client = coalescer(method)
    await asyncio.gather(*await start(client, "a", "b", "c"))
    assert method.batches == [["a", "b", "c"], ["b"]]


async def test_no_answer_before_its_own_deadline_is_unavailable() -> None:
    method = Method()
    client = coalescer(method)
    slow, quick = (*await start(client, "slow"), *await start(client, "quick", within=0.01))
    with pytest.raises(EngineUnavailable, match="in time"):
        await quick
    method.gate.set()
    assert await slow == STORED
    await client.aclose()
    assert method.batches == [["slow", "quick"]] or method.batches == [["slow"]]


async def test_a_cancelled_waiter_takes_its_unsent_item_along() -> None:
    method = Method()
    client = coalescer(method)
    (first,) = await start(client, "a")
    await method.called.wait()
    second, third = await start(client, "b", "c")
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    method.gate.set()
    await asyncio.gather(first, third)
    assert method.batches == [["a"], ["c"]]


async def test_a_cancelled_waiter_in_flight_leaves_the_batch_alone() -> None:
    method = Method()
    client = coalescer(method)
    first, second = await start(client, "a", "b")
    await method.called.wait()
    first.cancel()
    method.gate.set()
    assert await second == STORED
    assert method.batches == [["a", "b"]]


async def test_too_many_waiting_items_are_refused_with_a_hint() -> None:
    method = Method()
    client = coalescer(method, limit=1)
    (first,) = await start(client, "a")
    await method.called.wait()
    (second,) = await start(client, "b")
    with pytest.raises(EngineUnavailable) as caught:
        await client.call(item("c"))
    assert caught.value.retry_after > 0
    method.gate.set()
    await asyncio.gather(first, second)


async def test_correlation_ids_travel_with_the_batch_in_order() -> None:
    method = Method()
    method.gate.set()
    client = coalescer(method)
    with telemetry.correlated("one"):
        first = asyncio.create_task(client.call(item("a")))
    second = asyncio.create_task(client.call(item("b")))
    with telemetry.correlated("thrée"):
        third = asyncio.create_task(client.call(item("c")))
    await asyncio.gather(first, second, third)
    assert method.metadata == [{CORRELATION_IDS: "one,,thr?e"}]


async def test_closing_gives_up_what_gets_no_answer() -> None:
    method = Method()
    client = coalescer(method)
    tasks = await start(client, "a", "b")
    await method.called.wait()
    await client.aclose(grace=0.01)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(r, EngineUnavailable) for r in results)
    with pytest.raises(EngineUnavailable):
        await client.call(item("c"))


async def test_a_wrong_number_of_outcomes_leaves_nobody_waiting() -> None:
    class Short(Method):
        async def __call__(self, *_: Any, **__: Any) -> DisconnectStationsResponse:
            return DisconnectStationsResponse()

    with pytest.raises(EngineUnavailable, match="Expected 1 outcomes"):
        await coalescer(Short()).call(item("a"))
