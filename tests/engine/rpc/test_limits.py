"""What a call may be at most, and what is said to more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.protobuf.descriptor import MethodDescriptor
from interwatt.commands.v1 import commands_service_pb2_grpc as commands_grpc
from interwatt.common.v1.error_reason_pb2 import ErrorReason
from interwatt.tokens.v1 import tokens_service_pb2 as pb
from interwatt.tokens.v1 import tokens_service_pb2_grpc as pb_grpc

from engine.rpc.access import CallerRole
from engine.rpc.server import MAX_MESSAGE_BYTES, Server, Service
from tests.engine.rpc.requests import furnish, request_id, sample
from tests.engine.rpc.running import METHODS, Caller, RunningEngine, failure, message_class, running

BATCHES = [
    method
    for method in METHODS
    if "items" in method.input_type.fields_by_name and method.name != "PriceCdrs"
]
LISTS = [method for method in METHODS if "page_size" in method.input_type.fields_by_name]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningEngine]:
    data = tmp_path_factory.mktemp("engine")
    async with running(data, f"sqlite:///{data / 'interwatt.db'}") as engine:
        await furnish(engine.admin)
        yield engine


pytestmark = pytest.mark.asyncio(loop_scope="module")


def batch(method: MethodDescriptor, count: int) -> Any:
    request: Any = message_class(method)()
    for _ in range(count):
        request.items.extend(sample(method).items)  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize("method", BATCHES, ids=lambda method: method.name)
async def test_batch_has_1_to_256_items(engine: RunningEngine, method: MethodDescriptor) -> None:
    answer = await engine.admin.call(method.name, batch(method, 256))
    assert len(answer.outcomes) == 256
    for count in (0, 257):
        found = await engine.admin.fails(method.name, batch(method, count))
        assert (found.reason, found.metadata["field"]) == ("INVALID_ARGUMENT", "items")


async def test_a_thousand_cdrs_are_priced_at_once_and_no_more(engine: RunningEngine) -> None:
    method = next(method for method in METHODS if method.name == "PriceCdrs")
    assert len((await engine.admin.call("PriceCdrs", batch(method, 1_000))).outcomes) == 1_000
    found = await engine.admin.fails("PriceCdrs", batch(method, 1_001))
    assert (found.reason, found.metadata["field"]) == ("INVALID_ARGUMENT", "items")


@pytest.mark.parametrize("method", LISTS, ids=lambda method: method.name)
async def test_page_has_at_most_1000_rows(engine: RunningEngine, method: MethodDescriptor) -> None:
    await engine.admin.call(method.name, {"page_size": 1_000})
    found = await engine.admin.fails(method.name, {"page_size": 1_001})
    assert (found.reason, found.metadata["field"]) == ("INVALID_ARGUMENT", "page_size")


@pytest.mark.parametrize(
    "method",
    [method for method in LISTS if "page_token" in method.input_type.fields_by_name],
    ids=lambda method: method.name,
)
async def test_page_token_of_nobody_is_refused(
    engine: RunningEngine, method: MethodDescriptor
) -> None:
    for token in ("x", "AAAA", "kgE=", "käse", "lpGhYQ==" * 99):
        found = await engine.admin.fails(method.name, {"page_token": token})
        assert (token, found.reason) == (token, "PAGE_TOKEN_INVALID")


async def test_message_of_more_than_16_mib_is_refused_and_the_next_served(
    engine: RunningEngine,
) -> None:
    method = next(method for method in METHODS if method.name == "PutTariffs")
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await engine.admin.raw(method, b"\x0a" * (MAX_MESSAGE_BYTES + 1))
    assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    await engine.admin.call("ListTariffs", {})


async def test_error_about_a_huge_text_fits_into_its_headers(engine: RunningEngine) -> None:
    # Headers of more than 8 kB are refused by chance, ever more often up to 16 kB.
    for _ in range(20):
        found = await engine.admin.fails("GetStation", {"station_id": "ü" * 1_000_000})
        assert found.reason == "NOT_FOUND"
        assert len(found.message.encode()) <= 800
        assert len(found.metadata["id"].encode()) <= 200


class _Held(pb_grpc.TokensServiceServicer):
    """Answers when it is let go."""

    def __init__(self) -> None:
        self.inside = 0
        self.entered = asyncio.Condition()
        self.gate = asyncio.Event()

    async def ListTokens(self, request: Any, context: Any) -> pb.ListTokensResponse:  # noqa: N802
        async with self.entered:
            self.inside += 1
            self.entered.notify_all()
        await self.gate.wait()
        return pb.ListTokensResponse()


class _Everybody:
    async def authenticate(self, key: str) -> tuple[str, CallerRole]:
        return "somebody", CallerRole.ADMIN


async def test_calls_beyond_the_limit_are_told_when_to_come_again(tmp_path: Path) -> None:
    held = _Held()  # type: ignore[abstract]
    service = Service(
        "interwatt.tokens.v1.TokensService", pb_grpc.add_TokensServiceServicer_to_server, held
    )
    server = Server([service], _Everybody(), max_in_flight=3)
    port = await server.start("127.0.0.1:0")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        caller = Caller(channel, "")
        calls = [asyncio.create_task(caller.call("ListTokens", {})) for _ in range(3)]
        async with held.entered:
            await held.entered.wait_for(lambda: held.inside == 3)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await caller.call("ListTokens", {})
        found = failure(raised.value)
        assert found.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert found.reason == "OVERLOADED"
        assert int(found.metadata["retry_after_ms"]) > 0
        held.gate.set()
        await asyncio.gather(*calls)
        await caller.call("ListTokens", {})
    await server.stop(0)


class _Waited(commands_grpc.CommandsServiceServicer):
    """Lets everybody wait."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()

    async def AwaitCommand(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.entered.set()
        await asyncio.Event().wait()


async def test_who_waits_for_a_command_keeps_nobody_out() -> None:
    held, waited = _Held(), _Waited()  # type: ignore[abstract]
    held.gate.set()
    server = Server(
        [
            Service(
                "interwatt.tokens.v1.TokensService",
                pb_grpc.add_TokensServiceServicer_to_server,
                held,
            ),
            Service(
                "interwatt.commands.v1.CommandsService",
                commands_grpc.add_CommandsServiceServicer_to_server,
                waited,
            ),
        ],
        _Everybody(),
        max_in_flight=1,
    )
    port = await server.start("127.0.0.1:0")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        caller = Caller(channel, "")
        waiting = asyncio.create_task(caller.call("AwaitCommand", {"command_id": "c"}))
        await waited.entered.wait()
        await caller.call("ListTokens", {})
        waiting.cancel()
    await server.stop(0)


@pytest.mark.parametrize("document", [b"[]", b"{", b"1", b"null", b"[" * 100_000, b'{"id": 1}'])
async def test_what_is_no_tariff_is_refused_with_its_place(
    engine: RunningEngine, document: bytes
) -> None:
    put = {"request_id": request_id(), "tariff": {"document": document}}
    answer = await engine.admin.call("PutTariffs", {"items": [put]})
    error = answer.outcomes[0].error
    assert ErrorReason.Name(error.reason) == "ERROR_REASON_TARIFF_INVALID"
    assert error.metadata["path"].startswith("$")
