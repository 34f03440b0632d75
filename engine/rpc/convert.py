"""Reading and writing the messages that all domains share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from interwatt.common.v1 import money_pb2, party_pb2

from engine.kernel.clock import Micros
from engine.kernel.errors import CurrencyMismatch, InvalidArgument
from engine.kernel.money import Price
from engine.kernel.outcome import Request, attempt
from engine.kernel.party import PartyKey, party_key, split_party

M = TypeVar("M", bound=Message)
C = TypeVar("C")

MAX_ITEMS = 256


def requests(
    items: Sequence[M],
    decode: Callable[[M], C],
    *,
    ignore: Iterable[str] = (),
    limit: int = MAX_ITEMS,
) -> list[Request[C]]:
    """Read the items of a batch. One that cannot be read becomes its own error.

    Args:
        ignore: fields that a repetition may change, such as the connection it came on.

    Raises:
        InvalidArgument: no items, or more than `limit`.
    """
    if not 1 <= len(items) <= limit:
        raise InvalidArgument(f"items: expected 1 to {limit}, found {len(items)}.", field="items")
    return [request(item, decode, ignore=ignore) for item in items]


def request(item: M, decode: Callable[[M], C], *, ignore: Iterable[str] = ()) -> Request[C]:
    """Read one request; `item` must have a `request_id`."""
    request_id: str = item.request_id  # type: ignore[attr-defined]
    body = attempt(lambda: decode(item))
    for field in ignore:
        item.ClearField(field)  # it has been read
    fingerprint = hashlib.sha256(item.SerializeToString(deterministic=True)).digest()
    return Request(request_id, fingerprint, body)


def read_party(message: party_pb2.PartyId, field: str) -> PartyKey:
    """Read a party.

    Raises:
        InvalidArgument: missing or malformed.
    """
    try:
        return party_key(message.country_code, message.party_id)
    except ValueError as error:
        raise InvalidArgument(f"{field}: {error}", field=field) from error


def write_party(key: PartyKey) -> party_pb2.PartyId:
    country_code, party_id = split_party(key)
    return party_pb2.PartyId(country_code=country_code, party_id=party_id)


def read_time(message: Message, field: str) -> Micros:
    """Read a required timestamp.

    Raises:
        InvalidArgument: missing or out of range.
    """
    if not message.HasField(field):
        raise InvalidArgument(f"{field}: expected a timestamp.", field=field)
    return read_timestamp(getattr(message, field), field)


def read_timestamp(at: Timestamp, field: str = "timestamp") -> Micros:
    """Read a timestamp.

    Raises:
        InvalidArgument: outside the years 1 to 9999.
    """
    if not (-62_135_596_800 <= at.seconds < 253_402_300_800 and 0 <= at.nanos < 1_000_000_000):
        raise InvalidArgument(
            f"{field}: expected a time between the years 1 and 9999.", field=field
        )
    return Micros(at.seconds * 1_000_000 + at.nanos // 1_000)


def read_optional_time(message: Message, field: str) -> Micros | None:
    """Read a timestamp that may be absent."""
    return read_timestamp(getattr(message, field), field) if message.HasField(field) else None


def write_time(at: Micros | int | None) -> Timestamp | None:
    if at is None:
        return None
    seconds, micros = divmod(at, 1_000_000)
    return Timestamp(seconds=seconds, nanos=micros * 1_000)


def write_money(currency: str, amount_e4: int) -> money_pb2.Money:
    return money_pb2.Money(currency=currency, amount_e4=amount_e4)


def write_price(price: Price | None) -> money_pb2.Price | None:
    if price is None:
        return None
    return money_pb2.Price(
        excl_vat=None if price.excl_e4 is None else write_money(price.currency, price.excl_e4),
        incl_vat=None if price.incl_e4 is None else write_money(price.currency, price.incl_e4),
    )


def read_price(message: Message, field: str, currency: str) -> Price | None:
    """Read a price that may be absent.

    Raises:
        CurrencyMismatch: it is in another currency than `currency`.
    """
    if not message.HasField(field):
        return None
    price: money_pb2.Price = getattr(message, field)
    amounts: dict[str, int | None] = {"excl_vat": None, "incl_vat": None}
    for name in amounts:
        if price.HasField(name):
            money: money_pb2.Money = getattr(price, name)
            if money.currency not in ("", currency):
                raise CurrencyMismatch(
                    f"{field}.{name}: expected {currency}, found {money.currency}.",
                    expected=currency,
                    found=money.currency,
                )
            amounts[name] = money.amount_e4
    return Price(currency, amounts["excl_vat"], amounts["incl_vat"])


def text(value: str, field: str, *, longest: int, shortest: int = 1) -> str:
    """Check the length of a text, and that it can be stored and shown.

    Raises:
        InvalidArgument: too short, too long, or with control characters.
    """
    if not shortest <= len(value) <= longest:
        raise InvalidArgument(
            f"{field}: expected {shortest} to {longest} characters, found {len(value)}.",
            field=field,
        )
    if not value.isprintable() and any(ord(character) < 32 for character in value):
        raise InvalidArgument(f"{field}: expected no control characters.", field=field)
    return value


def shown(value: str, *, longest: int) -> str:
    """Return what can be stored and shown of a text that decides nothing: nobody is refused for
    it."""
    if value.isprintable():
        return value[:longest]
    kept = "".join(character if character >= " " else " " for character in value)
    return " ".join(kept.split())[:longest]


def json_object(value: bytes, field: str) -> dict[str, Any]:
    """Read a JSON object; its numbers keep every digit.

    Raises:
        InvalidArgument: it is none.
    """
    try:
        return msgspec.json.decode(value, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise InvalidArgument(f"{field}: expected a JSON object: {error}.", field=field) from error
    except UnicodeDecodeError as error:
        raise InvalidArgument(f"{field}: expected UTF-8.", field=field) from error
    except RecursionError as error:
        raise InvalidArgument(f"{field}: expected JSON less deep.", field=field) from error


def read_enum(enum: Any, value: int, *, prefix: str, field: str, default: str = "") -> str:
    """Return the name of an enum value without its prefix; unspecified gives `default`.

    Raises:
        InvalidArgument: no such value, or unspecified where there is no default.
    """
    try:
        name: str = enum.Name(value).removeprefix(prefix)
    except ValueError:
        name = "UNSPECIFIED"
    if name != "UNSPECIFIED":
        return name
    if default and value == 0:
        return default
    choices = ", ".join(
        key.removeprefix(prefix) for key in dict(enum.items()) if not key.endswith("UNSPECIFIED")
    )
    raise InvalidArgument(f"{field}: expected one of {choices}.", field=field)
