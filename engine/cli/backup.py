"""`interwatt backup` and `interwatt restore`: the embedded database in one file, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.errors import CommandError
from engine.cli.options import DataDir
from engine.cli.shell_command import end
from engine.db import backup as files
from engine.kernel.errors import EngineError
from engine.settings import Flags, Settings, read

_File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]
_Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///FILE; default DIR/interwatt.db. [INTERWATT_DATABASE]",
    ),
]


def backup(file: _File, *, data: DataDir = None, database: _Database = None) -> None:
    """Write the database to a file while the engine goes on.

    The file has everything that was acknowledged before, as of one instant. The key files in
    DIR/keys are not in it: keep them too, elsewhere.
    """

    def work() -> None:
        size = files.backup(read(Flags(data=data, database=database)).database_url, file)
        print(f"{file}: {size / 1_000_000:.1f} MB.")

    end(lambda: _told(work))


def restore(
    file: _File,
    *,
    data: DataDir = None,
    database: _Database = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the database that is there.")
    ] = False,
) -> None:
    """Put a backup where the engine finds it; nothing is touched unless the file is whole.

    Refuses while an engine uses the database. The next start brings the schema up to date.
    """

    def work() -> None:
        settings = read(Flags(data=data, database=database))
        files.restore(file, settings.database_url, force=force)
        print(f"{file} is restored to {settings.database_url.removeprefix('sqlite:///')}.")
        _mention_keys(settings)

    end(lambda: _told(work))


def _mention_keys(settings: Settings) -> None:
    if not (settings.keys_dir / "admin.key").exists():
        print(f"Put the key files back too, to {settings.keys_dir}: the database knows them.")


def _told(work: Callable[[], None]) -> None:
    try:
        work()
    except EngineError as error:
        raise CommandError(error.message) from error
