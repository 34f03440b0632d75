"""Reading files that people hand in."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from engine.cli.errors import CommandError

_NOT_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read_text(path: Path) -> bytes:
    """Read a file; `-` is standard input.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def items_of(text: bytes, path: Path) -> list[bytes]:
    """Return the items of a JSON list, each as it was written.

    Raises:
        CommandError: it is none.
    """
    try:
        return [bytes(item).strip() for item in msgspec.json.decode(text, type=list[msgspec.Raw])]
    except _NOT_JSON as error:
        raise CommandError(f"{path} is not JSON: {error}.") from error


def read_objects(path: Path) -> list[bytes]:
    """Read a JSON object or a list of them, each as it was written; `-` is standard input.

    Raises:
        CommandError: the file cannot be read or holds something else.
    """
    text = read_text(path).strip()
    objects = items_of(text, path) if text.startswith(b"[") else [text]
    try:
        for item in objects:
            msgspec.json.decode(item)
    except _NOT_JSON as error:
        raise CommandError(f"{path} is not JSON: {error}.") from error
    if not objects or not all(item.startswith(b"{") for item in objects):
        raise CommandError(f"{path}: expected a JSON object or a list of them.")
    return objects
