"""Calls to partners, and what their answers are worth.

An answer may be an envelope or anything else; what it means is decided by the OCPI code where there
is one, else by HTTP. No answer at all is `Unreachable`.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import httpx

from gateways.common import request_ids
from gateways.ocpi import envelope
from gateways.ocpi.parties import Routing

REQUEST_ID = "X-Request-ID"
CORRELATION_ID = "X-Correlation-ID"
DEFAULT_TIMEOUT = 10.0
MAX_CONNECTIONS = 256
MAX_ANSWER_BYTES = 8 * 1024 * 1024
SHOWN_CHARACTERS = 200
NO_DATA = b"null"


class Unreachable(Exception):
    """A partner did not answer, or not in HTTP."""


@dataclass(frozen=True, slots=True)
class Credential:
    """The token that a partner knows us by, and how it wants it written."""

    token: str = field(repr=False)
    literal: bool = False

    @property
    def header(self) -> str:
        """The Authorization header."""
        if self.literal:
            return f"Token {self.token}"
        return f"Token {base64.b64encode(self.token.encode()).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a partner answered."""

    http: int
    code: int | None
    message: str
    data: bytes | None
    headers: Mapping[str, str]

    @property
    def succeeded(self) -> bool:
        """Whether it did what we asked: the OCPI code decides, and HTTP where there is none."""
        if self.code is not None:
            return self.code // 1000 == 1
        return httpx.codes.is_success(self.http)

    @property
    def refused(self) -> bool:
        """Whether the same request would be refused again."""
        if self.code is not None:
            return self.code // 1000 == 2 and not self.unauthorized
        return self.http in (400, 404, 405, 409, 410, 413, 422, 501)

    @property
    def unauthorized(self) -> bool:
        """Whether it did not accept our token."""
        return self.http in (401, 403)

    def __str__(self) -> str:
        code = "no OCPI envelope" if self.code is None else f"OCPI {self.code}"
        said = f': "{self.message}"' if self.message else ""
        return f"HTTP {self.http}, {code}{said}"


class PartnerClient:
    """One connection pool for all partners."""

    def __init__(
        self,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout),
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=64),
            transport=transport,
            trust_env=False,
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def call(
        self,
        method: str,
        url: str,
        *,
        credential: Credential,
        correlation_id: str,
        routing: Routing | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Make one call, with a request id of its own."""
        headers = {
            "Authorization": credential.header,
            "Accept": "application/json",
            REQUEST_ID: request_ids.fresh(),
            CORRELATION_ID: correlation_id or request_ids.fresh(),
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        if routing is not None:
            headers |= routing.headers()
        try:
            async with self._http.stream(method, url, headers=headers, content=body) as response:
                return _answer(response, await _read(response))
        except httpx.TimeoutException as error:
            raise Unreachable(f"{method} {url}: no answer in time.") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"{method} {url}: {reason}") from error


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise ValueError(f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
    return bytes(body)


def _answer(response: httpx.Response, body: bytes) -> Answer:
    received = envelope.unwrap(body)
    if received is None:
        text = body[:SHOWN_CHARACTERS].decode("utf-8", "replace").strip()
        return Answer(
            http=response.status_code,
            code=None,
            message=text,
            data=None,
            headers=response.headers,
        )
    return Answer(
        http=response.status_code,
        code=received.status_code,
        message=(received.status_message or "")[:SHOWN_CHARACTERS],
        data=None if bytes(received.data) == NO_DATA else bytes(received.data),
        headers=response.headers,
    )
