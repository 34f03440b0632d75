"""What an answer shows once is not in the database afterwards, and a replay says what it lacks."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from engine.commands.model import Command, Result, State
from engine.commands.service import StationCall
from engine.db.idempotency import SECRETS_KEPT_US
from engine.db.port import Database, Transaction
from engine.db.schema import metadata
from engine.events.retention import Sweeper
from engine.kernel.clock import SECOND
from engine.kernel.outcome import Outcome, Request
from engine.partners.service import Admission, Plan
from engine.stations.model import Settings
from engine.stations.service import PutStation, StationPut
from tests.engine.conftest import ManualClock
from tests.engine.partners.test_service import registration
from tests.engine.world import STATION, World, asked

KEPT_S = SECRETS_KEPT_US // SECOND
KEY = "0123456789ABCDEF0123"
PAYLOAD = f'{{"key": "AuthorizationKey", "value": "{KEY}"}}'

PUT = asked(PutStation("CS-9", "", [], Settings(), ""))
PLAN = asked(Plan("moon", "", ""))
CALL = Request("call", b"hash", StationCall(STATION, "ChangeConfiguration", PAYLOAD, 30))


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    made = await World(database, clock).furnish()
    await made.connect()
    return made


async def put(world: World) -> Outcome[StationPut]:
    return await world.stations.put(PUT)


async def plan(world: World) -> Outcome[Admission]:
    return await world.partners.create(PLAN)


async def call(world: World) -> Outcome[Command]:
    return await world.commands.call_station(CALL)


async def sweep(world: World) -> None:
    await Sweeper(world.database, (), event_days=30, request_id_days=90).sweep()


async def stored(world: World) -> str:
    """Return everything that is in the database, as text."""

    async def read(tx: Transaction) -> list[Any]:
        return [await tx.fetch(sa.select(table)) for table in metadata.sorted_tables]

    return repr(await world.database.read(read))


@pytest.mark.parametrize("swept", [False, True])
async def test_a_caller_that_lost_its_answer_has_it_again_within_the_time(
    world: World, clock: ManualClock, swept: bool
) -> None:
    first = [await ask(world) for ask in (put, plan, call)]
    clock.advance(KEPT_S - 1)
    if swept:
        await sweep(world)
    again = [await ask(world) for ask in (put, plan, call)]
    assert [outcome.value() for outcome in again] == [outcome.value() for outcome in first]
    assert all(outcome.replayed for outcome in again)


@pytest.mark.parametrize("swept", [False, True])
async def test_a_later_replay_is_the_same_but_for_the_secret(
    world: World, clock: ManualClock, swept: bool
) -> None:
    made, planned, called = (await put(world)), (await plan(world)), (await call(world))
    clock.advance(KEPT_S)
    if swept:
        await sweep(world)
    later = await put(world)
    assert (later.replayed, later.value().password) == (True, "")
    assert later.value().station == made.value().station
    token = await plan(world)
    assert (token.replayed, token.value().token) == (True, "")
    assert token.value().partner == planned.value().partner
    command = await call(world)
    assert (command.replayed, command.value().id) == (True, called.value().id)
    assert command.value().details() == {"action": "ChangeConfiguration", "payload": ""}


async def test_nothing_of_a_secret_is_left_in_the_database(
    world: World, clock: ManualClock
) -> None:
    password = (await put(world)).value().password
    first_token = (await plan(world)).value().token
    moon = registration("moon", their_token="THEIR-OWN", parties=[])
    joined = await world.partners.register(Request("join", b"hash", moon))
    command = (await call(world)).value()
    secrets = (password, first_token, joined.value().token, KEY)
    shown = await stored(world)
    assert [secret for secret in secrets if secret not in shown] == []
    await world.commands.report([asked(Result(command.id, State.FAILED, "Offline"))])
    clock.advance(KEPT_S)
    await sweep(world)
    found = await stored(world)
    assert [secret for secret in secrets if secret in found] == []
    assert found.count("THEIR-OWN") == 1  # it must be sent with each call


async def test_a_command_under_way_keeps_what_it_sends(world: World) -> None:
    command = (await call(world)).value()
    assert (await world.commands.get(command.id)).details()["payload"] == PAYLOAD
    await world.commands.report([asked(Result(command.id, State.FAILED, "Offline"))])
    assert (await world.commands.get(command.id)).details()["payload"] == ""
