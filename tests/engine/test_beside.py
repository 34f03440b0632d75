"""Looking in a process of its own finds the same, and survives the end of that process."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import msgspec
import psutil
import pytest

from engine.beside import Beside, tasks
from engine.cdrs.model import Cdr
from engine.db.port import Database
from engine.deliveries.model import Delivery
from engine.events.feed import EventFeed
from engine.events.look import Found, Looking
from engine.kernel.errors import StoreUnavailable
from engine.tariffs.pricing import Pricer
from tests.engine.cdrs.charges import add_partner, add_token, make_session, store_charge
from tests.harness.background import in_background


@asynccontextmanager
async def looking_beside(database: Database, url: str) -> AsyncIterator[Beside]:
    wanted = {task.name: task for task in tasks(database, Pricer())}
    beside = Beside(url, "info", database, wanted)
    async with in_background(beside.run()):
        yield beside


async def look_until_found(beside: Beside, name: str) -> Found:
    async with asyncio.timeout(30):
        while True:
            found = await beside.look(name, 0)
            if found.items:
                return found


def its_process() -> psutil.Process:
    [process] = [
        child for child in psutil.Process().children() if "engine.beside" in child.cmdline()
    ]
    return process


async def add_charge(database: Database) -> None:
    await add_partner(database)
    await add_token(database)
    await store_charge(database, make_session())


async def test_finds_what_looking_here_finds(database: Database, database_url: str) -> None:
    here = Looking(database, EventFeed(database), tasks(database, Pricer()))
    async with looking_beside(database, database_url) as beside:
        await add_charge(database)
        for name, item in (("cdr-issuer", Cdr), ("deliveries", Delivery)):
            found, expected = await look_until_found(beside, name), await here.look(name, 0)
            assert found.last == expected.last
            assert [type(one) for one in found.items] == [item]
            assert [one.key for one in found.items] == [one.key for one in expected.items]


async def test_is_started_again_when_it_ends(database: Database, database_url: str) -> None:
    await add_charge(database)
    async with looking_beside(database, database_url) as beside:
        await look_until_found(beside, "cdr-issuer")
        asking = asyncio.create_task(beside.look("cdr-judge", 10**9))
        await asyncio.sleep(0)  # it has asked
        its_process().kill()
        with pytest.raises(StoreUnavailable):
            await asking
        assert len((await look_until_found(beside, "cdr-issuer")).items) == 1


class Closing:
    """What is left of its input once it ended; a write fails, as uvloop's does."""

    def is_closing(self) -> bool:
        return True

    def write(self, _: bytes) -> None:
        raise RuntimeError("the handler is closed")


async def test_asking_while_it_ends_says_so(database: Database, database_url: str) -> None:
    wanted = {task.name: task for task in tasks(database, Pricer())}
    beside = Beside(database_url, "info", database, wanted)
    beside._input = cast(asyncio.StreamWriter, Closing())
    beside._up.set()
    with pytest.raises(StoreUnavailable, match="ended"):
        await beside.look("cdr-judge", 0)


async def test_says_that_the_store_is_away_and_goes_on(
    database: Database, database_url: str
) -> None:
    await add_charge(database)
    async with looking_beside(database, database_url) as beside:
        first = await look_until_found(beside, "cdr-issuer")
        process = its_process()
        with pytest.raises(StoreUnavailable, match="no task"):
            await beside.look("no task", 0)
        again = await beside.look("cdr-issuer", 0)
        assert [one.key for one in again.items] == [one.key for one in first.items]
        assert its_process() == process


async def test_what_cannot_be_understood_costs_a_process(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_charge(database)
    converse, garbled = Beside._converse, [msgspec.DecodeError("Expected str, got bool.")]

    async def garbled_once(self: Beside, process: Process) -> None:
        if garbled:
            raise garbled.pop()
        await converse(self, process)

    monkeypatch.setattr(Beside, "_converse", garbled_once)
    async with looking_beside(database, database_url) as beside:
        assert len((await look_until_found(beside, "cdr-issuer")).items) == 1


async def test_ends_with_who_asked(database: Database, database_url: str) -> None:
    async with looking_beside(database, database_url) as beside:
        await beside.look("cdr-issuer", 0)
        process = its_process()
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
