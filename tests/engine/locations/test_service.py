"""Locations: the newest wins, only their owner's platform writes them, pages follow each other."""

from __future__ import annotations

import asyncio

import pytest

from engine.db.port import Database
from engine.kernel.errors import NotFound, WrongParty
from engine.locations.model import EvseStatus, location_key
from engine.stations.service import StatusReport
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import (
    OURS,
    PARTNER,
    STARTED,
    STATION,
    THEIRS,
    World,
    asked,
    make_location,
)


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await World(database, clock).furnish()


async def test_new_then_changed_then_older(world: World) -> None:
    puts = [
        make_location("NEW"),
        make_location("new", name="Changed", last_updated_us=STARTED + 1),
        make_location("NEW", name="Old"),
    ]
    found = [(await world.locations.put([asked(put)]))[0].value() for put in puts]
    assert [(put.created, put.stored.version) for put in found] == [
        (True, 1),
        (False, 2),
        (False, 2),
    ]
    assert (await world.locations.get(location_key(OURS, "New"))).name == "Changed"


async def test_same_request_is_replayed(world: World) -> None:
    request = asked(make_location("NEW"))
    [one], [two] = [await world.locations.put([request]) for _ in range(2)]
    assert (two.replayed, two.value()) == (True, one.value())
    assert len(await world.events("location.changed")) == 2  # one is the world's own


async def test_owner_alone_writes(world: World) -> None:
    puts = [
        make_location(owner=THEIRS),
        make_location(owner=OURS, partner_id=PARTNER),
        make_location(owner=THEIRS, partner_id=PARTNER),
    ]
    outcomes = await world.locations.put([asked(put) for put in puts])
    assert [type(outcome.result) for outcome in outcomes[:2]] == [WrongParty] * 2
    assert outcomes[2].value().created


async def test_unknown_one_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await world.locations.get(location_key(OURS, "LOC9"))
    with pytest.raises(NotFound):
        await world.locations.get(location_key(THEIRS, "LOC1"))


async def test_put_and_statuses_at_once_lose_neither(
    world: World, open_database: OpenDatabase
) -> None:
    other = World(await open_database(), world.clock, "other")
    far = world.clock.now()
    reports = [
        StatusReport(STATION, 0, 1, word, "", STARTED + n)
        for n, word in enumerate(["Charging", "Available"] * 5 + ["Faulted"])
    ]
    await asyncio.gather(
        *(other.stations.record_statuses([asked(report)]) for report in reports),
        *(
            world.locations.put([asked(make_location(name=f"{n}", last_updated_us=far + n))])
            for n in range(10)
        ),
    )
    await other.stations.record_statuses(
        [asked(StatusReport(STATION, 0, 1, "Faulted", "", STARTED + 99))]
    )
    location = await world.locations.get(location_key(OURS, "LOC1"))
    evse = location.evse("E1")
    assert evse is not None
    versions = [e.payload_json for e in await world.events("location.changed")]
    assert len(versions) == len(set(versions)) == location.version
    assert evse.status in (EvseStatus.OUT_OF_ORDER, EvseStatus.AVAILABLE)


async def test_changed_between_includes_from_and_excludes_to(world: World) -> None:
    for n in range(5):
        await world.locations.put([asked(make_location(f"N{n}", last_updated_us=STARTED + 10 + n))])
    page = await world.locations.list_page(
        size=10,
        token="",
        partner_id="-",
        updated_from=STARTED + 11,
        updated_to=STARTED + 13,
    )
    assert sorted(location.id for location in page.items) == ["N1", "N2"]
    assert page.total == 2
