"""`interwatt engine`, `ocpp`, `ocpi`: one process each, with the flags of its module."""

from __future__ import annotations

import os
import sys

import typer

from engine.cli.app import new_app

MODULES = {"engine": "engine", "ocpp": "gateways.ocpp", "ocpi": "gateways.ocpi"}


def _becoming(name: str) -> typer.Typer:
    """Return a command that becomes a module's process; every flag, also `--help`, is its own."""
    app = new_app()

    @app.command(
        name,
        add_help_option=False,
        context_settings={
            "ignore_unknown_options": True,
            "allow_extra_args": True,
            "help_option_names": [],
        },
    )
    def become(context: typer.Context) -> None:
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", MODULES[name], *context.args])  # noqa: S606

    return app


engine = _becoming("engine")
ocpp = _becoming("ocpp")
ocpi = _becoming("ocpi")
