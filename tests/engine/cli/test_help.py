"""Help answers at once and teaches by example."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from typer.core import TyperGroup

from engine.cli.app import ENTRIES

HEAVY = ("grpc", "google.protobuf", "sqlalchemy", "alembic", "polars", "asyncpg", "rich.table")
TAKES_MODULE_FLAGS = {"engine", "ocpp", "ocpi"}


def leaves() -> Iterator[tuple[str, str]]:
    """Give every command with its help and example."""
    for entry in ENTRIES:
        if entry.name in TAKES_MODULE_FLAGS:
            continue
        command = entry.load()
        if not isinstance(command, TyperGroup):
            yield entry.name, f"{command.help}\n{command.epilog or ''}"
            continue
        for name, leaf in command.commands.items():
            yield f"{entry.name} {name}", f"{leaf.help}\n{leaf.epilog or ''}"


def test_root_help_lists_every_command_and_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from engine.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True
    )
    for entry in ENTRIES:
        assert f"  {entry.name} " in done.stdout


@pytest.mark.parametrize(("name", "text"), [pytest.param(*leaf, id=leaf[0]) for leaf in leaves()])
def test_each_command_has_help_and_an_example_of_itself(name: str, text: str) -> None:
    assert text.strip()
    assert f"interwatt {name} " in f"{text} ".replace("\n", " ")
