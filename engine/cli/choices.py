"""Options that name a value of an enum of the contract."""

from __future__ import annotations

from typing import Any

from engine.cli.errors import CommandError


def choose(enum: Any, text: str, *, prefix: str, option: str) -> Any:
    """Return the enum's value that `text` names, in any case; nothing said is unspecified.

    Raises:
        CommandError: there is no such value.
    """
    names: list[str] = [name.removeprefix(prefix) for name in enum.keys()]  # noqa: SIM118 - no dict
    name = text.upper() or "UNSPECIFIED"
    if name in names and not (text and name == "UNSPECIFIED"):
        return enum.Value(prefix + name)
    allowed = ", ".join(name for name in names if name != "UNSPECIFIED")
    raise CommandError(f'Expected one of {allowed} for {option}, found "{text}".')
