"""What commands print: a table for people, JSON for programs."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from interwatt.common.v1.money_pb2 import Money, Price
from interwatt.common.v1.party_pb2 import PartyId
from rich import box
from rich.console import Console
from rich.table import Table

from engine.kernel.clock import Micros, to_rfc3339
from engine.kernel.money import decimal_text

_WIDE = 240


def print_json(value: object) -> None:
    """Print one JSON document."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def print_json_line(value: object) -> None:
    """Print one JSON document on a line of its own, at once."""
    print(msgspec.json.encode(value).decode(), flush=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
    """Print a table, or the sentence `empty` when there are no rows."""
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*row)
    if table.row_count:
        console().print(table)
    else:
        print(empty)


def print_facts(facts: Mapping[str, str]) -> None:
    """Print one thing: a line a fact that is known."""
    width = max(map(len, facts))
    for name, value in facts.items():
        if value:
            print(f"{name:<{width}}  {value}")


def console() -> Console:
    """Return where tables go; wide enough for a program that reads them through a pipe."""
    return Console(
        markup=False, highlight=False, width=None if sys.stdout.isatty() else _WIDE, soft_wrap=False
    )


def as_data(message: Message) -> dict[str, Any]:
    """Turn a message into what JSON can hold: every field, amounts and times as text."""
    return {field.name: _field(message, field) for field in message.DESCRIPTOR.fields}


def _field(message: Message, field: Any) -> Any:
    value = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return dict(value)
    if field.is_repeated:
        return [_value(item, field) for item in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _value(value, field)


def _value(value: Any, field: Any) -> Any:
    if isinstance(value, Message):
        return _message(value)
    if isinstance(value, bytes):
        return _document(value)
    return value if field.enum_type is None else enum_name(field, value)


def _message(value: Message) -> Any:
    match value:
        case Timestamp():
            return exactly_when(value)
        case PartyId():
            return party(value)
        case Money():
            return {"currency": value.currency, "amount": decimal_text(value.amount_e4)}
        case _:
            return as_data(value)


def _document(value: bytes) -> Any:
    """Show JSON as it was written, other bytes in Base64."""
    if not value:
        return None
    try:
        msgspec.json.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return base64.b64encode(value).decode()
    return msgspec.Raw(value)


def enum_name(field: Any, value: int) -> str:
    """Return an enum value without its prefix, e.g. "ACTIVE"."""
    enum = field.enum_type
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    found = enum.values_by_number.get(value)
    return str(found.name).removeprefix(prefix) if found else str(value)


def enum_of(message: Message, name: str) -> str:
    """Return the name of an enum field of a message, e.g. "ACTIVE"; unspecified is empty."""
    text = enum_name(message.DESCRIPTOR.fields_by_name[name], getattr(message, name))
    return "" if text == "UNSPECIFIED" else text


def when(at: Timestamp) -> str:
    """Write an instant to the second, for people; nothing for one that is not set."""
    return exactly_when(Timestamp(seconds=at.seconds))


def exactly_when(at: Timestamp) -> str:
    """Write an instant as OCPI does; nothing for one that is not set."""
    if not at.seconds and not at.nanos:
        return ""
    return to_rfc3339(Micros(at.seconds * 1_000_000 + at.nanos // 1_000))


def party(party_id: PartyId) -> str:
    """Write a party as "NL-IWT"; nothing for one that is not set."""
    return f"{party_id.country_code}-{party_id.party_id}".strip("-")


def money(amount: Money) -> str:
    """Write an amount, e.g. "12.5000 EUR"."""
    return f"{decimal_text(amount.amount_e4)} {amount.currency}".rstrip()


def price(value: Price) -> str:
    """Write a price, e.g. "12.5000 EUR (15.1250 with VAT)"; nothing for one that is not known."""
    if not value.HasField("excl_vat"):
        return money(value.incl_vat) + " with VAT" if value.HasField("incl_vat") else ""
    with_vat = (
        f" ({decimal_text(value.incl_vat.amount_e4)} with VAT)"
        if value.HasField("incl_vat")
        else ""
    )
    return money(value.excl_vat) + with_vat
