"""Two engines on one PostgreSQL under load: what is told to both happens once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.engine.postgres_server import PostgresServer
from tests.engine.rpc.requests import (
    OURS,
    PARTNER,
    STATION,
    THEIRS,
    at,
    furnish,
    request_id,
    sample,
)
from tests.engine.rpc.running import RunningEngine, find, running

FIRST = 10
CHARGES = 60
TOKENS = 20
VERSIONS = 5


@pytest.fixture
async def engines(
    tmp_path: Path, postgres: PostgresServer
) -> AsyncIterator[Sequence[RunningEngine]]:
    url = await postgres.new_database()
    async with AsyncExitStack() as stack:
        found = [await stack.enter_async_context(running(tmp_path, url)) for _ in range(2)]
        await furnish(found[0].admin)
        connectors = [{"number": n, "evse_uid": "E1"} for n in range(1, FIRST + CHARGES)]
        station = {"id": STATION, "location_id": "LOC1", "connectors": connectors}
        await found[0].admin.call("PutStation", {"request_id": request_id(), "station": station})
        card = sample(find("PutTokens")).items[0].token  # type: ignore[attr-defined]
        card.owner.country_code, card.owner.party_id = THEIRS["country_code"], THEIRS["party_id"]
        card.uid, card.partner_id = "SUN1", PARTNER
        put = {"items": [{"request_id": request_id(), "token": card}]}
        await found[0].admin.call("PutTokens", put)
        yield found


def start(n: int, id_: str) -> dict[str, Any]:
    return {
        "request_id": id_,
        "station_id": STATION,
        "connector_number": n,
        "token_uid": "sun1",
        "started_at": at("2026-11-21T10:00:00Z"),
        "meter_start_mwh": 1_000_000,
        "station_transaction_id": f"tx-{n}",
    }


def stop(n: int, id_: str) -> dict[str, Any]:
    return {
        "request_id": id_,
        "station_id": STATION,
        "station_transaction_id": f"tx-{n}",
        "stopped_at": at("2026-11-21T11:00:00Z"),
        "meter_stop_mwh": 11_000_000,
    }


def reading(n: int, id_: str) -> dict[str, Any]:
    register = {"measurand": "Energy.Active.Import.Register", "value_milli": 5_000_000}
    return {
        "request_id": id_,
        "station_id": STATION,
        "connector_number": n,
        "station_transaction_id": f"tx-{n}",
        "readings": [{"at": at("2026-11-21T10:30:00Z"), "samples": [register]}],
    }


def token(n: int, version: int, id_: str) -> dict[str, Any]:
    put = sample(find("PutTokens")).items[0].token  # type: ignore[attr-defined]
    put.uid, put.issuer = f"BOTH{n}", f"Version {version}"
    return {"request_id": id_, "token": put}


async def tell_both(
    engines: Sequence[RunningEngine], method: str, items: Sequence[dict[str, Any]]
) -> list[list[Any]]:
    """Send the same items to both engines at once, in batches and orders of their own."""

    async def tell(engine: RunningEngine, seed: int) -> list[Any]:
        dice = random.Random(seed)
        order = list(range(len(items)))
        dice.shuffle(order)
        cuts = [order[n : n + 7] for n in range(0, len(order), 7)]
        answers = await asyncio.gather(
            *(engine.admin.call(method, {"items": [items[n] for n in cut]}) for cut in cuts)
        )
        outcomes = [outcome for answer in answers for outcome in answer.outcomes]
        by_item = dict(zip((n for cut in cuts for n in cut), outcomes, strict=True))
        return [by_item[n] for n in range(len(items))]

    return list(await asyncio.gather(*(tell(engine, n) for n, engine in enumerate(engines))))


async def posted(engine: RunningEngine) -> list[str]:
    """Wait until as many CDRs are posted as there were charges; returns their subjects."""
    subjects: list[str] = []
    async for answer in engine.admin.stream(
        "StreamEvents", {"kinds": ["ledger.posted"]}, timeout_s=60
    ):
        subjects += [event.subject for event in answer.events]
        if len(subjects) >= CHARGES:
            break
    return subjects


async def everything(engine: RunningEngine, method: str, field: str, **wanted: Any) -> list[Any]:
    """Read a whole list, page by page."""
    found: list[Any] = []
    page = await engine.admin.call(method, {"page_size": 17} | wanted)
    while True:
        found += getattr(page, field)
        if not page.next_page_token:
            return found
        page = await engine.admin.call(
            method, {"page_size": 17, "page_token": page.next_page_token} | wanted
        )


async def test_what_is_told_to_both_happens_once(engines: Sequence[RunningEngine]) -> None:
    numbers = range(FIRST, FIRST + CHARGES)
    started, measured, ended, put = await asyncio.gather(
        tell_both(engines, "StartSessions", [start(n, request_id()) for n in numbers]),
        tell_both(engines, "RecordMeterReadings", [reading(n, request_id()) for n in numbers]),
        tell_both(engines, "StopSessions", [stop(n, request_id()) for n in numbers]),
        tell_both(
            engines,
            "PutTokens",
            [token(n, v, request_id()) for v in range(VERSIONS) for n in range(TOKENS)],
        ),
    )
    for answers in (started, measured, ended, put):
        for one, other in zip(*answers, strict=True):
            assert not one.HasField("error"), one
            assert one.replayed != other.replayed
            one.replayed = other.replayed = False
            assert one == other

    sessions = [
        s
        for s in await everything(engines[0], "ListSessions", "sessions")
        if s.connector_number >= FIRST
    ]
    assert len(sessions) == CHARGES
    assert len({session.transaction_id for session in sessions}) == CHARGES
    assert {(s.state, s.energy_mwh) for s in sessions} == {(3, 10_000_000)}
    for uid in (f"BOTH{n}" for n in range(TOKENS)):
        await engines[1].admin.call("GetToken", {"owner": OURS, "uid": uid})
    await check_events(engines)
    await check_money(engines, {session.id for session in sessions})


async def check_events(engines: Sequence[RunningEngine]) -> None:
    """Check that events have no gap and that both engines tell the same."""
    seen = [await all_events(engine) for engine in engines]
    common = min(map(len, seen))
    assert seen[0][:common] == seen[1][:common]
    assert [event.seq for event in seen[0]] == list(range(1, len(seen[0]) + 1))
    kinds = [event.kind for event in seen[0]]
    assert kinds.count("session.completed") == CHARGES
    changes = [e for e in seen[0] if e.kind == "token.changed" and "BOTH" in e.subject]
    assert len({(event.subject, event.payload) for event in changes}) == len(changes)


async def all_events(engine: RunningEngine) -> list[Any]:
    found: list[Any] = []
    while True:
        after = found[-1].seq if found else 0
        page = await engine.admin.call("ListEvents", {"after_seq": after, "page_size": 50})
        if not page.events:
            return found
        found += page.events


async def check_money(engines: Sequence[RunningEngine], session_ids: set[str]) -> None:
    """Check that each session has one CDR, posted once, and that the ledger verifies."""

    assert len(set(await posted(engines[0]))) == CHARGES
    cdrs = await everything(engines[1], "ListCdrs", "cdrs", issued=True)
    assert sorted(cdr.session_id for cdr in cdrs) == sorted(session_ids)
    verified = await engines[0].admin.call("VerifyLedger", {})
    assert list(verified.violations) == []
    assert verified.transfers > 0
