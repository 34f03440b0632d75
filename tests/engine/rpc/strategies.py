"""Requests of every kind, made from the descriptors of the contract: in order, odd, and broken."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import strategies as st

_TEXTS = (
    "",
    "\0",
    "a\0b",
    "\n\r\t",
    "x",
    "x" * 37,
    "x" * 65,
    "y" * 20_000,
    "é😀\U0010ffff",
    "\ud7ff",
    "\U0010ffff",
    "NL",
    "IWT",
    "-",
    "%",
    "' OR 1=1 --",
    "../..",
    "CARD1",
    "CS-1",
    "Europe/Amsterdam",
    "Europe",
    "/etc/passwd",
    "AAAA",
    "kQE=",
    "kpLPf_________8=",
)
_BYTES = (
    b"",
    b"\0",
    b"\xff\xfe",
    b"{",
    b"{}",
    b"[]",
    b"null",
    b'{"id": 1e999}',
    b'{"a": "\\u0000"}',
    b"[" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b'"\xc3\x28"',
    b"z" * 70_000,
)
_INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: (0, 1, -1, 2**31 - 1, -(2**31)),
    FieldDescriptor.CPPTYPE_INT64: (0, 1, -1, 2**62, 2**63 - 1, -(2**63)),
    FieldDescriptor.CPPTYPE_UINT32: (0, 1, 1_000, 1_001, 2**31, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 1, 2**63 - 1, 2**63, 2**64 - 1),
    FieldDescriptor.CPPTYPE_ENUM: (0, 1, 2, 7, 99, -1, 2**31 - 1),
}
_SECONDS = (0, -1, 1_795_300_200, -62_135_596_800, 253_402_300_799, 253_402_300_800, 2**63 - 1)
_NANOS = (0, 999_999_999, -1, 1_000_000_000, -(2**31))
_COUNTS = (0, 2, 256, 257)
_DEPTH = 4


def _timestamp(draw: Any, message: Timestamp) -> None:
    message.seconds = draw(st.sampled_from((*_SECONDS, -(2**63))))
    message.nanos = draw(st.sampled_from(_NANOS))


def _scalar(draw: Any, field: FieldDescriptor) -> Any:
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return draw(st.booleans())
    if field.type == FieldDescriptor.TYPE_BYTES:
        return draw(st.sampled_from(_BYTES))
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return draw(st.sampled_from(_TEXTS))
    return draw(st.sampled_from(_INTEGERS[field.cpp_type]))


def _is_map(field: FieldDescriptor) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


def _fill(draw: Any, message: Message, depth: int) -> None:
    """Set some fields, each to anything its type can hold."""
    if isinstance(message, Timestamp):
        _timestamp(draw, message)
        return
    for field in message.DESCRIPTOR.fields:
        if draw(st.booleans()):
            _set(draw, message, field, depth)


def _set(draw: Any, message: Message, field: Any, depth: int) -> None:
    if _is_map(field):
        text = draw(st.sampled_from(_TEXTS))
        getattr(message, field.name)[text] = draw(st.sampled_from(_TEXTS))
    elif field.is_repeated and field.message_type:
        if depth:
            for _ in range(draw(st.integers(1, 2))):
                _fill(draw, getattr(message, field.name).add(), depth - 1)
    elif field.is_repeated:
        getattr(message, field.name).append(_scalar(draw, field))
    elif field.message_type:
        part = getattr(message, field.name)
        part.SetInParent()
        if depth:
            _fill(draw, part, depth - 1)
    else:
        setattr(message, field.name, _scalar(draw, field))


def _spoil(draw: Any, message: Message) -> None:
    """Change one field somewhere inside: clear it, multiply it, or make it odd."""
    while True:
        if isinstance(message, Timestamp):
            _timestamp(draw, message)
            return
        fields = tuple(message.DESCRIPTOR.fields)
        if not fields:
            return
        field = draw(st.sampled_from(fields))
        inside = bool(field.message_type) and not _is_map(field)
        if inside and field.is_repeated and len(getattr(message, field.name)):
            if draw(st.integers(0, 9)) == 0:
                _multiply(getattr(message, field.name), draw(st.sampled_from(_COUNTS)))
                return
            message = getattr(message, field.name)[0]
        elif inside and not field.is_repeated and message.HasField(field.name):
            if draw(st.integers(0, 9)) == 0:
                message.ClearField(field.name)
                return
            message = getattr(message, field.name)
        else:
            _set(draw, message, field, _DEPTH)
            return


def _multiply(items: Any, count: int) -> None:
    first = type(items[0])()
    first.CopyFrom(items[0])
    del items[:]
    for _ in range(count):
        items.add().CopyFrom(first)


@st.composite
def odd(draw: Any, sample: Message) -> bytes:
    """Make a request from `sample`, which is in order: with one to three fields made odd."""
    message = type(sample)()
    message.CopyFrom(sample)
    for _ in range(draw(st.integers(1, 3))):
        _spoil(draw, message)
    return message.SerializeToString()


@st.composite
def made_up(draw: Any, kind: type[Message]) -> bytes:
    """Make a request of which any field may be anything."""
    message = kind()
    _fill(draw, message, _DEPTH)
    return message.SerializeToString()


@st.composite
def broken(draw: Any, sample: Message) -> bytes:
    """Make bytes that are a request no more, or not quite."""
    data = bytearray(sample.SerializeToString() or b"\x0a\x01a")
    for _ in range(draw(st.integers(1, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(1, len(data)))])


def anything(sample: Message) -> st.SearchStrategy[bytes]:
    """Make any request of the kind of `sample`."""
    return st.one_of(odd(sample), made_up(type(sample)), broken(sample))
