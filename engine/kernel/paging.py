"""Lists by keyset: a page token is the key of the last row seen, so the millionth page costs what
the first does."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from engine.kernel.errors import InvalidArgument, PageTokenInvalid

T = TypeVar("T")
K = TypeVar("K", int, str)

DEFAULT_PAGE = 100
MAX_PAGE = 1000


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list.

    Attributes:
        items: at most the asked number.
        next_token: empty on the last page.
        total: how many match in all; 0 where the list does not count.
    """

    items: Sequence[T]
    next_token: str
    total: int = 0


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a list goes on: after `key`; `total` was counted on the first page."""

    key: list[int | str]
    total: int = 0


def page_size(asked: int) -> int:
    """Return how many rows to read.

    Raises:
        InvalidArgument: more than the maximum.
    """
    if asked > MAX_PAGE:
        raise InvalidArgument(
            f"page_size: expected at most {MAX_PAGE}, found {asked}.", field="page_size"
        )
    return asked or DEFAULT_PAGE


def read_cursor(token: str, *shape: type[int] | type[str]) -> Cursor | None:
    """Return where to go on; nothing for the first page.

    Args:
        shape: the types of the list's key.

    Raises:
        PageTokenInvalid: we did not make it.
    """
    if not token:
        return None
    try:
        cursor = msgspec.msgpack.decode(base64.urlsafe_b64decode(token.encode()), type=Cursor)
    except (binascii.Error, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise _not_ours() from error
    if tuple(map(type, cursor.key)) != shape or not all(map(_storable, cursor.key)):
        raise _not_ours()
    return cursor


def read_position(token: str, first: K) -> K:
    """Return the key to go on from, of a list whose key is one value; `first` for the first page.

    Raises:
        PageTokenInvalid: we did not make it.
    """
    cursor = read_cursor(token, type(first))
    if cursor is None:
        return first
    position = cursor.key[0]
    assert isinstance(position, type(first))
    return position


def _storable(part: int | str) -> bool:
    return "\0" not in part if isinstance(part, str) else -(2**63) <= part < 2**63


def _not_ours() -> PageTokenInvalid:
    return PageTokenInvalid(
        "This page_token was not made by this list; start without one.", field="page_token"
    )


def make_page(
    rows: Sequence[T], *, size: int, key: Callable[[T], list[int | str]], total: int = 0
) -> Page[T]:
    """Cut `size + 1` rows read into a page: the extra one shows that there is a next."""
    if len(rows) <= size:
        return Page(items=rows, next_token="", total=total)
    items = rows[:size]
    cursor = msgspec.msgpack.encode(Cursor(key=key(items[-1]), total=total))
    return Page(items=items, next_token=base64.urlsafe_b64encode(cursor).decode(), total=total)
