"""Options of the commands that work where the data is, without an engine to call."""

from __future__ import annotations

from typing import Annotated

import typer

DataDir = Annotated[
    str | None, typer.Option("--data", metavar="DIR", help="Data directory. [INTERWATT_DATA]")
]
