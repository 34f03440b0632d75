"""JSON keeps its numbers, and what is wrong with it is told with its place."""

from decimal import Decimal

import msgspec
import pytest

from gateways.ocpi import codec
from gateways.ocpi.codec import NotJson, NotUnderstood


class Thing(msgspec.Struct):
    """An object to read."""

    number: Decimal
    inner: list[int] | None = None


def test_a_number_keeps_its_digits_there_and_back() -> None:
    text = b'{"number":22.15000000000000000000001}'
    thing = codec.decode(text, Thing)
    assert codec.encode({"number": thing.number}) == text


def test_a_tree_has_no_floats() -> None:
    tree = codec.decode_object(b'{"a":1.10,"b":[0.1,{"c":2}]}')
    assert codec.encode(tree) == b'{"a":1.10,"b":[0.1,{"c":2}]}'


def test_what_is_missing_is_named() -> None:
    with pytest.raises(NotUnderstood, match="`number`"):
        codec.decode(b"{}", Thing)


def test_what_is_wrong_is_named_with_its_place() -> None:
    with pytest.raises(NotUnderstood, match=r"\$\.inner\[1\]"):
        codec.decode(b'{"number":1,"inner":[1,"x"]}', Thing)


@pytest.mark.parametrize("text", [b"", b'{"number":1,}', b"\xff", b"<html>"])
def test_what_is_no_json_is_told_apart(text: bytes) -> None:
    with pytest.raises(NotJson):
        codec.decode(text, Thing)
    with pytest.raises(NotJson):
        codec.decode_object(text)


def test_what_is_nested_beyond_reason_is_no_json_that_we_read() -> None:
    text = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(NotJson, match="nested too deeply"):
        codec.decode(text, dict)
    with pytest.raises(NotJson, match="nested too deeply"):
        codec.decode_object(text)


def test_a_partial_update_replaces_fields_and_null_takes_one_away() -> None:
    merged = codec.merge({"a": 1, "b": [1], "c": 3}, {"b": [2], "c": None})
    assert merged == {"a": 1, "b": [2]}
