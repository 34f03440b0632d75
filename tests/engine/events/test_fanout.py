"""Events in NATS JetStream: each once and in order, whatever is killed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import nats
import pytest
from interwatt.partners.v1.partners_service_pb2 import CreatePartnerRequest
from interwatt.partners.v1.partners_service_pb2_grpc import PartnersServiceStub
from nats.js.api import StreamConfig
from structlog.testing import capture_logs

from engine.db.port import Database, NewEvent, Transaction
from engine.events import fanout, store
from engine.events.fanout import STREAM, SUBJECTS, Publisher
from engine.events.feed import EventFeed
from tests.engine.db.notes import adding
from tests.engine.events.nats_server import NatsServer, count_reaches, messages
from tests.harness.platform import Platform
from tests.harness.process import python_module

ONE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.kill()


@asynccontextmanager
async def publishing(database: Database, url: str) -> AsyncIterator[Publisher]:
    publisher = Publisher(database, EventFeed(database), url)
    task = asyncio.create_task(publisher.run())
    try:
        yield publisher
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class WaitsLog:
    """Takes the place of the publisher's log, and hands over each reason to wait."""

    def __init__(self) -> None:
        self.reasons: asyncio.Queue[str] = asyncio.Queue()

    def warning(self, event: str, *, reason: str, again_in_s: float) -> None:
        self.reasons.put_nowait(reason)

    def info(self, event: str, *, position: int) -> None:
        """Take no notice: it goes on."""


async def tell(database: Database, count: int) -> None:
    async def work(tx: Transaction) -> None:
        for n in range(count):
            tx.emit(NewEvent("note.added", f"note/{n}"))

    await database.write(work)


async def saved(database: Database) -> int:
    return await database.read(lambda tx: store.saved_position(tx, "nats"))


@ONE
async def test_server_that_is_not_there_is_said(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.events.fanout._CONNECT_S", 0.1)
    publisher = Publisher(database, EventFeed(database), "nats://127.0.0.1:1")
    with capture_logs() as logs, suppress(TimeoutError):
        async with asyncio.timeout(2):
            await publisher.run()
    assert {"nats.waits"} == {line["event"] for line in logs}
    assert logs[0]["reason"] == "No NATS server answers."


async def assert_each_once(url: str, count: int) -> None:
    assert [message.id for message in await messages(url)] == [
        str(seq) for seq in range(1, count + 1)
    ]


async def test_an_event_is_published_as_it_is(database: Database, server: NatsServer) -> None:
    async with publishing(database, server.url):
        await database.write(adding("a"))
        await count_reaches(server.url, 1)
    [message] = await messages(server.url)
    assert (message.subject, message.id) == ("interwatt.events.note.added", "1")
    assert message.body == {
        "seq": 1,
        "kind": "note.added",
        "subject": "note/a",
        "partner_id": "",
        "correlation_id": "",
        "recorded_at": "2026-11-22T00:30:00Z",
        "payload": {"name": "a"},
    }


async def test_many_keep_their_order_and_the_position_follows(
    database: Database, server: NatsServer
) -> None:
    await tell(database, 1_500)
    async with publishing(database, server.url):
        await count_reaches(server.url, 1_500)
        while await saved(database) < 1_500:
            await database.changed.wait(database.changed.subscribe(), timeout_s=0.05)
    await assert_each_once(server.url, 1_500)


@ONE
async def test_a_server_that_is_away_delays_and_loses_nothing(
    database: Database, tmp_path: Path
) -> None:
    server = NatsServer(tmp_path / "nats")
    try:
        async with publishing(database, server.url):
            await tell(database, 5)
            server.start()
            await count_reaches(server.url, 5)
        await assert_each_once(server.url, 5)
    finally:
        server.kill()


# The client leaves its socket to the collector where the server dies before its first words.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_server_that_is_killed_again_and_again_gets_each_once(
    database: Database, server: NatsServer
) -> None:
    async with publishing(database, server.url):
        for _ in range(3):
            for _ in range(10):
                await tell(database, 20)
            server.kill()
            await tell(database, 5)
            server.start()
        await count_reaches(server.url, 615)
    await assert_each_once(server.url, 615)


@ONE
async def test_the_stream_is_believed_where_the_saved_position_is_behind(
    database: Database, server: NatsServer
) -> None:
    """A stream that remembers ids for a moment only would take an event twice."""
    client = await nats.connect(server.url)
    await client.jetstream().add_stream(
        StreamConfig(name=STREAM, subjects=[SUBJECTS], duplicate_window=0.1)
    )
    await client.close()
    await tell(database, 10)
    async with publishing(database, server.url):
        await count_reaches(server.url, 10)

    async def forget(tx: Transaction) -> None:
        await store.position(tx, "nats")
        await store.move(tx, "nats", 0)

    await database.write(forget)
    server.kill()  # what it remembers of ids, it forgets
    server.start()
    await tell(database, 2)
    async with publishing(database, server.url):
        await count_reaches(server.url, 12)
    await assert_each_once(server.url, 12)


@ONE
async def test_several_engines_publish_each_once(database: Database, server: NatsServer) -> None:
    async with publishing(database, server.url), publishing(database, server.url):
        for _ in range(30):
            await tell(database, 10)
        await count_reaches(server.url, 300)
    await assert_each_once(server.url, 300)


@ONE
async def test_a_stream_that_is_ahead_of_a_restored_database_gets_nothing_wrong(
    database: Database, server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await nats.connect(server.url)
    stream = client.jetstream()
    await stream.add_stream(StreamConfig(name=STREAM, subjects=[SUBJECTS]))
    await stream.publish("interwatt.events.note.added", b"{}", headers={"Nats-Msg-Id": "9"})
    await tell(database, 3)
    log = WaitsLog()
    monkeypatch.setattr(fanout, "_LOG", log)
    async with publishing(database, server.url), asyncio.timeout(30):
        for _ in range(2):
            assert "goes to event 9, the database to 3" in await log.reasons.get()
        assert (await stream.stream_info(STREAM)).state.messages == 1
        await stream.delete_stream(STREAM)
        await count_reaches(server.url, 3)
    await client.close()
    await assert_each_once(server.url, 3)


def test_an_engine_that_is_killed_again_and_again_publishes_each_once(
    tmp_path: Path, server: NatsServer
) -> None:
    platform = Platform(tmp_path / "platform")
    platform.engine.command = [
        *python_module("engine", "--data", str(tmp_path / "platform" / "data")),
        *("--nats", server.url),
    ]
    try:
        platform.start_engine()
        for n in range(60):
            stub = platform.calls.stub(PartnersServiceStub)
            stub.CreatePartner(CreatePartnerRequest(request_id=f"r{n}", id=f"p{n}"))
            if n % 20 == 10:
                platform.restart_engine()
            if n == 35:
                server.kill()
            if n == 45:
                server.start()
        asyncio.run(count_reaches(server.url, 60))
        asyncio.run(assert_each_once(server.url, 60))
    finally:
        platform.stop()
