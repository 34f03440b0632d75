"""Pages of a list: OCPI's limit and offset outside, the engine's page tokens inside.

The next page's URL carries an opaque cursor besides its offset, so that an object which changes
while a partner reads neither appears twice nor is left out. A partner that computes offsets itself
is served too.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

from google.protobuf.timestamp_pb2 import Timestamp

from gateways.ocpi.status import INVALID_PARAMETERS, OcpiError
from gateways.ocpi.times import Instant, NotAnInstant

SERVER_LIMIT = 100
ENGINE_LIMIT = 1000
OURS = frozenset({"limit", "offset", "cursor"})

T = TypeVar("T")


class Page(NamedTuple, Generic[T]):
    """One page as the engine answers."""

    items: Sequence[T]
    next_token: str
    total: int


Fetch = Callable[[int, str], Awaitable[Page[T]]]
"""Reads a page of at most this size after this token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """What a partner asks for."""

    limit: int
    offset: int
    cursor: str
    updated_from: Timestamp | None
    updated_to: Timestamp | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "PageRequest":
        """Read the query; 2001 for what makes no sense."""
        return cls(
            limit=min(_number(query, "limit", default=SERVER_LIMIT, least=1), SERVER_LIMIT),
            offset=_number(query, "offset", default=0, least=0),
            cursor=query.get("cursor", ""),
            updated_from=_instant(query, "date_from"),
            updated_to=_instant(query, "date_to"),
        )


async def read_page(request: PageRequest, fetch: Fetch[T]) -> Page[T]:
    """Read the page asked for, by its cursor or else by counting from the start."""
    token = request.cursor
    if not token and request.offset:
        skipped = 0
        while skipped < request.offset:
            page = await fetch(min(ENGINE_LIMIT, request.offset - skipped), token)
            skipped += len(page.items)
            token = page.next_token
            if not token:
                return Page((), "", page.total)
    return await fetch(request.limit, token)


def headers(
    request: PageRequest, page: Page[T], *, url: str, query: Mapping[str, str]
) -> dict[str, str]:
    """Write the headers of a page; the link to the next keeps every filter."""
    found = {"X-Total-Count": str(page.total), "X-Limit": str(SERVER_LIMIT)}
    if page.next_token:
        following = {name: value for name, value in query.items() if name not in OURS}
        following["offset"] = str(request.offset + len(page.items))
        following["limit"] = str(request.limit)
        following["cursor"] = page.next_token
        found["Link"] = f'<{url}?{urlencode(following)}>; rel="next"'
    return found


def _number(query: Mapping[str, str], name: str, *, default: int, least: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 9 or int(text) < least:
        raise OcpiError(
            200, INVALID_PARAMETERS, f'Expected {name} to be a number from {least}, found "{text}".'
        )
    return int(text)


def _instant(query: Mapping[str, str], name: str) -> Timestamp | None:
    text = query.get(name, "")
    if not text:
        return None
    try:
        # An unquoted "+" in a query is a space.
        return Instant.parse(text.replace(" ", "+")).to_proto()
    except NotAnInstant as error:
        raise OcpiError(200, INVALID_PARAMETERS, f"{name}: {error}.") from error
