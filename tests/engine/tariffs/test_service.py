"""Tariffs: every version kept, withdrawn ones too."""

from __future__ import annotations

import asyncio

import pytest

from engine.db.port import Database
from engine.kernel.errors import NotFound, RequestIdReused, WrongParty
from engine.kernel.party import PartyKey
from engine.tariffs import store
from engine.tariffs.model import tariff_key
from engine.tariffs.service import Withdrawal
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import OURS, PARTNER, STARTED, THEIRS, World, asked, make_tariff


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await World(database, clock).furnish()


async def sealed(world: World, version: int, key: str = "NL-IWT/T1") -> bytes | None:
    found = await world.database.read(lambda tx: store.sealed(tx, [(key, version)]))
    return found[key, version].document if found else None


async def test_every_version_is_kept(world: World) -> None:
    for n in (2, 3):
        document = f'{{"n":{n}}}'.encode()
        put = make_tariff(document=document, last_updated_us=STARTED + n)
        assert (await world.tariffs.put([asked(put)]))[0].value().stored.version == n
    assert [await sealed(world, n) for n in (1, 2, 3, 4)] == [b"{}", b'{"n":2}', b'{"n":3}', None]


async def test_older_one_changes_nothing(world: World) -> None:
    [outcome] = await world.tariffs.put([asked(make_tariff(last_updated_us=STARTED - 1))])
    assert (outcome.value().stored.version, await sealed(world, 2)) == (1, None)


async def test_withdrawn_one_is_not_found_and_its_versions_stay(world: World) -> None:
    request = asked(Withdrawal(OURS, "t1"))
    one, two = [await world.tariffs.withdraw(request) for _ in range(2)]
    assert (two.replayed, two.value()) == (True, one.value())
    with pytest.raises(NotFound):
        await world.tariffs.get(tariff_key(OURS, "T1"))
    with pytest.raises(NotFound):
        await world.tariffs.withdraw(asked(Withdrawal(OURS, "T1")))
    assert await sealed(world, 1) == b"{}"
    assert len(await world.events("tariff.withdrawn")) == 1


async def test_put_after_a_withdrawal_is_in_force_again(world: World) -> None:
    await world.tariffs.withdraw(asked(Withdrawal(OURS, "T1")))
    [outcome] = await world.tariffs.put([asked(make_tariff(last_updated_us=STARTED + 1))])
    assert outcome.value().stored.version == 3
    assert (await world.tariffs.get(tariff_key(OURS, "T1"))).version == 3


async def test_owner_alone_writes(world: World) -> None:
    puts = [
        make_tariff(owner=THEIRS),
        make_tariff(owner=PartyKey("FR-ELS"), partner_id=PARTNER),
        make_tariff(owner=THEIRS, partner_id=PARTNER),
    ]
    outcomes = await world.tariffs.put([asked(put) for put in puts])
    assert [type(outcome.result) for outcome in outcomes[:2]] == [WrongParty] * 2
    assert outcomes[2].value().created


async def test_same_request_is_replayed_and_another_body_refused(world: World) -> None:
    request = asked(make_tariff("T2"))
    [one], [two] = [await world.tariffs.put([request]) for _ in range(2)]
    [other] = await world.tariffs.put([asked(make_tariff("T3"), request.id)])
    assert (two.replayed, two.value()) == (True, one.value())
    assert isinstance(other.result, RequestIdReused)


async def test_two_engines_putting_one_tariff_seal_each_version_once(
    world: World, open_database: OpenDatabase
) -> None:
    other = World(await open_database(), world.clock, "other")
    puts = [
        (world, other)[n % 2].tariffs.put([asked(make_tariff(document=f"{n}".encode()))])
        for n in range(12)
    ]
    stored = [outcome.value().stored for [outcome] in await asyncio.gather(*puts)]
    assert sorted(tariff.version for tariff in stored) == list(range(2, 14))
    for tariff in stored:
        assert await sealed(world, tariff.version) == tariff.document
