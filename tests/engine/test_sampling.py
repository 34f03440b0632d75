"""Metrics, as a scrape finds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from engine.commands import store as commands
from engine.commands.model import Action, Result, State, apply, request
from engine.db.port import Database, Transaction
from engine.deliveries import store as deliveries
from engine.deliveries.model import Delivery
from engine.kernel.errors import StoreUnavailable
from engine.rpc import boundary
from engine.sampling import Sampler
from gateways.common import coalesce
from gateways.ocpi import app
from gateways.ocpp import metrics
from tests.engine.conftest import START, ManualClock
from tests.engine.db.notes import adding
from tests.harness.process import Process, python_module


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"interwatt_engine_{name}", labels)


def pending(partner: str, object_id: str, *, attempts: int = 0) -> Delivery:
    return Delivery(
        key=f"{partner}/{object_id}",
        partner_id=partner,
        module="cdrs",
        owner="NL-IWT",
        object_id=object_id,
        version=1,
        delivered_version=0,
        pending=True,
        attempts=attempts,
        due_us=START,
        leased_until_us=0,
        last_error="",
        remote_url="",
    )


class StandingStill:
    name = "standing-still"
    position = 1


async def test_backlogs_are_counted_by_partner_and_go_back_to_zero(
    database: Database, clock: ManualClock
) -> None:
    rows = [pending("sun", "a"), pending("sun", "b", attempts=3), pending("moon", "a")]
    await database.write(lambda tx: deliveries.add(tx, rows))
    clock.advance(90)
    sampler = Sampler(database, [])
    await sampler.look()
    assert value("deliveries_pending", partner="sun") == 2
    assert value("deliveries_failing", partner="sun") == 1
    assert value("deliveries_pending", partner="moon") == 1
    assert value("delivery_lag_seconds", partner="moon") == 90

    async def drop(tx: Transaction) -> None:
        await tx.execute(sa.text("DELETE FROM delivery WHERE partner_id = 'sun'"))

    await database.write(drop)
    await sampler.look()
    assert value("deliveries_pending", partner="sun") == 0
    assert value("delivery_lag_seconds", partner="sun") == 0
    assert value("deliveries_pending", partner="moon") == 1


async def test_commands_are_counted_by_what_they_ask_and_how_they_ended(
    database: Database,
) -> None:
    open_ = [
        request(
            id_=f"c{n}",
            channel="station/CP1",
            action=Action.STATION_CALL,
            details={},
            now=START,
            timeout_s=30,
        )
        for n in range(2)
    ]
    ended = {"action": "station_call", "state": "TIMED_OUT"}
    before = value("commands_finished_total", **ended) or 0
    await database.write(lambda tx: commands.add(tx, open_))
    late = apply(open_[0], Result("c0", State.TIMED_OUT))
    await database.write(lambda tx: commands.change(tx, [late]))
    await Sampler(database, []).look()
    assert value("commands_open", action="station_call") == 1
    assert value("commands_finished_total", **ended) == before + 1


async def test_followers_are_told_how_far_behind_they_are(
    database: Database, clock: ManualClock
) -> None:
    for n in range(4):
        await database.write(adding(f"n{n}"))
        clock.advance(10)
    await Sampler(database, [StandingStill()]).look()
    assert value("event_head") == 4
    assert value("event_oldest") == 1
    assert value("follower_lag", follower="standing-still") == 3
    assert value("follower_lag_seconds", follower="standing-still") == 30


async def test_who_is_done_is_not_late(database: Database, clock: ManualClock) -> None:
    await database.write(adding("n"))
    clock.advance(10)
    await Sampler(database, [StandingStill()]).look()
    assert value("follower_lag_seconds", follower="standing-still") == 0


async def test_a_store_that_does_not_answer_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler = Sampler(database, [])
    await sampler.look()
    assert value("store_up") == 1

    async def fail(_: object) -> None:
        raise StoreUnavailable("Gone.")

    monkeypatch.setattr(database, "read", fail)
    await sampler.look()
    assert value("store_up") == 0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Process]:
    flags = ("--data", str(tmp_path / "data"), "--metrics", "127.0.0.1:0")
    process = Process(
        "engine", python_module("engine", *flags, "--listen", "127.0.0.1:0"), tmp_path
    )
    process.start()
    yield process
    process.stop()


def test_a_scrape_finds_what_the_page_on_operating_names(engine: Process) -> None:
    address = engine.wait_ready()["metrics"]
    with urlopen(f"http://{address}/metrics", timeout=10) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    found = {family.name for family in families}
    assert {
        "interwatt_engine_calls",
        "interwatt_engine_call_seconds",
        "interwatt_engine_batch_items",
        "interwatt_engine_commit_seconds",
        "interwatt_engine_commit_group",
        "interwatt_engine_store_waiting",
        "interwatt_engine_follower_lag",
        "interwatt_engine_follower_lag_seconds",
        "interwatt_engine_stations_online",
    } <= found


def test_the_page_on_operating_names_no_metric_that_is_not_there() -> None:
    page = (Path(__file__).parents[2] / "engine" / "OPERATING.md").read_text()
    named = set(re.findall(r"\b(?:interwatt_engine|gateway_engine|ocpi|ocpp)_[a-z_]+", page))
    there = {
        name
        for metric in REGISTRY.collect()
        for name in (
            *(metric.name + end for end in ("", "_total", "_bucket")),
            *(sample.name for sample in metric.samples),
        )
    }
    assert len(named) > 15, (boundary, coalesce, app, metrics)  # whose metrics they are
    assert named <= there
