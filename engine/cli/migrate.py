"""`interwatt migrate`: bring a database to this release's schema."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from engine.cli.errors import CommandError
from engine.cli.options import DataDir
from engine.cli.shell_command import end
from engine.db.migrate import upgrade
from engine.kernel.errors import EngineError
from engine.settings import Flags, read


def migrate(
    *,
    data: DataDir = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            help="sqlite:///FILE or postgresql://...; default DIR/interwatt.db. "
            "[INTERWATT_DATABASE]",
        ),
    ] = None,
) -> None:
    """Bring a database to this release's schema. Forward only; safe to repeat.

    The engine does this when it starts. Do it by hand to choose the moment.
    """
    end(lambda: _migrate(data, database))


def _migrate(data: str | None, database: str | None) -> None:
    settings = read(Flags(data=data, database=database))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        applied = asyncio.run(upgrade(settings.database_url))
    except EngineError as error:
        raise CommandError(error.message) from error
    for revision in applied:
        print(f"applied {revision}")
    print("The database is at this release's schema.")
