"""A command of the shell that calls the engine: its options, and how it ends."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from engine.cli.client import Client
from engine.cli.errors import EXIT_BAD_INPUT, CommandError
from engine.settings import BadSettings, read_client

Body = Callable[..., int | None]

Limit = Annotated[
    int, typer.Option("--limit", min=0, metavar="N", help="Show at most this many; 0 shows all.")
]
PartnerFilter = Annotated[
    str, typer.Option("--partner", metavar="ID", help="Only what concerns this partner.")
]
Owner = Annotated[
    str, typer.Option("--owner", metavar="NL-IWT", help="The party that owns it; ours when absent.")
]

_Engine = Annotated[
    str | None,
    typer.Option("--engine", metavar="HOST:PORT", help="Where the engine is. [INTERWATT_ENGINE]"),
]
_Key = Annotated[
    str | None,
    typer.Option("--key", metavar="KEY", help="Your key; better in a file. [INTERWATT_KEY]"),
]
_KeyFile = Annotated[
    str | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="File with your key; default interwatt-data/keys/admin.key. [INTERWATT_KEY_FILE]",
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_SHARED = (
    inspect.Parameter("engine", inspect.Parameter.KEYWORD_ONLY, annotation=_Engine, default=None),
    inspect.Parameter("key", inspect.Parameter.KEYWORD_ONLY, annotation=_Key, default=None),
    inspect.Parameter(
        "key_file", inspect.Parameter.KEYWORD_ONLY, annotation=_KeyFile, default=None
    ),
    inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, annotation=_Json, default=False),
)


def command(app: typer.Typer, name: str, *, example: str) -> Callable[[Body], Body]:
    """Register a command of `app` that calls the engine.

    The function gets a `Client` first and may ask for `as_json`; what it returns is the exit code.
    """

    def register(body: Body) -> Body:
        app.command(name, epilog=f"Example: {example}")(with_client(body))
        return body

    return register


def with_client(body: Body) -> Callable[..., None]:
    """Return `body` as a command: with the shared options, a client, and errors as one line."""
    asked = list(inspect.signature(body, eval_str=True).parameters.values())[1:]
    own = [parameter for parameter in asked if parameter.name != "as_json"]

    @functools.wraps(body)
    def run(
        *, engine: str | None, key: str | None, key_file: str | None, as_json: bool, **rest: Any
    ) -> None:
        if own != asked:
            rest["as_json"] = as_json

        def call() -> int | None:
            client = Client(read_client(engine=engine, key=key, key_file=key_file))
            try:
                return body(client, **rest)
            finally:
                client.close()

        end(call)

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
    run.__signature__ = inspect.Signature([*parameters, *_SHARED])  # type: ignore[attr-defined]
    run.__annotations__ = {}
    return run


def end(call: Callable[[], int | None]) -> None:
    """Run a command and end with its exit code; what it cannot do is one line on standard error."""
    try:
        code = call()
    except (CommandError, BadSettings) as error:
        print(f"interwatt: {' '.join(str(error).split())}", file=sys.stderr)
        code = error.exit_code if isinstance(error, CommandError) else EXIT_BAD_INPUT
    if code:
        raise typer.Exit(code)
