"""What the store cannot keep is refused for the item that says it, wherever it stands in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message

from tests.engine.postgres_server import PostgresServer
from tests.engine.rpc.requests import furnish, request_id, sample
from tests.engine.rpc.running import METHODS, RunningEngine, failure, running

BATCHES = [method for method in METHODS if "items" in method.input_type.fields_by_name]
UNARY = [
    method
    for method in METHODS
    if method not in BATCHES and not method.server_streaming and not method.client_streaming
]
STREAMS = [method for method in METHODS if method.server_streaming and not method.client_streaming]
DEEPEST = 6
INTEGERS = {
    FieldDescriptor.TYPE_SINT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_UINT64: (2**64 - 1,),
}

Spoil = tuple[str, Callable[[Any], None]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> AsyncIterator[RunningEngine]:
    url = await postgres.new_database()
    async with running(tmp_path_factory.mktemp("engine"), url) as engine:
        await furnish(engine.admin)
        yield engine


pytestmark = pytest.mark.asyncio(loop_scope="module")


def spoils(message: Message, path: tuple[Any, ...] = ()) -> Iterator[Spoil]:
    """Return how to put a NUL into each text of a message and the extremes into each integer."""
    for field in message.DESCRIPTOR.fields:
        name = field.name
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            if field.message_type.GetOptions().map_entry:
                continue
            value = getattr(message, name)
            if field.is_repeated:
                for index, item in enumerate(value[:1]):
                    yield from spoils(item, (*path, name, index))
            elif len(path) < DEEPEST:
                yield from spoils(value, (*path, name))
            continue
        if field.is_repeated:
            continue
        values: tuple[Any, ...] = INTEGERS.get(field.type, ())
        if field.type == FieldDescriptor.TYPE_STRING:
            values = (f"{getattr(message, name)[:8]}\0",)
        for value in values:
            yield f"{'.'.join(map(str, (*path, name)))}={value!r}", _setter((*path, name), value)


def _setter(path: tuple[Any, ...], value: Any) -> Callable[[Any], None]:
    def put(message: Any) -> None:
        for step in path[:-1]:
            message = message[step] if isinstance(step, int) else getattr(message, step)
        setattr(message, path[-1], value)

    return put


@pytest.mark.parametrize("method", BATCHES, ids=lambda method: method.name)
async def test_bad_item_fails_no_other(engine: RunningEngine, method: MethodDescriptor) -> None:
    worked: Any = sample(method)
    for what, spoil in spoils(worked.items[0]):
        batch: Any = sample(method)
        del batch.items[1:]
        spoil(batch.items[0])
        good = sample(method).items[0]  # type: ignore[attr-defined]
        if "request_id" in good.DESCRIPTOR.fields_by_name:
            good.request_id = request_id()
        batch.items.append(good)
        try:
            answer = await engine.admin.call(method.name, batch)
        except grpc.aio.AioRpcError as error:
            raise AssertionError(f"{what}: {failure(error)}") from error
        assert len(answer.outcomes) == 2, what


@pytest.mark.parametrize("method", UNARY, ids=lambda method: method.name)
async def test_what_is_wrong_with_a_call_is_named(
    engine: RunningEngine, method: MethodDescriptor
) -> None:
    for what, spoil in spoils(sample(method)):
        request: Any = sample(method)
        spoil(request)
        try:
            await engine.admin.call(method.name, request)
        except grpc.aio.AioRpcError as error:
            found = failure(error)
            assert found.reason, what
            if found.reason == "INVALID_ARGUMENT":
                assert found.metadata["field"], what


@pytest.mark.parametrize("method", STREAMS, ids=lambda method: method.name)
async def test_what_is_wrong_with_a_stream_is_named(
    engine: RunningEngine, method: MethodDescriptor
) -> None:
    for what, spoil in spoils(sample(method)):
        request: Any = sample(method)
        spoil(request)
        try:
            async for _ in engine.admin.stream(method.name, request, timeout_s=0.2):
                break
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                continue  # nothing to tell yet
            found = failure(error)
            assert found.reason in ("INVALID_ARGUMENT", "EVENTS_EXPIRED"), what
            if found.reason == "INVALID_ARGUMENT":
                assert found.metadata["field"], what
