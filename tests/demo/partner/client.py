"""How Sunrise calls the other platform."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError

from tests.demo.partner import data
from tests.demo.partner.state import Peer, Sunrise
from tests.demo.partner.wire import Json, decode, encode, token_header

RETRY_SECONDS = 40.0
PAUSE_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status 0 means nothing did."""

    http_status: int
    status_code: int | None = None
    message: str = ""
    data: Any = None
    location: str | None = None
    next_page: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether both HTTP and OCPI say so."""
        return self.http_status in (200, 201) and self.status_code == 1000

    @property
    def may_succeed_later(self) -> bool:
        """Whether the other side, not the request, was at fault."""
        return (
            self.http_status == 0 or self.http_status >= 500 or (self.status_code or 0) // 1000 == 3
        )


async def call(
    sunrise: Sunrise,
    method: str,
    url: str,
    *,
    token: str,
    body: object = None,
    routed_to: Peer | None = None,
) -> Answer:
    """Make one call; a broken connection or a slow answer is an Answer too."""
    headers = {
        "Authorization": token_header(token),
        "X-Request-ID": str(uuid.uuid4()),
        "X-Correlation-ID": str(uuid.uuid4()),
        **(_routing(routed_to) if routed_to else {}),
    }
    if body is not None:
        headers["Content-Type"] = "application/json"
    try:
        async with sunrise.http.request(
            method, url, headers=headers, data=None if body is None else encode(body)
        ) as response:
            raw = await response.read()
            return _read(response.status, raw, response.headers)
    except (ClientError, TimeoutError) as error:
        return Answer(0, message=repr(error))


async def push(sunrise: Sunrise, method: str, url: str, body: Json) -> Answer:
    """Send an object to the peer and keep trying while the peer is at fault."""
    peer = sunrise.peer
    assert peer is not None, "Sunrise is not registered"
    deadline = time.monotonic() + RETRY_SECONDS
    while True:
        answer = await call(
            sunrise, method, url, token=peer.token_of_peer, body=body, routed_to=peer
        )
        if not answer.may_succeed_later or time.monotonic() > deadline:
            return answer
        sunrise.note("push_retried", method=method, url=url, http_status=answer.http_status)
        await asyncio.sleep(PAUSE_SECONDS)


async def pull(sunrise: Sunrise, url: str) -> AsyncIterator[Json]:
    """Read a list of the peer's page by page, following its links."""
    peer = sunrise.peer
    assert peer is not None, "Sunrise is not registered"
    next_page: str | None = url
    while next_page is not None:
        answer = await call(sunrise, "GET", next_page, token=peer.token_of_peer, routed_to=peer)
        if not answer.succeeded:
            sunrise.complain(f"GET {next_page} was answered HTTP {answer.http_status}")
        for found in answer.data or []:
            yield found
        next_page = answer.next_page


def _next_page(link: str) -> str | None:
    url, _, relation = link.partition(";")
    return url.strip().strip("<>") if 'rel="next"' in relation else None


def _routing(peer: Peer) -> dict[str, str]:
    return {
        "OCPI-from-country-code": data.COUNTRY,
        "OCPI-from-party-id": data.PARTY,
        "OCPI-to-country-code": peer.country_code,
        "OCPI-to-party-id": peer.party_id,
    }


def _read(http_status: int, raw: bytes, headers: Mapping[str, str]) -> Answer:
    try:
        body = decode(raw)
    except ValueError:
        return Answer(http_status, message=raw[:200].decode(errors="replace"))
    if not isinstance(body, dict):
        return Answer(http_status, message="The answer is no envelope.")
    return Answer(
        http_status,
        body.get("status_code"),
        body.get("status_message", ""),
        body.get("data"),
        headers.get("Location"),
        _next_page(headers.get("Link", "")),
    )
