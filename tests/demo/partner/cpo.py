"""Sunrise as CPO: it shows its location and tariff, takes in tokens, and starts charges when it is
asked to.
"""

from __future__ import annotations

from aiohttp import web

from tests.demo.partner import charge, data
from tests.demo.partner.checks import breaches
from tests.demo.partner.client import call
from tests.demo.partner.emsp import one_page
from tests.demo.partner.state import Sunrise
from tests.demo.partner.wire import Json, decode, envelope

COMMAND_SECONDS = 30


class Cpo:
    """Its handlers; `routes` says which answers what."""

    def __init__(self, sunrise: Sunrise) -> None:
        """Serve this platform."""
        self._sunrise = sunrise

    def routes(self, base: str) -> list[web.RouteDef]:
        """List its routes below a path."""
        token = f"{base}/tokens/{{country}}/{{party}}/{{uid}}"
        return [
            web.get(f"{base}/locations", self.list_locations),
            web.get(f"{base}/tariffs", self.list_tariffs),
            web.get(f"{base}/sessions", self.list_sessions),
            web.get(f"{base}/cdrs", self.list_cdrs),
            web.put(token, self.put_token),
            web.patch(token, self.patch_token),
            web.post(f"{base}/commands/START_SESSION", self.start_session),
            web.post(f"{base}/commands/{{command}}", self.other_command),
        ]

    async def list_locations(self, request: web.Request) -> web.Response:
        """Show its locations."""
        return one_page(data.locations())

    async def list_tariffs(self, request: web.Request) -> web.Response:
        """Show its tariffs."""
        return one_page(data.tariffs())

    async def list_sessions(self, request: web.Request) -> web.Response:
        """Show the charges at its station."""
        return one_page(list(self._sunrise.own_sessions.values()))

    async def list_cdrs(self, request: web.Request) -> web.Response:
        """Show the CDRs it issued."""
        return one_page(list(self._sunrise.own_cdrs.values()))

    async def put_token(self, request: web.Request) -> web.Response:
        """Take in a token of the peer's drivers."""
        token = decode(await request.read())
        for breach in breaches("Token", token):
            self._sunrise.complain(breach)
        key = f"{token['type']}/{token['uid']}"
        known = key in self._sunrise.peer_tokens
        self._sunrise.peer_tokens[key] = token
        self._sunrise.note("token_seen", uid=token["uid"])
        return web.json_response(envelope(), status=200 if known else 201)

    async def patch_token(self, request: web.Request) -> web.Response:
        """Change a token of the peer's drivers."""
        key = f"{request.query.get('type', 'RFID')}/{request.match_info['uid']}"
        if key not in self._sunrise.peer_tokens:
            return web.json_response(envelope(code=2004, message="Unknown token"), status=404)
        self._sunrise.peer_tokens[key].update(decode(await request.read()))
        return web.json_response(envelope())

    async def start_session(self, request: web.Request) -> web.Response:
        """Agree to start a charge; the station's answer and the charge follow by themselves."""
        command = decode(await request.read())
        self._sunrise.commands.append({"command": "START_SESSION", **command})
        if command["location_id"] not in {place["id"] for place in data.locations()}:
            return web.json_response(envelope(code=2003, message="Unknown location"))
        for breach in breaches("Token", command["token"]):
            self._sunrise.complain(breach)
        self._sunrise.note("start_asked", uid=command["token"]["uid"])
        self._sunrise.spawn(self._carry_out(command))
        return web.json_response(envelope({"result": "ACCEPTED", "timeout": COMMAND_SECONDS}))

    async def other_command(self, request: web.Request) -> web.Response:
        """Say of any other command that the station cannot do it."""
        self._sunrise.commands.append({"command": request.match_info["command"]})
        return web.json_response(envelope({"result": "NOT_SUPPORTED", "timeout": 0}))

    async def _carry_out(self, command: Json) -> None:
        peer = self._sunrise.peer
        assert peer is not None
        answer = await call(
            self._sunrise,
            "POST",
            command["response_url"],
            token=peer.token_of_peer,
            body={"result": "ACCEPTED"},
            routed_to=peer,
        )
        self._sunrise.note("start_answered", http_status=answer.http_status)
        await charge.play(self._sunrise, command)
