"""The first start makes schema, callers and keys; every other start leaves them as they are."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.callers.service import CallersService
from engine.db.connect import connect
from engine.kernel.errors import Unauthenticated
from engine.kernel.ids import RandomIds
from engine.prepare import FIRST_CALLERS, prepare
from engine.rpc.access import CallerRole
from engine.settings import Flags, Settings, read
from tests.engine.conftest import ManualClock


@pytest.fixture
def settings(tmp_path: Path, empty_url: str) -> Settings:
    return read(Flags(data=str(tmp_path / "data"), database=empty_url), {})


def keys(settings: Settings) -> dict[str, str]:
    return {path.stem: path.read_text().strip() for path in settings.keys_dir.iterdir()}


async def role_of(settings: Settings, clock: ManualClock, key: str) -> CallerRole:
    database = await connect(settings.database_url, clock)
    try:
        _, role = await CallersService(database, RandomIds()).authenticate(key)
        return role
    finally:
        await database.close()


async def test_each_first_caller_has_a_key_that_works(
    settings: Settings, clock: ManualClock
) -> None:
    await prepare(settings, clock, RandomIds())
    assert set(keys(settings)) == set(FIRST_CALLERS)
    for name, key in keys(settings).items():
        assert await role_of(settings, clock, key) is FIRST_CALLERS[name]


async def test_keys_are_for_their_owner_only(settings: Settings, clock: ManualClock) -> None:
    await prepare(settings, clock, RandomIds())
    assert settings.keys_dir.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in settings.keys_dir.iterdir()} == {0o600}


async def test_another_start_leaves_everything(settings: Settings, clock: ManualClock) -> None:
    await prepare(settings, clock, RandomIds())
    before = keys(settings)
    await prepare(settings, clock, RandomIds())
    assert keys(settings) == before


async def test_a_key_whose_caller_was_not_yet_made_is_taken_up(
    settings: Settings, clock: ManualClock
) -> None:
    settings.keys_dir.mkdir(parents=True)
    (settings.keys_dir / "admin.key").write_text("written before the power went\n")
    (settings.keys_dir / "ocpp-gateway.new").write_text("half of a k")
    await prepare(settings, clock, RandomIds())
    role = await role_of(settings, clock, "written before the power went")
    assert role is CallerRole.ADMIN
    assert set(keys(settings)) == set(FIRST_CALLERS)


async def test_a_key_file_that_was_taken_away_is_not_made_again(
    settings: Settings, clock: ManualClock
) -> None:
    await prepare(settings, clock, RandomIds())
    admin = keys(settings)["admin"]
    (settings.keys_dir / "admin.key").unlink()
    await prepare(settings, clock, RandomIds())
    assert "admin" not in keys(settings)
    assert await role_of(settings, clock, admin) is CallerRole.ADMIN


async def test_engines_that_start_together_have_only_keys_that_work(
    settings: Settings, clock: ManualClock, tmp_path: Path
) -> None:
    both = [
        read(Flags(data=str(tmp_path / name), database=settings.database_url), {})
        for name in ("one", "two")
    ]
    await asyncio.gather(*(prepare(each, clock, RandomIds()) for each in both))
    found = [(name, key) for each in both for name, key in keys(each).items()]
    assert sorted(name for name, _ in found) == sorted(FIRST_CALLERS)
    for name, key in found:
        assert await role_of(settings, clock, key) is FIRST_CALLERS[name]
    with pytest.raises(Unauthenticated):
        await role_of(settings, clock, "guess")
