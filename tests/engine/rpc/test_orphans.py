"""What stations said about no session that is known: kept as they said it, listed, found later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from interwatt.sessions.v1.sessions_service_pb2 import Orphan, OrphanKind

from tests.engine.rpc.requests import at, furnish, request_id
from tests.engine.rpc.running import RunningEngine, running

STATION = "CS-ORPHANS"
READINGS = {
    "request_id": "readings",
    "station_id": STATION,
    "connector_number": 2,
    "transaction_id": 4711,
    "readings": [
        {
            "at": at("2026-11-20T10:30:00Z"),
            "samples": [
                {"measurand": "Power.Active.Import", "value_milli": 7_000_000, "phase": "L1"},
                {"measurand": "SoC", "value_milli": 55_000, "context": "Sample.Periodic"},
            ],
        },
        {
            "at": at("2026-11-20T10:31:00Z"),
            "samples": [{"measurand": "Other", "location": "Cable", "signed_data": b"OCMF|{}|{}"}],
        },
    ],
}
STOP = {
    "request_id": "stop",
    "station_id": STATION,
    "transaction_id": 4711,
    "stopped_at": at("2026-11-20T11:00:00Z"),
    "meter_stop_mwh": 9_000_000,
    "reason": "EVDisconnected",
    "token_uid": "CARD1",
    "readings": READINGS["readings"],
}
START = {
    "request_id": "start",
    "station_id": STATION,
    "connector_number": 2,
    "token_uid": "CARD1",
    "started_at": at("2026-11-20T10:00:00Z"),
    "meter_start_mwh": 1_000_000,
}


@pytest_asyncio.fixture
async def engine(tmp_path: Path, empty_url: str) -> AsyncIterator[RunningEngine]:
    async with running(tmp_path, empty_url) as engine:
        await furnish(engine.admin)
        station = {"id": STATION, "settings": {"security_profile": 0}}
        await engine.admin.call("PutStation", {"request_id": request_id(), "station": station})
        yield engine


async def listed(engine: RunningEngine, **wanted: Any) -> list[Orphan]:
    return list((await engine.admin.call("ListOrphans", wanted)).orphans)


async def test_they_are_listed_as_they_were_said_the_newest_first(engine: RunningEngine) -> None:
    await engine.admin.call("RecordMeterReadings", {"items": [READINGS]})
    await asyncio.sleep(0.002)  # ids sort to the millisecond
    await engine.admin.call("StopSessions", {"items": [STOP]})
    stop, readings = await listed(engine)
    assert (stop.kind, readings.kind) == (
        OrphanKind.ORPHAN_KIND_STOP,
        OrphanKind.ORPHAN_KIND_READINGS,
    )
    said = {name: value for name, value in STOP.items() if name != "request_id"}
    assert stop.stop == type(stop.stop)(**said)
    said = {name: value for name, value in READINGS.items() if name != "request_id"}
    assert readings.readings == type(readings.readings)(**said)
    assert readings.recorded_at.seconds <= stop.recorded_at.seconds
    assert stop.session_id == readings.session_id == ""


async def test_a_filter_leaves_out_the_others(engine: RunningEngine) -> None:
    await engine.admin.call("RecordMeterReadings", {"items": [READINGS]})
    await engine.admin.call("StopSessions", {"items": [STOP]})
    assert len(await listed(engine, station_id=STATION)) == 2
    assert await listed(engine, station_id="CS-1") == []


async def test_what_belongs_to_a_session_names_it(engine: RunningEngine) -> None:
    await engine.admin.call("StopSessions", {"items": [STOP]})
    [outcome] = (await engine.admin.call("StartSessions", {"items": [START]})).outcomes
    await asyncio.sleep(0.002)
    other = STOP | {"request_id": "other", "transaction_id": outcome.session.transaction_id}
    await engine.admin.call("StopSessions", {"items": [other | {"meter_stop_mwh": 8_000_000}]})
    conflict, stop = await listed(engine)
    assert conflict.kind == OrphanKind.ORPHAN_KIND_STOP_CONFLICT
    assert conflict.session_id == stop.session_id == outcome.session.id
    assert await listed(engine, loose=True) == []


async def pages(engine: RunningEngine, **wanted: Any) -> list[list[Orphan]]:
    found, token = [], ""
    while True:
        page = await engine.admin.call("ListOrphans", {"page_token": token, **wanted})
        found.append(list(page.orphans))
        token = page.next_page_token
        if not token:
            return found


async def test_pages_follow_one_another(engine: RunningEngine) -> None:
    stops = [STOP | {"request_id": f"stop-{n}", "meter_stop_mwh": n} for n in range(5)]
    await engine.admin.call("StopSessions", {"items": stops})
    found = await pages(engine, page_size=2)
    assert [len(page) for page in found] == [2, 2, 1]
    ids = [orphan.id for page in found for orphan in page]
    assert ids == sorted(set(ids), reverse=True)
    assert ids == [orphan.id for orphan in await listed(engine)]


async def test_page_ends_early_where_stations_said_much(engine: RunningEngine) -> None:
    many = [{"at": at("2026-11-20T10:30:00Z"), "samples": READINGS["readings"][0]["samples"] * 900}]
    stops = [STOP | {"request_id": f"stop-{n}", "readings": many} for n in range(6)]
    for stop in stops:
        await engine.admin.call("StopSessions", {"items": [stop]})
    found = await pages(engine)
    assert all(1 <= len(page) < 6 for page in found)
    assert sum(page[0].stop.ByteSize() for page in found) > 100_000
    assert len({orphan.id for page in found for orphan in page}) == 6
