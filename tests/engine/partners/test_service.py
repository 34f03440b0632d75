"""Partners: made, registered, renewed, ended, and recognised by their tokens."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from engine.commands.model import Action
from engine.db.port import Database
from engine.kernel.errors import (
    AlreadyExists,
    NotFound,
    RequestIdReused,
    StateConflict,
    Unauthenticated,
    WrongParty,
)
from engine.kernel.party import PartyKey, Role
from engine.partners.model import TRANSITIONS, Endpoint, Party, State, end, register
from engine.partners.service import Admission, Plan, Registration
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import OURS, STARTED, THEIRS, World, asked, make_partner


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return World(database, clock)


def registration(partner_id: str = "sun", **changes: Any) -> Registration:
    facts: dict[str, Any] = {
        "their_token": "theirs",
        "versions_url": "https://sun.example/versions",
        "ocpi_version": "2.2.1",
        "endpoints": [Endpoint("tokens", "SENDER", "https://sun.example/tokens")],
        "parties": [Party(THEIRS, Role.EMSP, "Sun")],
        "rotate": False,
        "our_token": "",
        "token_literal": False,
    }
    return Registration(partner_id, **facts | changes)


async def create(world: World, id_: str = "sun", their_token: str = "") -> Admission:
    plan = Plan(id_, "https://sun.example/versions" if their_token else "", their_token)
    return (await world.partners.create(asked(plan))).value()


async def join(world: World, partner_id: str = "sun", **changes: Any) -> Admission:
    return (await world.partners.register(asked(registration(partner_id, **changes)))).value()


async def known(world: World, token: str) -> bool | None:
    """Return whether a token is a first one; nothing when it is nobody's."""
    found = await world.partners.recognise([token])
    return None if found is None else found.first_token


@pytest.mark.parametrize("rotate", [False, True])
@pytest.mark.parametrize("before", State)
def test_registering_follows_the_table(before: State, rotate: bool) -> None:
    partner = msgspec.structs.replace(make_partner(), state=before)
    fields = registration(rotate=rotate)
    arguments = {name: getattr(fields, name) for name in fields.__struct_fields__}
    del arguments["partner_id"], arguments["our_token"]
    allowed = State.REGISTERED in TRANSITIONS[before]
    wants = before in (State.REGISTERED, State.SUSPENDED) if rotate else before != State.REGISTERED
    if allowed and wants:
        after = register(partner, token="new", now=STARTED, **arguments)
        assert after.state == State.REGISTERED
    else:
        with pytest.raises(StateConflict):
            register(partner, token="new", now=STARTED, **arguments)


@pytest.mark.parametrize("before", State)
def test_ending_follows_the_table(before: State) -> None:
    partner = msgspec.structs.replace(make_partner(), state=before)
    after = end(partner, STARTED)
    assert after.state == State.ENDED
    assert (after is partner) == (State.ENDED not in TRANSITIONS[before])


class TestTheHandshake:
    async def test_first_token_works_until_it_is_done_and_never_after(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        first = (await create(world)).token
        assert await known(world, first) is True
        assert await known(other, first) is True
        token = (await join(world)).token
        for engine in (world, other):
            assert await known(engine, first) is None
            assert await known(engine, token) is False

    async def test_ours_is_made_by_a_gateway_with_the_token_we_offer(self, world: World) -> None:
        partner = (await create(world, their_token="a")).partner
        [event] = await world.events("command.requested")
        command = await world.commands.get(event.subject.removeprefix("command/"))
        assert command.action == Action.REGISTER_AT_PARTNER
        with pytest.raises(Unauthenticated):
            await join(world, our_token="another")
        assert (await join(world, our_token=partner.our_token)).token == partner.our_token
        assert await known(world, partner.our_token) is False

    async def test_taken_name_is_refused(self, world: World) -> None:
        await create(world)
        await join(world)
        with pytest.raises(AlreadyExists, match="REGISTERED"):
            await create(world)

    async def test_failed_or_ended_partner_is_planned_anew(self, world: World) -> None:
        first = await create(world)
        second = await create(world)
        assert (second.partner.state, second.token != first.token) == (State.PLANNED, True)
        assert await world.partners.recognise([first.token]) is None
        await join(world)
        await world.partners.end(asked(second.partner.id))
        assert (await create(world)).partner.state == State.PLANNED

    async def test_second_handshake_is_a_conflict_and_rotation_is_not(self, world: World) -> None:
        await create(world)
        with pytest.raises(StateConflict):
            await join(world, rotate=True)
        await join(world)
        with pytest.raises(StateConflict):
            await join(world)
        await join(world, rotate=True)

    async def test_after_a_rotation_the_old_token_works_ten_minutes(self, world: World) -> None:
        await create(world)
        old = (await join(world)).token
        new = (await join(world, rotate=True)).token
        assert [await known(world, token) for token in (old, new)] == [False, False]
        world.clock.advance(600)
        assert [await known(world, token) for token in (old, new)] == [None, False]

    @pytest.mark.parametrize("party", [OURS, THEIRS], ids=["ours", "another partner's"])
    async def test_party_belongs_to_one(self, world: World, party: PartyKey) -> None:
        await world.add_partners(make_partner("first", THEIRS))
        await create(world)
        with pytest.raises(WrongParty):
            await join(world, parties=[Party(party, Role.CPO, "")])
        assert (await world.partners.get("sun")).state == State.PLANNED

    async def test_of_two_at_two_engines_one_gets_the_party(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        names = [f"p{n}" for n in range(6)]
        for name in names:
            await create(world, name)
        joins = [join((world, other)[n % 2], name) for n, name in enumerate(names)]
        results = await asyncio.gather(*joins, return_exceptions=True)
        assert sum(isinstance(result, Admission) for result in results) == 1
        assert sum(isinstance(result, WrongParty) for result in results) == 5

    async def test_one_party_in_two_roles_is_one_party(self, world: World) -> None:
        await create(world)
        parties = [Party(THEIRS, role, "Sun") for role in (Role.CPO, Role.EMSP)]
        assert (await join(world, parties=parties)).partner.parties() == parties

    async def test_unknown_partner_is_not_found(self, world: World) -> None:
        with pytest.raises(NotFound):
            await join(world)
        with pytest.raises(NotFound):
            await world.partners.end(asked("sun"))
        with pytest.raises(NotFound):
            await world.partners.get("sun")


class TestDoingItOnce:
    async def test_same_creation_shows_the_same_token(self, world: World) -> None:
        request = asked(Plan("sun", "", ""))
        one, two = [await world.partners.create(request) for _ in range(2)]
        assert (two.replayed, two.value()) == (True, one.value())
        other = await world.partners.create(asked(Plan("moon", "", ""), request.id))
        assert isinstance(other.result, RequestIdReused)

    async def test_same_rotation_makes_one_token(self, world: World) -> None:
        await create(world)
        await join(world)
        request = asked(registration(rotate=True))
        one, two = [await world.partners.register(request) for _ in range(2)]
        assert (two.replayed, two.value().token) == (True, one.value().token)

    async def test_ended_twice_is_told_once(self, world: World) -> None:
        await create(world)
        await join(world)
        for _ in range(2):
            assert (await world.partners.end(asked("sun"))).value().state == State.ENDED
        assert len(await world.events("partner.ended")) == 1


class TestTheEnd:
    async def test_no_token_works_any_more(self, world: World) -> None:
        first = (await create(world)).token
        tokens = [first, (await join(world)).token, (await join(world, rotate=True)).token]
        await world.partners.end(asked("sun"))
        assert [await known(world, token) for token in tokens] == [None] * 3

    async def test_another_engine_hears_within_two_seconds(
        self, world: World, open_database: OpenDatabase
    ) -> None:
        other = World(await open_database(), world.clock, "other")
        await create(world)
        token = (await join(world)).token
        assert await known(other, token) is False
        await world.partners.end(asked("sun"))
        world.clock.advance(2)
        assert await known(other, token) is None

    async def test_its_party_is_free_again(self, world: World) -> None:
        await create(world)
        await join(world)
        await world.partners.end(asked("sun"))
        with pytest.raises(StateConflict):
            await join(world)
        await create(world, "moon")
        assert (await join(world, "moon")).partner.speaks_for(THEIRS)


async def test_first_reading_of_a_header_that_matches_wins(world: World) -> None:
    token = (await create(world)).token
    found = await world.partners.recognise(["literal", token, "third"])
    assert found is not None
    assert (found.candidate, found.partner.id) == (1, "sun")
    assert await world.partners.recognise(["a", "b"]) is None


async def test_pages_follow_each_other(world: World) -> None:
    names = sorted(f"p{n}" for n in range(7))
    for name in names:
        await create(world, name)
    seen, token = [], ""
    while True:
        page = await world.partners.list_page(3, token)
        seen += [partner.id for partner in page.items]
        token = page.next_token
        if not token:
            break
    assert seen == names
