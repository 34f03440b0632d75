"""JSON in and out, exact: a number keeps its digits and is never a float."""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, cast

import msgspec

from gateways.ocpi.times import Instant

Json = Any
"""A decoded JSON value: dict, list, str, int, Decimal, bool or None."""

T = TypeVar("T")


class NotJson(ValueError):
    """The text is not JSON at all, or nested so deeply that nobody means it."""


class NotUnderstood(ValueError):
    """JSON that lacks something or holds something of the wrong kind; the text says where."""


def encode(value: object) -> bytes:
    """Write JSON."""
    return _encoder.encode(value)


def decode(text: bytes, kind: type[T]) -> T:
    """Read an object of this kind, passing over what it does not know."""
    try:
        return cast(T, _decoder(cast(Hashable, kind)).decode(text))
    except msgspec.ValidationError as error:
        raise NotUnderstood(f"{error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotJson(f"Expected JSON: {error}.") from error
    except RecursionError as error:
        raise NotJson("Expected JSON: it is nested too deeply.") from error


def decode_object(text: bytes) -> dict[str, Json]:
    """Read a JSON object as a tree, for a partial update."""
    try:
        tree = _tree_decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotJson(f"Expected JSON: {error}.") from error
    except RecursionError as error:
        raise NotJson("Expected JSON: it is nested too deeply.") from error
    if not isinstance(tree, dict):
        raise NotUnderstood("Expected an object - at `$`.")
    return tree


def merge(document: Mapping[str, Json], changes: Mapping[str, Json]) -> dict[str, Json]:
    """Apply a partial update as PATCH does: each field replaced whole, null takes a field away."""
    merged = {**document, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def _read_other(kind: type, value: object) -> object:
    if kind is Instant and isinstance(value, str):
        return Instant.parse(value)
    raise NotImplementedError(kind)


def _write_other(value: object) -> object:
    if isinstance(value, Instant):
        return str(value)
    raise NotImplementedError(type(value))


@cache
def _decoder(kind: Hashable) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind, dec_hook=_read_other)


_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_write_other)
_tree_decoder = msgspec.json.Decoder(float_hook=Decimal)
