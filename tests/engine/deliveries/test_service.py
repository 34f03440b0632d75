"""Deliveries: what partners must be shown, until it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from engine.db.port import Database
from engine.deliveries.model import Delivery, Report
from engine.deliveries.service import FOLLOWS
from engine.events.model import select
from engine.kernel.errors import NotFound
from engine.kernel.party import PartyKey, Role
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import (
    PARTNER,
    STARTED,
    World,
    asked,
    make_location,
    make_partner,
    make_token,
)


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await World(database, clock).furnish()


class Planner:
    """Does what the follower does: hands on each event once, in order."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._done = 0

    async def run(self) -> None:
        events = (await self._world.events())[self._done :]
        self._done += len(events)
        wanted = select(events, FOLLOWS)
        deliveries = self._world.deliveries
        fresh = await self._world.database.read(lambda tx: deliveries.prepare(tx, wanted))
        await self._world.database.write(lambda tx: deliveries.plan(tx, fresh))


@pytest.fixture
async def planner(world: World) -> Planner:
    """Return a planner; what the world is furnished with has been shown to nobody."""
    planner = Planner(world)
    planner._done = len(await world.events())
    return planner


async def take(world: World, count: int = 1) -> list[Delivery]:
    stream: AsyncIterator[Delivery] = world.deliveries.stream()
    async with asyncio.timeout(10):
        return [await anext(stream) for _ in range(count)]


async def due(world: World) -> list[Delivery]:
    """Return what is due now, and who is at it, without taking it."""
    page = await world.deliveries.list_pending(size=1_000, token="", partner_id="")
    now = world.clock.now()
    return [d for d in page.items if d.due_us <= now and d.leased_until_us <= now]


def report(delivery: Delivery, **changes: Any) -> Report:
    facts: dict[str, Any] = {
        "key": delivery.key,
        "version": delivery.version,
        "delivered_version": delivery.version,
        "remote_url": "",
        "error": "",
        "refused": False,
    }
    return Report(**facts | changes)


async def shown(world: World, delivery: Delivery, **changes: Any) -> None:
    assert await world.deliveries.report([report(delivery, **changes)]) == [None]


async def failed(world: World, delivery: Delivery) -> None:
    await shown(world, delivery, delivered_version=0, error="It is down.")


async def change_location(world: World, version: int) -> None:
    location = make_location(last_updated_us=STARTED + version, name=f"Name {version}")
    [outcome] = await world.locations.put([asked(location)])
    assert outcome.value().stored.version == version


class TestPlanning:
    async def test_session_goes_to_the_partner_concerned(
        self, world: World, planner: Planner
    ) -> None:
        await world.add_partners(make_partner("other", PartyKey("FR-OTH")))
        await world.start(token_uid="SUN1")
        await world.start(connector_number=2)
        await planner.run()
        [delivery] = await due(world)
        assert (delivery.partner_id, delivery.module) == (PARTNER, "sessions")

    async def test_location_goes_to_all_of_the_other_role_that_take_it(
        self, world: World, planner: Planner
    ) -> None:
        await world.add_partners(
            make_partner("emsp", PartyKey("FR-EMS"), roles=[Role.EMSP]),
            make_partner("cpo", PartyKey("FR-CPO"), roles=[Role.CPO]),
            make_partner("mute", PartyKey("FR-MUT"), modules=["cdrs"]),
        )
        await change_location(world, 2)
        await planner.run()
        assert sorted(delivery.partner_id for delivery in await due(world)) == ["emsp", PARTNER]

    async def test_partners_own_objects_go_to_nobody(self, world: World, planner: Planner) -> None:
        theirs = make_token("NEW", owner=PartyKey("DE-SUN"), partner_id=PARTNER)
        await world.tokens.put([asked(theirs)])
        await planner.run()
        assert await due(world) == []

    @pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
    async def test_partner_beyond_the_thousandth_is_not_forgotten(
        self, world: World, planner: Planner
    ) -> None:
        many = [
            make_partner(f"p-{n:04}", PartyKey("FR-MNY"), modules=["tokens"]) for n in range(1_005)
        ]
        for partner in many:
            nameless = msgspec.structs.replace(partner, parties_json="[]")
            await world.add_partners(nameless)
        await world.add_partners(make_partner("zulu", PartyKey("ZZ-ZZZ")))
        await change_location(world, 2)
        await planner.run()
        assert sorted(delivery.partner_id for delivery in await due(world)) == [PARTNER, "zulu"]

    async def test_changes_coalesce_to_the_latest(self, world: World, planner: Planner) -> None:
        for version in (2, 3, 4):
            await change_location(world, version)
        await planner.run()
        await change_location(world, 5)
        await planner.run()
        [delivery] = await due(world)
        assert (delivery.version, delivery.delivered_version) == (5, 0)

    async def test_events_told_again_change_nothing(self, world: World, planner: Planner) -> None:
        await change_location(world, 2)
        await planner.run()
        await shown(world, (await take(world))[0])
        await Planner(world).run()
        assert [d for d in await due(world) if d.module == "locations"] == []


class TestShowing:
    @pytest.fixture
    async def delivery(self, world: World, planner: Planner) -> Delivery:
        await change_location(world, 2)
        await planner.run()
        [delivery] = await take(world)
        return delivery

    async def test_taken_one_is_given_to_no_other_for_its_lease(
        self, world: World, open_database: OpenDatabase, delivery: Delivery
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        assert await due(world) == []
        world.clock.advance(29)
        assert await due(other) == []
        world.clock.advance(1)
        assert [d.key for d in await take(other)] == [delivery.key]

    async def test_shown_one_is_done(self, world: World, delivery: Delivery) -> None:
        await shown(world, delivery)
        world.clock.advance(3_600)
        assert await due(world) == []

    async def test_changed_meanwhile_it_is_due_again(
        self, world: World, planner: Planner, delivery: Delivery
    ) -> None:
        await change_location(world, 3)
        await planner.run()
        await shown(world, delivery)
        [again] = await due(world)
        assert (again.version, again.delivered_version) == (3, 2)

    async def test_newer_version_shown_already_is_not_shown_twice(
        self, world: World, planner: Planner, delivery: Delivery
    ) -> None:
        await change_location(world, 3)
        await shown(world, delivery, delivered_version=3)
        await planner.run()
        assert await due(world) == []

    async def test_failures_are_tried_later_and_later_still(
        self, world: World, delivery: Delivery
    ) -> None:
        pauses = []
        for _ in range(12):
            before = world.clock.now()
            await failed(world, delivery)
            [row] = (await world.deliveries.list_pending(size=9, token="", partner_id="")).items
            pauses.append((row.due_us - before) // 1_000_000)
            world.clock.advance(pauses[-1])
            [delivery] = await take(world)
        assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
        assert delivery.last_error == "It is down."

    async def test_one_that_answers_again_is_shown_all_the_rest_at_once(
        self, world: World, planner: Planner, delivery: Delivery
    ) -> None:
        await world.add_partners(make_partner("other", PartyKey("FR-OTH"), roles=[Role.EMSP]))
        await world.tokens.put([asked(make_token("NEW"))])
        await planner.run()
        [other] = await take(world)
        await failed(world, delivery)
        for _ in range(4):
            await failed(world, other)
        world.clock.advance(1)
        [delivery] = await take(world)
        assert delivery.module == "locations"
        await shown(world, delivery)
        assert [d.key for d in await due(world)] == [other.key]

    async def test_refused_for_good_it_is_not_tried_again_until_it_changes(
        self, world: World, planner: Planner, delivery: Delivery
    ) -> None:
        await shown(world, delivery, delivered_version=0, refused=True, error="No.")
        world.clock.advance(3_600)
        assert await due(world) == []
        await change_location(world, 3)
        await planner.run()
        [again] = await due(world)
        assert again.version == 3

    async def test_failure_told_after_another_showed_it_changes_nothing(
        self, world: World, delivery: Delivery
    ) -> None:
        await shown(world, delivery)
        await failed(world, delivery)
        world.clock.advance(3_600)
        assert await due(world) == []

    async def test_remote_url_is_kept(self, world: World, delivery: Delivery) -> None:
        await shown(world, delivery, delivered_version=1, remote_url="https://x/1")
        [again] = await take(world)
        assert again.remote_url == "https://x/1"

    async def test_unknown_one_fails_no_other(self, world: World, delivery: Delivery) -> None:
        answers = await world.deliveries.report(
            [report(delivery, key="sun/locations/NL-IWT/NONE"), report(delivery)]
        )
        assert isinstance(answers[0], NotFound)
        assert answers[1] is None

    async def test_two_engines_take_each_once(
        self, world: World, open_database: OpenDatabase, planner: Planner, delivery: Delivery
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        await world.tokens.put([asked(make_token(f"T{n:03}")) for n in range(40)])
        await planner.run()
        taken: list[str] = []
        complete = asyncio.Event()

        async def run(engine: World) -> None:
            async for each in engine.deliveries.stream():
                taken.append(each.key)
                if len(taken) >= 40:
                    complete.set()

        tasks = [asyncio.create_task(run(engine)) for engine in (world, other, world)]
        async with asyncio.timeout(20):
            await complete.wait()
        for task in tasks:
            task.cancel()
        assert len(taken) == len(set(taken)) == 40
