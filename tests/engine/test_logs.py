"""One id that follows a charge: what the engine logs, and under which id."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from interwatt.partners.v1.partners_service_pb2 import CreatePartnerRequest
from interwatt.partners.v1.partners_service_pb2_grpc import PartnersServiceStub

from engine import logs
from engine.db import committed
from engine.db.port import Database, NewEvent, Transaction
from engine.kernel import correlation
from engine.kernel.errors import StateConflict
from tests.engine.rpc.running import running

STARTED = NewEvent(
    "session.started",
    "session/NL-IWT/S1",
    partner_id="sun",
    correlation_id="S1",
    payload={"state": "ACTIVE", "note": ""},
)


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    out = io.StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    logs.configure("info", out)
    monkeypatch.setattr(committed, "_LOG", structlog.get_logger())  # a logger keeps its set-up
    yield out
    structlog.reset_defaults()


class FullDisk(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    logs.configure("info", FullDisk())
    try:
        structlog.get_logger().warning("follower.waits", reason="The disk is full.")
    finally:
        structlog.reset_defaults()


def test_what_a_library_logs_is_a_line_like_any_other(out: io.StringIO) -> None:
    try:
        raise ConnectionRefusedError("Connection refused")
    except ConnectionRefusedError:
        logging.getLogger("asyncpg.pool").warning("Could not %s", "connect", exc_info=True)
    logging.getLogger("asyncpg.pool").info("not worth a line")
    [line] = lines(out)
    assert (line["event"], line["level"]) == ("library.warned", "warning")
    assert (line["library"], line["reason"]) == ("asyncpg.pool", "Could not connect")
    assert "ConnectionRefusedError" in str(line["exception"])


@pytest.mark.parametrize(
    ("level", "text", "arguments"),
    [(logging.WARNING, "%d things", ("x",)), (35, "notice", ()), (logging.WARNING, "\udc80", ())],
)
def test_what_a_library_logs_amiss_ends_nothing(
    out: io.StringIO, level: int, text: str, arguments: tuple[str, ...]
) -> None:
    [ours] = [h for h in logging.getLogger().handlers if type(h).__module__ == logs.__name__]
    ours.handle(logging.LogRecord("library", level, "", 0, text, arguments, None))
    logging.getLogger("library").warning("goes on")
    assert lines(out)[-1]["reason"] == "goes on"


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


async def tell(database: Database, *events: NewEvent, ids: str = "") -> None:
    async def work(tx: Transaction) -> None:
        for event in events:
            tx.emit(event)

    correlation.follow(ids)
    await database.write(work)
    await asyncio.sleep(0)  # the log follows the answer


async def test_an_act_is_one_line_with_the_ids_of_its_call_and_session(
    database: Database, out: io.StringIO
) -> None:
    await tell(database, STARTED, ids="CP1:17")
    [line] = lines(out)
    del line["timestamp"]
    assert line == {
        "event": "session.started",
        "level": "info",
        "subject": "session/NL-IWT/S1",
        "correlation_id": "CP1:17",
        "session_id": "S1",
        "partner_id": "sun",
        "state": "ACTIVE",
    }


async def test_an_act_in_a_batch_or_without_a_call_has_the_id_of_its_session(
    database: Database, out: io.StringIO
) -> None:
    await tell(database, STARTED, ids="CP1:17,CP2:4")
    await tell(database, STARTED)
    for line in lines(out):
        assert line["correlation_id"] == line["session_id"] == "S1"
        assert "correlation_ids" not in line


async def test_readings_are_not_logged(database: Database, out: io.StringIO) -> None:
    await tell(database, NewEvent("session.updated", "session/NL-IWT/S1", correlation_id="S1"))
    assert lines(out) == []


async def test_what_changed_nothing_is_not_logged(database: Database, out: io.StringIO) -> None:
    async def work(tx: Transaction) -> None:
        tx.emit(STARTED)
        raise StateConflict("Not now.")

    with pytest.raises(StateConflict):
        await database.write(work)
    await asyncio.sleep(0)  # the log would follow the answer
    assert lines(out) == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_an_act_is_logged_when_its_caller_is_gone(
    database: Database, out: io.StringIO
) -> None:
    caller = asyncio.create_task(tell(database, STARTED, ids="CP1:17"))
    await asyncio.sleep(0)  # it has asked
    caller.cancel()
    await tell(database)
    assert [line["correlation_id"] for line in lines(out)] == ["CP1:17"]


def test_a_line_of_a_batch_names_all_its_items(out: io.StringIO) -> None:
    async def call() -> None:
        correlation.follow("CP1:17,CP2:4")
        structlog.get_logger().warning("odd")

    asyncio.run(call())
    assert [line["correlation_ids"] for line in lines(out)] == ["CP1:17,CP2:4"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_the_id_of_a_gateways_call_reaches_the_log(
    tmp_path: Path, database_url: str, out: io.StringIO
) -> None:
    async with running(tmp_path, database_url) as engine:
        stub = PartnersServiceStub(engine.channel)
        key = (tmp_path / "keys" / "admin.key").read_text().strip()
        for number in (1, 2):
            await stub.CreatePartner(
                CreatePartnerRequest(request_id=f"r{number}", id=f"p{number}"),
                metadata=[("authorization", f"Bearer {key}"), ("x-correlation-id", f"c{number}")],
            )
    found = {line["subject"]: line["correlation_id"] for line in lines(out)}
    assert found == {"partner/p1": "c1", "partner/p2": "c2"}
