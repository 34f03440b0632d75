"""Charges asked for from afar: commands, and the leave that they give for one charge."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.commands.model import Action
from engine.db.port import Database
from engine.kernel.errors import NotFound, StateConflict, StationOffline, WrongParty
from engine.sessions.remote import Requested, StartRequest, StopRequest, id_tag
from engine.tokens.model import AuthMethod, Status
from engine.tokens.service import Question
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import (
    OURS,
    PARTNER,
    STATION,
    THEIRS,
    World,
    asked,
    make_start,
    make_token,
    partner_token,
)

LONG_UID = "A-UID-OF-MORE-THAN-TWENTY-CHARACTERS"


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = await World(database, clock).furnish()
    await world.connect()
    return world


def start_request(**changes: Any) -> StartRequest:
    facts: dict[str, Any] = {
        "station_id": STATION,
        "connector_number": 1,
        "partner_id": "",
        "location_id": "",
        "evse_uid": "",
        "token_uid": "CARD1",
        "token_type": "RFID",
        "timeout_s": 30,
        "requested_by_partner_id": "",
        "authorization_reference": "",
        "token": None,
    }
    return StartRequest(**facts | changes)


def by_partner(uid: str = "SUN-APP", **changes: Any) -> StartRequest:
    facts = {
        "requested_by_partner_id": PARTNER,
        "authorization_reference": "their-ref",
        "token": partner_token(uid, type="APP_USER", whitelist="NEVER"),
    }
    return start_request(**facts | changes)


async def ask(world: World, request: StartRequest) -> Requested:
    return (await world.sessions.request_start(asked(request))).value()


async def test_station_is_asked_by_a_command(world: World) -> None:
    command = await world.commands.get((await ask(world, start_request())).command_id)
    assert (command.channel, command.action) == (f"station/{STATION}", Action.START_CHARGE)
    assert command.details()["id_tag"] == "CARD1"


async def test_same_request_makes_one_command(world: World) -> None:
    request = asked(start_request())
    first, second = [await world.sessions.request_start(request) for _ in range(2)]
    assert (second.replayed, second.value()) == (True, first.value())
    assert len(await world.events("command.requested")) == 1


async def test_partners_driver_charges_under_its_reference_without_being_asked_for(
    world: World,
) -> None:
    await ask(world, by_partner())
    started = await world.start(token_uid="sun-app")
    token = started.session.token()
    assert started.authorization.status == Status.ACCEPTED
    assert (token.auth_method, token.authorization_reference) == (AuthMethod.COMMAND, "their-ref")
    assert started.session.partner_id == PARTNER


async def test_token_longer_than_a_station_takes_has_an_alias(world: World) -> None:
    asked_for = await ask(world, by_partner(LONG_UID))
    alias = (await world.commands.get(asked_for.command_id)).details()["id_tag"]
    assert (alias, len(alias)) == (id_tag(LONG_UID), 20)
    assert (await world.start(token_uid=alias)).session.token().uid == LONG_UID


async def test_operator_gives_no_leave_to_a_partners_token(world: World) -> None:
    await world.add_tokens(
        partner_token("SUN2", whitelist="NEVER"), partner_token(LONG_UID, whitelist="NEVER")
    )
    await ask(world, start_request(token_uid="SUN2"))
    started = await world.start(token_uid="SUN2")
    assert started.authorization.status == Status.PENDING  # its issuer is asked
    with pytest.raises(StateConflict, match="only its issuer"):
        await world.sessions.request_start(asked(start_request(token_uid=LONG_UID)))


async def test_leave_is_for_one_charge(world: World) -> None:
    await ask(world, by_partner())
    starts = [make_start(token_uid="SUN-APP", connector_number=n) for n in (1, 2)]
    outcomes = await world.sessions.start([asked(start) for start in starts])
    statuses = [outcome.value().authorization.status for outcome in outcomes]
    assert statuses == [Status.ACCEPTED, Status.UNKNOWN]
    third = await world.start(token_uid="SUN-APP", connector_number=3)
    assert third.authorization.status == Status.UNKNOWN


async def test_leave_is_for_one_charge_at_two_engines_at_once(
    world: World, open_database: OpenDatabase
) -> None:
    other = World(await open_database(), world.clock, "other")
    await ask(world, by_partner())
    starts = [
        (world, other)[n % 2].start(token_uid="SUN-APP", connector_number=n) for n in range(1, 9)
    ]
    statuses = [started.authorization.status for started in await asyncio.gather(*starts)]
    assert sorted(statuses) == [Status.ACCEPTED] + [Status.UNKNOWN] * 7


async def test_leave_decides_before_what_was_authorised_a_moment_ago(world: World) -> None:
    question = Question("SUN1", "RFID", STATION, "", "", "")
    [outcome] = await world.tokens.authorize([asked(question)])
    assert outcome.value().auth_method == AuthMethod.WHITELIST
    await ask(world, by_partner(token=partner_token()))
    token = (await world.start(token_uid="SUN1")).session.token()
    assert (token.auth_method, token.authorization_reference) == (AuthMethod.COMMAND, "their-ref")


async def test_authorising_does_not_use_up_the_leave(world: World) -> None:
    await ask(world, by_partner())
    for _ in range(2):
        [outcome] = await world.tokens.authorize(
            [asked(Question("SUN-APP", "RFID", STATION, "", "", ""))]
        )
        assert outcome.value().status == Status.ACCEPTED
    assert (await world.start(token_uid="SUN-APP")).authorization.status == Status.ACCEPTED


async def test_leave_ends(world: World) -> None:
    await ask(world, by_partner())
    world.clock.advance(30 + 600)
    assert (await world.start(token_uid="SUN-APP")).authorization.status == Status.UNKNOWN


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (start_request(station_id="CS-9"), NotFound),
        (start_request(station_id="CS-2"), StationOffline),
        (start_request(token_uid="NOBODY"), NotFound),
        (start_request(station_id="", partner_id="nobody"), NotFound),
        (start_request(station_id="", partner_id=PARTNER, token_uid="SUN1"), NotFound),
        (by_partner(requested_by_partner_id="nobody"), NotFound),
        (by_partner(token=partner_token(owner=OURS)), WrongParty),
    ],
    ids=["station", "offline", "token", "partner", "not our driver", "asker", "not its token"],
)
async def test_what_cannot_be_asked_makes_no_command(
    world: World, request_: StartRequest, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await world.sessions.request_start(asked(request_))
    assert await world.events("command.requested") == []


@pytest.mark.parametrize(
    "request_",
    [
        start_request(token_uid="BLOCKED1"),
        start_request(token_uid="BLOCKED1", station_id="", partner_id=PARTNER, location_id="L-1"),
        by_partner(token=partner_token("SUN-APP", type="APP_USER", valid=False)),
    ],
)
async def test_blocked_token_starts_nothing(world: World, request_: StartRequest) -> None:
    await world.add_tokens(make_token("BLOCKED1", valid=False))
    with pytest.raises(StateConflict, match="is blocked"):
        await world.sessions.request_start(asked(request_))
    assert await world.events("command.requested") == []


async def test_charge_at_a_partners_station_is_asked_of_the_partner(world: World) -> None:
    request = start_request(station_id="", partner_id=PARTNER, location_id="L-1")
    command = await world.commands.get((await ask(world, request)).command_id)
    assert (command.channel, command.action) == (f"partner/{PARTNER}", Action.START_AT_PARTNER)
    assert command.details()["token"]["uid"] == "CARD1"


async def stop(world: World, key: str, *, by: str = "") -> Requested:
    request = StopRequest(session_key=key, requested_by_partner_id=by, timeout_s=30)
    return (await world.sessions.request_stop(asked(request))).value()


async def test_running_session_is_stopped_by_its_driver_s_partner_alone(world: World) -> None:
    session = (await world.start(token_uid="SUN1")).session
    with pytest.raises(NotFound):
        await stop(world, session.key, by="other")
    command = await world.commands.get((await stop(world, session.key, by=PARTNER)).command_id)
    assert command.action == Action.STOP_CHARGE
    assert command.details()["transaction_id"] == session.transaction_id


async def test_what_is_over_or_unknown_or_offline_is_not_stopped(world: World) -> None:
    session = (await world.start()).session
    offline = (await world.start(station_id="CS-2")).session
    await world.stop(session.transaction_id)
    with pytest.raises(StateConflict):
        await stop(world, session.key)
    with pytest.raises(NotFound):
        await stop(world, f"{THEIRS}/NONE")
    with pytest.raises(StationOffline):
        await stop(world, offline.key)
