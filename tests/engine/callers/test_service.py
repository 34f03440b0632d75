"""Callers: known by keys of which only hashes are kept."""

from __future__ import annotations

import asyncio

import pytest

from engine.callers import store
from engine.callers.service import CallersService
from engine.db.port import Database
from engine.kernel.errors import (
    AlreadyExists,
    InvalidArgument,
    NotFound,
    StateConflict,
    Unauthenticated,
)
from engine.rpc.access import CallerRole
from tests.engine.conftest import ManualClock, OpenDatabase
from tests.engine.world import CountingIds


@pytest.fixture
def callers(database: Database) -> CallersService:
    return CallersService(database, CountingIds())


async def works(callers: CallersService, key: str) -> bool:
    try:
        await callers.authenticate(key)
    except Unauthenticated:
        return False
    return True


async def test_key_says_who_calls_and_is_not_kept(
    callers: CallersService, database: Database
) -> None:
    caller, key = await callers.create("web", CallerRole.SERVICE)
    assert await callers.authenticate(key) == ("web", CallerRole.SERVICE)
    assert key not in repr(await database.read(store.all_callers))
    assert await callers.list_all() == [caller]


@pytest.mark.parametrize("key", ["", "wrong"])
async def test_no_key_and_an_unknown_one_are_nobody(callers: CallersService, key: str) -> None:
    with pytest.raises(Unauthenticated):
        await callers.authenticate(key)


@pytest.mark.parametrize("name", ["", "Web", "a b", "x" * 65, "web\n"])
async def test_name_must_be_a_name(callers: CallersService, name: str) -> None:
    with pytest.raises(InvalidArgument):
        await callers.create(name, CallerRole.SERVICE)


async def test_name_is_taken_once(callers: CallersService) -> None:
    await callers.create("web", CallerRole.SERVICE)
    with pytest.raises(AlreadyExists):
        await callers.create("web", CallerRole.ADMIN)


async def test_old_key_works_for_the_grace_and_the_one_before_no_more(
    callers: CallersService, clock: ManualClock
) -> None:
    _, first = await callers.create("web", CallerRole.SERVICE)
    second = await callers.rotate("web", grace_s=60)
    third = await callers.rotate("web", grace_s=60)
    assert [await works(callers, key) for key in (first, second, third)] == [False, True, True]
    clock.advance(66)
    assert [await works(callers, key) for key in (second, third)] == [False, True]


async def test_without_grace_the_old_key_ends_now(callers: CallersService) -> None:
    _, old = await callers.create("web", CallerRole.SERVICE)
    assert await works(callers, old)
    new = await callers.rotate("web", grace_s=0)
    assert [await works(callers, key) for key in (old, new)] == [False, True]


async def test_revoked_one_has_no_key_and_a_new_key_does_not_bring_back_the_old(
    callers: CallersService,
) -> None:
    _, old = await callers.create("web", CallerRole.SERVICE)
    await callers.revoke("web")
    assert not await works(callers, old)
    new = await callers.rotate("web", grace_s=3_600)
    assert [await works(callers, key) for key in (old, new)] == [False, True]


async def test_last_admin_is_not_revoked(callers: CallersService) -> None:
    await callers.create("web", CallerRole.SERVICE)
    await callers.create("root", CallerRole.ADMIN)
    with pytest.raises(StateConflict):
        await callers.revoke("root")
    await callers.create("other", CallerRole.ADMIN)
    await callers.revoke("root")


async def test_another_engine_hears_of_a_revocation_within_five_seconds(
    callers: CallersService, open_database: OpenDatabase, clock: ManualClock
) -> None:
    other = CallersService(await open_database(), CountingIds())
    _, key = await callers.create("web", CallerRole.SERVICE)
    assert await works(other, key)
    await callers.revoke("web")
    clock.advance(5)
    assert not await works(other, key)


async def test_unknown_caller_is_not_found(callers: CallersService) -> None:
    with pytest.raises(NotFound):
        await callers.rotate("web", grace_s=0)
    with pytest.raises(NotFound):
        await callers.revoke("web")


async def test_rotated_at_two_engines_at_once_two_keys_work(
    callers: CallersService, open_database: OpenDatabase
) -> None:
    other = CallersService(await open_database(), CountingIds("other"))
    await callers.create("web", CallerRole.SERVICE)
    keys = await asyncio.gather(
        *((callers, other)[n % 2].rotate("web", grace_s=60) for n in range(8))
    )
    assert sum([await works(callers, key) for key in keys]) == 2
