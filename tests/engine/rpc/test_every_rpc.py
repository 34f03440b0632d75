"""Every method of every service, whatever it is asked: an answer, or an error of the catalogue."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from interwatt.common.v1.error_reason_pb2 import ErrorReason

from engine.db.migrate import upgrade
from engine.kernel.errors import CATALOGUE
from engine.rpc.errors import STATUS
from tests.engine.conftest import BOTH
from tests.engine.postgres_server import PostgresServer
from tests.engine.rpc import strategies
from tests.engine.rpc.requests import furnish, sample
from tests.engine.rpc.running import METHODS, Caller, failure, running

REASONS = {error.reason for error in CATALOGUE}
WAITING = ("AwaitAuthorization", "AwaitCommand")


class EngineThread:
    """An engine on an event loop of its own, so that tests that are no coroutines can call it."""

    def __init__(self, data: Any, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._end = asyncio.Event()
        self.admin: Caller
        self._thread = threading.Thread(
            target=self._loop.run_until_complete, args=(self._run(data, url),)
        )
        self._thread.start()
        self._ready.wait()

    async def _run(self, data: Any, url: str) -> None:
        try:
            await upgrade(url)
            async with running(data, url) as engine:
                await furnish(engine.admin)
                self.admin = engine.admin
                self._ready.set()
                await self._end.wait()
        finally:
            self._ready.set()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module", params=BOTH)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineThread]:
    data = tmp_path_factory.mktemp("engine")
    url = f"sqlite:///{data / 'interwatt.db'}"
    if request.param == "postgresql":
        postgres: PostgresServer = request.getfixturevalue("postgres")
        url = asyncio.run(postgres.new_database())
    thread = EngineThread(data, url)
    yield thread
    thread.stop()


async def ask(caller: Caller, method: MethodDescriptor, request: bytes) -> Message | None:
    """Call; of a stream take the first answer. Returns nothing where none came in time."""
    try:
        if method.server_streaming:
            call = caller.stream(method.name, request, timeout_s=0.05)
            answer: Message
            async for answer in call:
                call.cancel()
                return answer
            return None
        timeout_s = 0.05 if method.name in WAITING else 20
        answer = await caller.raw(method, request, timeout_s=timeout_s)
        return answer
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED and (
            method.server_streaming or method.name in WAITING
        ):
            return None
        raise


def check_items(answer: Message) -> None:
    """Check that each error of an item is one of the catalogue."""
    for outcome in getattr(answer, "outcomes", ()):
        if "error" in outcome.DESCRIPTOR.fields_by_name and outcome.HasField("error"):
            assert outcome.error.reason in ErrorReason.values()
            assert outcome.error.reason != ErrorReason.ERROR_REASON_UNSPECIFIED
            assert outcome.error.message


def check_failure(error: grpc.aio.AioRpcError) -> None:
    """Check that a call failed as the catalogue says."""
    found = failure(error)
    assert found.reason in REASONS, (found, error.debug_error_string())
    assert found.code is STATUS[found.reason]
    assert 0 < len(found.message) <= 1_000


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_whatever_is_asked_gets_an_answer_or_an_error_of_the_catalogue(
    engine: EngineThread, method: MethodDescriptor, data: st.DataObject
) -> None:
    request = data.draw(strategies.anything(sample(method)))
    try:
        answer = engine.run(ask(engine.admin, method, request))
    except grpc.aio.AioRpcError as error:
        check_failure(error)
        return
    if answer is not None:
        check_items(answer)
