"""Tokens as their owners put them: the newest wins, and only its owner writes it."""

from __future__ import annotations

import asyncio

import pytest

from engine.db.port import Database
from engine.kernel.errors import NotFound, RequestIdReused, WrongParty
from engine.kernel.party import PartyKey
from engine.tokens.model import token_key
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import (
    OURS,
    PARTNER,
    STARTED,
    THEIRS,
    World,
    asked,
    make_token,
    partner_token,
)


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await World(database, clock).furnish()


async def test_new_then_changed_then_older(world: World) -> None:
    puts = [
        make_token("NEW"),
        make_token("new", valid=False, last_updated_us=STARTED + 1),
        make_token("NEW", issuer="Old", last_updated_us=STARTED),
    ]
    found = [(await world.tokens.put([asked(put)]))[0].value() for put in puts]
    assert [put.created for put in found] == [True, False, False]
    assert [put.stored.version for put in found] == [1, 2, 2]
    assert (
        await world.tokens.get(token_key(OURS, "RFID", "New")) == found[1].stored == found[2].stored
    )
    assert len(await world.events("token.changed")) == 4  # two are the world's own


async def test_same_token_thrice_in_one_batch(world: World) -> None:
    puts = [make_token("NEW", issuer=f"{n}", last_updated_us=STARTED + n) for n in (1, 3, 2)]
    outcomes = await world.tokens.put([asked(put) for put in puts])
    assert [outcome.value().created for outcome in outcomes] == [True, False, False]
    stored = await world.tokens.get(token_key(OURS, "RFID", "NEW"))
    assert (stored.issuer, stored.version) == ("3", 2)


async def test_others_party_and_unknown_partner_are_refused_alone(world: World) -> None:
    puts = [
        make_token("A", owner=THEIRS),
        partner_token("A", owner=OURS),
        partner_token("A", owner=PartyKey("FR-ELS")),
        partner_token("A", partner_id="nobody"),
        make_token("A"),
        partner_token("A"),
    ]
    outcomes = await world.tokens.put([asked(put) for put in puts])
    assert [type(o.result) for o in outcomes[:4]] == [WrongParty] * 3 + [NotFound]
    assert all(outcome.value().created for outcome in outcomes[4:])


async def test_same_request_is_replayed_and_another_body_refused(world: World) -> None:
    request = asked(make_token("NEW"))
    [first] = await world.tokens.put([request])
    [second] = await world.tokens.put([request])
    [third] = await world.tokens.put([asked(make_token("OTHER"), request.id)])
    assert (second.replayed, second.value()) == (True, first.value())
    assert isinstance(third.result, RequestIdReused)


async def test_two_engines_putting_one_token_lose_no_version(
    world: World, open_database: OpenDatabase
) -> None:
    other = World(await open_database(), world.clock, "other")
    puts = [
        (world, other)[n % 2].tokens.put([asked(make_token("NEW", issuer=f"{n}"))])
        for n in range(20)
    ]
    versions = [outcome.value().stored.version for [outcome] in await asyncio.gather(*puts)]
    assert sorted(versions) == list(range(1, 21))


async def test_pages_follow_each_other_without_gap_or_repetition(world: World) -> None:
    for n in range(25):
        world.clock.advance(0 if n % 3 else 1)
        await world.tokens.put([asked(make_token(f"P{n:02}"))])

    async def page(size: int, token: str, partner_id: str = "-") -> tuple[list[str], str, int]:
        found = await world.tokens.list_page(
            size=size, token=token, partner_id=partner_id, updated_from=None, updated_to=None
        )
        return [item.uid for item in found.items], found.next_token, found.total

    seen, token = [], ""
    while True:
        uids, token, total = await page(4, token)
        seen += uids
        assert total == 26
        if not token:
            break
    assert len(seen) == len(set(seen)) == 26
    assert [uid for uid in seen if uid != "CARD1"] == sorted(set(seen) - {"CARD1"})
    assert (await page(100, "", PARTNER))[0] == ["SUN1"]
