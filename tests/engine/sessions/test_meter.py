"""Meter readings: added to the session they mean, and never changing what is settled."""

from __future__ import annotations

import asyncio

import pytest

from engine.db.port import Database
from engine.kernel.errors import NotFound, StaleGeneration
from engine.sessions.model import Sample, State
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import OTHER_STATION, World, asked, make_readings, register_at


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await World(database, clock).furnish()


async def test_register_gives_the_energy_so_far(world: World) -> None:
    session = (await world.start()).session
    for mwh in (2_000_000, 5_000_000):
        assert await world.measure(session.transaction_id, register_at(mwh)) == session.id
    now = await world.session(session.id)
    assert (now.energy_mwh, now.version) == (4_000_000, session.version + 2)
    assert len(await world.events("session.updated")) == 2


async def test_register_never_runs_backwards(world: World) -> None:
    session = (await world.start()).session
    for mwh in (5_000_000, 2_000_000, 0):
        await world.measure(session.transaction_id, register_at(mwh, after_s=mwh // 1_000))
    assert (await world.session(session.id)).energy_mwh == 4_000_000


@pytest.mark.parametrize(
    "sample",
    [
        register_at(9_000_000, phase="L1"),
        register_at(9_000_000, location="Inlet"),
        register_at(9_000_000, signed_data=b"OCMF"),
        register_at(9_000_000, measurand="Energy.Active.Export.Register"),
        register_at(9_000_000, measurand="Power.Active.Import"),
    ],
    ids=lambda sample: sample.phase or sample.location or sample.measurand,
)
async def test_other_values_are_kept_and_bill_nothing(world: World, sample: Sample) -> None:
    session = (await world.start()).session
    await world.measure(session.transaction_id, sample)
    assert (await world.session(session.id)).energy_mwh == 0
    assert len(await world.readings()) == 1


async def test_told_again_is_kept_once(world: World) -> None:
    session = (await world.start()).session
    sample = register_at(5_000_000)
    for _ in range(3):
        await world.measure(session.transaction_id, sample, connector_number=1)
    assert len(await world.readings()) == 1
    assert (await world.session(session.id)).energy_mwh == 4_000_000


async def test_same_request_is_replayed(world: World) -> None:
    session = (await world.start()).session
    request = asked(make_readings(session.transaction_id, register_at(5_000_000)))
    first, second = [(await world.sessions.record([request]))[0] for _ in range(2)]
    assert (first.replayed, second.replayed) == (False, True)
    assert first.value() == second.value()
    assert len(await world.events("session.updated")) == 1


async def test_late_readings_complete_the_curve_and_never_the_total(world: World) -> None:
    session = (await world.start()).session
    ended = (await world.stop(session.transaction_id)).session
    late = register_at(99_000_000, after_s=4_000)
    assert await world.measure(session.transaction_id, late) == session.id
    assert await world.session(session.id) == ended
    assert len(await world.readings()) == 1


async def test_without_an_id_the_only_session_of_the_connector_is_meant(world: World) -> None:
    first, second = [(await world.start(connector_number=n)).session for n in (1, 2)]
    assert await world.measure(0, register_at(2_000_000), connector_number=2) == second.id
    assert await world.measure(0, register_at(2_000_000), connector_number=1) == first.id
    assert await world.measure(0, register_at(2_000_000), connector_number=0) == ""


@pytest.mark.parametrize("transaction_id", [0, -1, 4711, 2**63 - 1])
async def test_what_belongs_to_no_session_is_an_orphan(world: World, transaction_id: int) -> None:
    assert await world.measure(transaction_id, register_at(2_000_000)) == ""
    assert len(await world.events("session.orphan")) == 1
    assert await world.readings() == []


async def test_another_stations_session_is_never_meant(world: World) -> None:
    session = (await world.start()).session
    sample = register_at(5_000_000)
    assert await world.measure(session.transaction_id, sample, station_id=OTHER_STATION) == ""
    assert (await world.session(session.id)).energy_mwh == 0


async def test_name_that_the_station_made_is_never_guessed_around(world: World) -> None:
    session = (await world.start(station_transaction_id="tx-1")).session
    sample = register_at(5_000_000)
    assert await world.measure(0, sample, station_transaction_id="tx-2") == ""
    assert await world.measure(0, sample, station_transaction_id="tx-1") == session.id


async def test_one_batch_of_many_messages_makes_one_version(world: World) -> None:
    session = (await world.start()).session
    batch = [
        make_readings(session.transaction_id, register_at(mwh, after_s=mwh // 10_000))
        for mwh in range(2_000_000, 5_000_000, 100_000)
    ]
    await world.sessions.record([asked(item) for item in batch])
    now = await world.session(session.id)
    assert (now.version, now.energy_mwh) == (session.version + 1, 3_900_000)
    assert len(await world.readings()) == len(batch)


async def test_message_without_samples_is_no_error(world: World) -> None:
    session = (await world.start()).session
    assert await world.measure(session.transaction_id) == session.id
    assert await world.measure(0) == ""


async def test_unknown_station_and_older_connection_are_refused(world: World) -> None:
    session = (await world.start()).session
    old = await world.connect()
    await world.connect()
    items = [
        make_readings(session.transaction_id, register_at(5_000_000), station_id="CS-9"),
        make_readings(session.transaction_id, register_at(5_000_000), generation=old),
        make_readings(session.transaction_id, register_at(3_000_000)),
    ]
    outcomes = await world.sessions.record([asked(item) for item in items])
    assert [type(o.result) for o in outcomes[:2]] == [NotFound, StaleGeneration]
    assert (await world.session(session.id)).energy_mwh == 2_000_000


async def test_two_engines_lose_no_reading(world: World, open_database: OpenDatabase) -> None:
    other = World(await open_database(), world.clock, "other")
    session = (await world.start()).session
    await asyncio.gather(
        *(
            (world, other)[n % 2].measure(
                session.transaction_id, register_at(1_000_000 + n * 1_000, after_s=n)
            )
            for n in range(1, 31)
        )
    )
    now = await world.session(session.id)
    assert (now.energy_mwh, now.version) == (30_000, session.version + 30)
    assert len(await world.readings()) == 30


async def test_stop_and_readings_at_once_leave_it_ended(
    world: World, open_database: OpenDatabase
) -> None:
    other = World(await open_database(), world.clock, "other")
    session = (await world.start()).session
    await asyncio.gather(
        world.stop(session.transaction_id),
        *(
            other.measure(session.transaction_id, register_at(1_000_000 + n, after_s=n))
            for n in range(1, 11)
        ),
    )
    ended = await world.session(session.id)
    assert (ended.state, ended.energy_mwh) == (State.COMPLETED, 10_000_000)
