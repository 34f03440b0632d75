"""Reading files that people hand in."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from engine.cli.errors import CommandError


def read_objects(path: Path) -> list[bytes]:
    """Read a JSON object or a list of them, each as it was written; `-` is standard input.

    Raises:
        CommandError: the file cannot be read or holds something else.
    """
    try:
        text = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        whole = bytes(msgspec.json.decode(text, type=msgspec.Raw)).strip()
        objects = (
            [bytes(item).strip() for item in msgspec.json.decode(whole, type=list[msgspec.Raw])]
            if whole.startswith(b"[")
            else [whole]
        )
        for item in objects:
            msgspec.json.decode(item)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is not JSON: {error}.") from error
    if not objects or not all(item.startswith(b"{") for item in objects):
        raise CommandError(f"{path}: expected a JSON object or a list of them.")
    return objects
