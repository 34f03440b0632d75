"""Versions and the credentials handshake, from both ends."""

from __future__ import annotations

import secrets

from aiohttp import web

from tests.demo.partner import data
from tests.demo.partner.client import Answer, call
from tests.demo.partner.state import Peer, Sunrise
from tests.demo.partner.wire import Json, decode, envelope

VERSION = "2.2.1"
_MODULES = {
    "emsp": {
        "RECEIVER": ("locations", "tariffs", "sessions", "cdrs"),
        "SENDER": ("tokens", "commands"),
    },
    "cpo": {
        "SENDER": ("locations", "tariffs", "sessions", "cdrs"),
        "RECEIVER": ("tokens", "commands"),
    },
}


class HandshakeError(Exception):
    """A step of the handshake did not work; the message says which and why."""


def versions(sunrise: Sunrise) -> Json:
    """Answer GET versions."""
    return envelope([{"version": VERSION, "url": f"{sunrise.base_url}/{VERSION}"}])


def version_details(sunrise: Sunrise) -> Json:
    """Answer GET version details."""
    base = f"{sunrise.base_url}/{VERSION}"
    endpoints = [{"identifier": "credentials", "role": "SENDER", "url": f"{base}/credentials"}]
    endpoints += [
        {"identifier": module, "role": role, "url": f"{base}/{side}/{module}"}
        for side, roles in _MODULES.items()
        for role, modules in roles.items()
        for module in modules
    ]
    return envelope({"version": VERSION, "endpoints": endpoints})


async def register(sunrise: Sunrise, versions_url: str, first_token: str) -> None:
    """Register with a platform that handed us its versions URL and a first token (TOKEN_A).

    Its requests with our new token are answered while our POST is still open, as OCPI demands.
    """
    endpoints = await _discover(sunrise, versions_url, first_token)
    sunrise.token_for_peer = secrets.token_urlsafe(24)
    answer = await call(
        sunrise,
        "POST",
        endpoints["credentials", "SENDER"],
        token=first_token,
        body=_credentials(sunrise, sunrise.token_for_peer),
    )
    theirs = _expect(answer, "POST credentials")
    _remember_peer(sunrise, theirs, endpoints, sunrise.token_for_peer)


async def answer_registration(sunrise: Sunrise, request: web.Request) -> web.Response:
    """Answer POST credentials: another platform registers with a first token of ours."""
    if sunrise.peer is not None:
        return web.Response(status=405)
    theirs = decode(await request.read())
    try:
        endpoints = await _discover(sunrise, theirs["url"], theirs["token"])
    except HandshakeError as error:
        return web.json_response(envelope(code=3001, message=str(error)))
    sunrise.token_for_peer = secrets.token_urlsafe(24)
    sunrise.first_tokens.clear()
    _remember_peer(sunrise, theirs, endpoints, sunrise.token_for_peer)
    return web.json_response(envelope(_credentials(sunrise, sunrise.token_for_peer)))


async def _discover(sunrise: Sunrise, url: str, token: str) -> dict[tuple[str, str], str]:
    offered = _expect(await call(sunrise, "GET", url, token=token), "GET versions")
    ours = [entry["url"] for entry in offered if entry["version"] == VERSION]
    if not ours:
        raise HandshakeError(f"The platform at {url} does not offer OCPI {VERSION}.")
    details = _expect(await call(sunrise, "GET", ours[0], token=token), "GET version details")
    endpoints = {
        (entry["identifier"], entry.get("role", "")): entry["url"] for entry in details["endpoints"]
    }
    credentials = [at for (module, _), at in endpoints.items() if module == "credentials"]
    if not credentials:
        raise HandshakeError(f"The platform at {url} has no credentials endpoint.")
    return {**endpoints, ("credentials", "SENDER"): credentials[0]}


def _remember_peer(
    sunrise: Sunrise, theirs: Json, endpoints: dict[tuple[str, str], str], token_for_peer: str
) -> None:
    role = theirs["roles"][0]
    sunrise.peer = Peer(
        token_for_peer=token_for_peer,
        token_of_peer=theirs["token"],
        versions_url=theirs["url"],
        country_code=role["country_code"],
        party_id=role["party_id"],
        endpoints=endpoints,
    )
    sunrise.note("registered", peer=f"{role['country_code']}-{role['party_id']}")


def _credentials(sunrise: Sunrise, token: str) -> Json:
    return {"token": token, "url": f"{sunrise.base_url}/versions", "roles": data.roles()}


def _expect(answer: Answer, step: str) -> Json:
    if not answer.succeeded or answer.data is None:
        raise HandshakeError(
            f"{step} answered HTTP {answer.http_status}, "
            f"OCPI {answer.status_code}: {answer.message}"
        )
    found: Json = answer.data
    return found
