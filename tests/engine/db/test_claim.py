"""One engine at a time on an SQLite file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.db.claim import claim
from engine.kernel.errors import StateConflict, StoreUnavailable


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'interwatt.db'}"


async def test_second_engine_is_refused_with_what_to_do(url: str) -> None:
    async with claim(url):
        with pytest.raises(StateConflict, match="Stop it first; several engines need PostgreSQL"):
            async with claim(url, patience_s=0):
                pass


async def test_it_waits_for_one_that_is_stopping(url: str) -> None:
    async with claim(url):
        next_one = asyncio.create_task(_hold(url))
        await asyncio.sleep(0.2)
        assert not next_one.done()
    await asyncio.wait_for(next_one, 5)


async def test_one_that_ended_leaves_no_trace(url: str) -> None:
    for _ in range(2):
        async with claim(url, patience_s=0):
            pass


async def test_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="No such file or directory"):
        async with claim(f"sqlite:///{tmp_path / 'absent' / 'interwatt.db'}"):
            pass


async def test_postgresql_serves_any_number() -> None:
    async with claim("postgresql://db/interwatt"), claim("postgresql://db/interwatt"):
        pass


async def _hold(url: str) -> None:
    async with claim(url):
        pass
