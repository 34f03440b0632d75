"""The specification's own examples, as bytes and as objects."""

from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parents[2] / "vectors" / "ocpi" / "v221"


def text(name: str) -> bytes:
    """The bytes of an example."""
    return (FOLDER / f"{name}.json").read_bytes()


def document(name: str) -> dict[str, Any]:
    """An example as an object to change."""
    found: dict[str, Any] = orjson.loads(text(name))
    return found
