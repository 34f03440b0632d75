"""The root of the command line: a list of commands, each imported when it is called."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


@dataclass(frozen=True, slots=True)
class Entry:
    """One command of the root and where its code is."""

    name: str
    module: str
    attribute: str
    help: str
    example: str = ""

    def load(self) -> Any:
        """Import the command."""
        found = getattr(importlib.import_module(self.module), self.attribute)
        if not isinstance(found, typer.Typer):
            single = new_app()
            single.command(self.name, epilog=f"Example: {self.example}")(found)
            found = single
        command = get_command(found)
        command.name = self.name
        command.help = command.help or self.help
        return command


def _noun(name: str, help_: str) -> Entry:
    return Entry(name, f"engine.cli.{name}", "app", help_)


ENTRIES = (
    Entry(
        "up",
        "engine.cli.up",
        "up",
        "Run the platform: engine and gateways in one command.",
        example="interwatt up --data /var/lib/interwatt --party NL-ABC",
    ),
    Entry("engine", "engine.cli.processes", "engine", "Run the engine alone."),
    Entry("ocpp", "engine.cli.processes", "ocpp", "Run the gateway for charging stations alone."),
    Entry("ocpi", "engine.cli.processes", "ocpi", "Run the gateway for partners alone."),
    Entry(
        "migrate",
        "engine.cli.migrate",
        "migrate",
        "Bring a database to this release's schema.",
        example="interwatt migrate --database postgresql://interwatt@db/interwatt",
    ),
    Entry(
        "backup",
        "engine.cli.backup",
        "backup",
        "Write the SQLite database to a file while the engine goes on.",
        example="interwatt backup /mnt/backups/interwatt-2026-11-22.db",
    ),
    Entry(
        "restore",
        "engine.cli.backup",
        "restore",
        "Put a backup where the engine finds it.",
        example="interwatt restore /mnt/backups/interwatt-2026-11-22.db --data ./interwatt-data",
    ),
    Entry(
        "price",
        "engine.cli.pricing",
        "price",
        "Price a CDR; no engine needed.",
        example="interwatt price --cdr cdr.json --tariffs tariffs.json --time-zone Europe/Paris",
    ),
    Entry(
        "explain",
        "engine.cli.pricing",
        "explain",
        "Price a CDR and say why, line by line.",
        example="interwatt explain --cdr cdr.json --policy step_parking=last",
    ),
    Entry(
        "lint",
        "engine.cli.pricing",
        "lint",
        "Find what is odd in tariffs.",
        example="interwatt lint tariffs.json",
    ),
    _noun("partner", "Platforms we exchange with over OCPI."),
    _noun("station", "Our charging stations."),
    _noun("location", "Where stations stand."),
    _noun("tariff", "What a charge costs."),
    _noun("token", "What identifies a driver's contract."),
    _noun("session", "Charges: running and done."),
    _noun("cdr", "Sealed billing records, ours and our partners'."),
    _noun("settle", "The ledger: who owes whom how much, and why."),
    _noun("caller", "Who may call the engine."),
    Entry(
        "events",
        "engine.cli.events",
        "events",
        "Follow what happens.",
        example="interwatt events --kind 'session.*' --no-follow",
    ),
)
_BY_NAME = {entry.name: entry for entry in ENTRIES}


class LazyGroup(TyperGroup):
    """Lists commands without importing them."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        return list(_BY_NAME)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - typer's signature
        entry = _BY_NAME.get(cmd_name)
        return entry and TyperCommand(entry.name, help=entry.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, listed, rest = super().resolve_command(ctx, args)
        return name, _BY_NAME[name].load() if name else listed, rest


def new_app(**options: Any) -> typer.Typer:
    """Return an app as all of ours are: plain help, errors by `engine.cli.shell_command`."""
    return typer.Typer(
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        **options,
    )


app = new_app(
    cls=LazyGroup,
    help="Interwatt: a switch between EV-charging networks.",
    epilog="First time? interwatt up starts everything and says what to do next.",
)


@app.callback()
def root() -> None:
    """Interwatt: a switch between EV-charging networks."""
