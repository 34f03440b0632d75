"""One file and back: what a backup holds, and what restoring refuses."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.db.backup import backup, restore
from engine.db.connect import connect
from engine.db.migrate import upgrade
from engine.kernel.errors import EngineError, InvalidArgument, StateConflict, StoreUnavailable
from tests.engine.conftest import ManualClock
from tests.engine.db.notes import adding, names


def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
async def source(tmp_path: Path, clock: ManualClock) -> Path:
    """A database with one note in it, in nobody's use."""
    path = tmp_path / "interwatt.db"
    await upgrade(url(path))
    await add(path, clock, "a")
    return path


async def add(path: Path, clock: ManualClock, name: str) -> None:
    database = await connect(url(path), clock)
    await database.write(adding(name))
    await database.close()


async def names_in(path: Path, clock: ManualClock) -> list[str]:
    database = await connect(url(path), clock)
    try:
        return await names(database)
    finally:
        await database.close()


def text(path: Path) -> None:
    path.write_text("This is no database." * 1_000)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_what_is_in_use_is_backed_up_with_what_only_its_log_has(
    source: Path, clock: ManualClock, tmp_path: Path
) -> None:
    database = await connect(url(source), clock)
    await database.write(adding("b"))
    size = backup(url(source), tmp_path / "copy.db")
    await database.write(adding("c"))
    await database.close()
    assert size == (tmp_path / "copy.db").stat().st_size
    assert files(tmp_path) == {"interwatt.db", "copy.db"}
    restore(tmp_path / "copy.db", url(tmp_path / "new" / "interwatt.db"), force=False)
    assert await names_in(tmp_path / "new" / "interwatt.db", clock) == ["a", "b"]


async def test_transaction_ids_given_after_the_backup_are_skipped(
    source: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("INSERT INTO counter VALUES ('transaction_id', 1000)")
        connection.commit()
    backup(url(source), tmp_path / "copy.db")
    restore(tmp_path / "copy.db", url(source), force=True)
    with closing(sqlite3.connect(source)) as connection:
        [(value,)] = connection.execute("SELECT value FROM counter").fetchall()
    assert value == 10_001_000


async def test_a_restored_state_has_nothing_of_the_one_before(
    source: Path, clock: ManualClock, tmp_path: Path
) -> None:
    backup(url(source), tmp_path / "copy.db")
    await add(source, clock, "later")
    with closing(sqlite3.connect(source)) as crashed:  # its log stays behind
        crashed.execute("PRAGMA wal_autocheckpoint = 0")
        crashed.execute("UPDATE caller SET role = 'X'")
        crashed.commit()
        left = source.with_name("interwatt.db-wal").read_bytes()
    source.with_name("interwatt.db-wal").write_bytes(left)
    restore(tmp_path / "copy.db", url(source), force=True)
    assert await names_in(source, clock) == ["a"]


async def test_one_in_use_is_never_replaced(
    source: Path, clock: ManualClock, tmp_path: Path
) -> None:
    backup(url(source), tmp_path / "copy.db")
    database = await connect(url(source), clock)
    with pytest.raises(StateConflict, match="in use"):
        restore(tmp_path / "copy.db", url(source), force=True)
    assert await database.write(adding("b")) == "b"
    await database.close()
    assert await names_in(source, clock) == ["a", "b"]
    assert files(tmp_path) == {"interwatt.db", "copy.db"}


async def test_a_database_that_is_there_needs_force_even_a_damaged_one(
    source: Path, clock: ManualClock, tmp_path: Path
) -> None:
    backup(url(source), tmp_path / "copy.db")
    with pytest.raises(StateConflict, match="--force"):
        restore(tmp_path / "copy.db", url(source), force=False)
    text(source)
    restore(tmp_path / "copy.db", url(source), force=True)
    assert await names_in(source, clock) == ["a"]


def torn(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def scribbled(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    page = int.from_bytes(whole[16:18], "big")
    whole[page * 4 : page * 12] = b"\xff" * page * 8
    path.write_bytes(whole)


def absent(path: Path) -> None:
    path.unlink()


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE song (title TEXT)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as copy:
        copy.execute("UPDATE alembic_version SET version_num = '9999'")
        copy.commit()


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (text, InvalidArgument),
        (torn, InvalidArgument),
        (scribbled, InvalidArgument),
        (absent, StoreUnavailable),
        (of_another_program, InvalidArgument),
        (newer, StateConflict),
    ],
)
async def test_what_is_no_whole_backup_of_ours_touches_nothing(
    source: Path,
    clock: ManualClock,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    refusal: type[EngineError],
) -> None:
    copy = tmp_path / "copy.db"
    backup(url(source), copy)
    spoil(copy)
    with pytest.raises(refusal):
        restore(copy, url(source), force=True)
    assert await names_in(source, clock) == ["a"]
    assert not [name for name in files(tmp_path) if name.endswith(".partial")]


async def test_a_file_that_exists_is_not_overwritten(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup(url(source), copy)
    before = copy.read_bytes()
    with pytest.raises(StateConflict):
        backup(url(source), copy)
    assert copy.read_bytes() == before


def test_postgresql_has_its_own_tools(tmp_path: Path) -> None:
    there = "postgresql://interwatt@db/interwatt"
    with pytest.raises(InvalidArgument, match="pg_dump"):
        backup(there, tmp_path / "copy.db")
    with pytest.raises(InvalidArgument, match="pg_restore"):
        restore(tmp_path / "copy.db", there, force=True)


def test_nothing_to_back_up_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="no database"):
        backup(url(tmp_path / "interwatt.db"), tmp_path / "copy.db")
