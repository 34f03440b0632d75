"""Commands: given once, to who holds the channel, and final for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import product

import pytest

from engine.commands.model import TRANSITIONS, Command, Result, State, apply
from engine.commands.service import CommandsService, StationCall
from engine.db.port import Database
from engine.kernel.errors import NotFound, RequestIdReused, StationOffline
from engine.sessions.remote import StartRequest
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import OTHER_STATION, PARTNER, STATION, World, asked


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await World(database, clock).furnish()


def call(station_id: str = STATION, action: str = "ClearCache") -> StationCall:
    return StationCall(station_id, action, "{}", 30)


async def request(world: World, station_id: str = STATION, action: str = "ClearCache") -> Command:
    return (await world.commands.call_station(asked(call(station_id, action)))).value()


async def request_at_partner(world: World) -> str:
    start = StartRequest("", 0, PARTNER, "L-1", "", "CARD1", "RFID", 30, "", "", None)
    return (await world.sessions.request_start(asked(start))).value().command_id


async def report(world: World, command: Command, state: State, code: str = "") -> Command:
    [outcome] = await world.commands.report([asked(Result(command.id, state, code))])
    return outcome.value()


async def first(commands: CommandsService, gateway_id: str, prefix: str = "") -> Command:
    stream: AsyncIterator[Command] = commands.stream(gateway_id, prefix)
    async with asyncio.timeout(10):
        return await anext(stream)


async def nothing(commands: CommandsService, gateway_id: str, prefix: str = "") -> bool:
    """Return whether a gateway is given nothing, though its stream looks."""
    stream: AsyncIterator[Command] = commands.stream(gateway_id, prefix)
    taking = asyncio.ensure_future(anext(stream))
    done, _ = await asyncio.wait({taking}, timeout=0.1)
    taking.cancel()
    return not done


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_state_follows_the_table(before: State, after: State) -> None:
    command = Command("c", "station/x", "station_call", "{}", before, 9, 1, 0, "", "", "", "")
    changed = apply(command, Result("c", after, "code"))
    if after in TRANSITIONS[before]:
        assert (changed.state, changed.result_code) == (after, "code")
    else:
        assert changed is command


def test_final_states_lead_nowhere() -> None:
    finals = {State.DONE, State.REFUSED, State.FAILED, State.TIMED_OUT}
    assert {state for state, nexts in TRANSITIONS.items() if not nexts} == finals
    for before, after in product(TRANSITIONS, TRANSITIONS):
        assert after in TRANSITIONS
        assert before not in TRANSITIONS[before]


class TestGiving:
    async def test_holder_is_given_it_marked_sent_with_its_generation(self, world: World) -> None:
        await world.connect()
        generation = await world.connect()
        command = await request(world)
        given = await first(world.commands, "g1")
        assert (given.id, given.state, given.generation) == (command.id, State.SENT, generation)
        assert await world.commands.get(command.id) == given

    async def test_it_is_given_once_also_after_a_restart(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        await world.connect()
        await request(world)
        await first(world.commands, "g1")
        again = World(await open_database(), world.clock, "restarted")
        assert await nothing(world.commands, "g1")
        assert await nothing(again.commands, "g1")

    async def test_each_of_two_gateways_is_given_its_own(self, world: World) -> None:
        await world.connect(gateway_id="g1")
        await world.connect(OTHER_STATION, gateway_id="g2")
        at_two, at_one = await request(world, OTHER_STATION), await request(world)
        assert (await first(world.commands, "g1")).id == at_one.id
        assert (await first(world.commands, "g2")).id == at_two.id

    async def test_station_that_moved_takes_its_commands_along(self, world: World) -> None:
        await world.connect(gateway_id="g1")
        command = await request(world)
        generation = await world.connect(gateway_id="g2")
        assert await nothing(world.commands, "g1")
        given = await first(world.commands, "g2")
        assert (given.id, given.generation) == (command.id, generation)

    async def test_many_streams_at_two_engines_give_each_once(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        await world.connect()
        asked_for = {(await request(world, action=f"A{n}")).id for n in range(30)}
        given: list[str] = []
        complete = asyncio.Event()

        async def take(commands: CommandsService) -> None:
            async for command in commands.stream("g1", ""):
                given.append(command.id)
                if len(given) >= len(asked_for):
                    complete.set()

        streams = [asyncio.create_task(take((world, other)[n % 2].commands)) for n in range(4)]
        async with asyncio.timeout(20):
            await complete.wait()
        for stream in streams:
            stream.cancel()
        assert len(given) == len(asked_for)
        assert set(given) == asked_for

    async def test_prefix_gives_what_goes_to_partners_and_no_more(self, world: World) -> None:
        await world.connect()
        await request(world)
        command_id = await request_at_partner(world)
        assert await nothing(world.commands, "ocpi", "partner/x")
        assert (await first(world.commands, "ocpi", "partner/")).id == command_id
        assert await nothing(world.commands, "ocpi", "partner/")

    async def test_a_new_command_wakes_the_stream(self, world: World) -> None:
        await world.connect()
        waiting = asyncio.create_task(first(world.commands, "g1"))
        command = await request(world)
        assert (await waiting).id == command.id

    async def test_late_one_is_not_given(self, world: World) -> None:
        await world.connect()
        await request(world)
        world.clock.advance(30)
        assert await nothing(world.commands, "g1")


class TestAsking:
    async def test_station_nobody_holds_is_offline(self, world: World) -> None:
        with pytest.raises(StationOffline):
            await world.commands.call_station(asked(call()))
        assert await world.events("command.requested") == []

    async def test_same_request_makes_one(self, world: World) -> None:
        await world.connect()
        again = asked(call())
        one, two = [await world.commands.call_station(again) for _ in range(2)]
        assert (two.replayed, two.value()) == (True, one.value())
        other = await world.commands.call_station(asked(call(action="Reset"), again.id))
        assert isinstance(other.result, RequestIdReused)


class TestResults:
    @pytest.fixture
    async def sent(self, world: World) -> Command:
        await world.connect()
        await request(world)
        return await first(world.commands, "g1")

    async def test_who_waits_hears_the_final_one(self, world: World, sent: Command) -> None:
        waiting = asyncio.create_task(world.commands.wait_until_final(sent.id, 10))
        await report(world, sent, State.AGREED)
        await report(world, sent, State.DONE, "Accepted")
        found = await waiting
        assert (found.state, found.result_code) == (State.DONE, "Accepted")
        assert len(await world.events("command.finished")) == 1

    async def test_after_a_final_one_nothing_changes(self, world: World, sent: Command) -> None:
        done = await report(world, sent, State.REFUSED, "Rejected")
        for state in (State.DONE, State.FAILED, State.AGREED):
            assert await report(world, sent, state, "late") == done
        world.clock.advance(60)
        await world.database.write(world.commands._expire)
        assert await world.commands.get(sent.id) == done

    async def test_same_request_is_replayed(self, world: World, sent: Command) -> None:
        result = asked(Result(sent.id, State.AGREED))
        [one], [two] = [await world.commands.report([result]) for _ in range(2)]
        assert (two.replayed, two.value()) == (True, one.value())

    async def test_unknown_one_fails_no_other(self, world: World, sent: Command) -> None:
        results = [Result("none", State.DONE), Result(sent.id, State.DONE)]
        outcomes = await world.commands.report([asked(result) for result in results])
        assert isinstance(outcomes[0].result, NotFound)
        assert outcomes[1].value().state == State.DONE

    async def test_not_yet_sent_it_cannot_be_done(self, world: World) -> None:
        await world.connect()
        command = await request(world)
        assert (await report(world, command, State.DONE)).state == State.REQUESTED

    async def test_of_result_and_expiry_at_once_one_holds(
        self, world: World, open_database: OpenDatabase, sent: Command
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        world.clock.advance(31)
        await asyncio.gather(
            report(world, sent, State.DONE), other.database.write(other.commands._expire)
        )
        assert (await world.commands.get(sent.id)).final
        assert len(await world.events("command.finished")) == 1


async def test_every_late_one_is_ended(world: World) -> None:
    await world.connect()
    commands = [await request(world, action=f"A{n}") for n in range(105)]
    world.clock.advance(30)
    sweep = asyncio.create_task(world.commands.expire_forever())
    found = [await world.commands.wait_until_final(command.id, 10) for command in commands]
    sweep.cancel()
    assert {command.state for command in found} == {State.TIMED_OUT}


async def test_waiting_ends_with_what_is_known_then(world: World) -> None:
    await world.connect()
    command = await request(world)
    assert await world.commands.wait_until_final(command.id, 0) == command
