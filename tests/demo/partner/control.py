"""Sunrise's private side: tell it what to do, see what it has seen, make it fail. JSON over HTTP,
no OCPI.
"""

from __future__ import annotations

from aiohttp import web

from tests.demo.partner import data
from tests.demo.partner.client import push
from tests.demo.partner.emsp import Emsp
from tests.demo.partner.failures import Mode
from tests.demo.partner.registration import HandshakeError, register
from tests.demo.partner.state import Sunrise
from tests.demo.partner.wire import Json, decode, encode


def control_app(sunrise: Sunrise) -> web.Application:
    """Build the private application."""
    control = Control(sunrise)
    app = web.Application()
    app.add_routes(
        [
            web.get("/state", control.state),
            web.get("/events", control.events),
            web.get("/cdrs/{id}", control.cdr),
            web.post("/register", control.register),
            web.post("/first-token", control.first_token),
            web.post("/push", control.push),
            web.post("/pull", control.pull),
            web.post("/start", control.start),
            web.post("/fail", control.fail),
        ]
    )
    return app


class Control:
    """Handlers of the private side."""

    def __init__(self, sunrise: Sunrise) -> None:
        """Steer this platform."""
        self._sunrise = sunrise

    async def state(self, request: web.Request) -> web.Response:
        """Show everything it remembers."""
        return _json({**self._sunrise.dump(), "failures_seen": self._sunrise.failures.seen})

    async def events(self, request: web.Request) -> web.Response:
        """Show what happened after an event; `wait` seconds for the first."""
        after = int(request.query.get("after", "0"))
        seconds = float(request.query.get("wait", "0"))
        return _json(await self._sunrise.events_after(after, seconds))

    async def cdr(self, request: web.Request) -> web.Response:
        """Show one CDR, received or sent, with its numbers as they were written."""
        key = request.match_info["id"]
        found = self._sunrise.cdrs.get(key) or self._sunrise.own_cdrs.get(key)
        return _json(found, status=404 if found is None else 200)

    async def register(self, request: web.Request) -> web.Response:
        """Register at {"versions_url": ..., "token": ...}."""
        body = decode(await request.read())
        try:
            await register(self._sunrise, body["versions_url"], body["token"])
        except HandshakeError as error:
            return _json({"error": str(error)}, status=502)
        return _json({})

    async def first_token(self, request: web.Request) -> web.Response:
        """Accept {"token": ...} as the first token of a platform that wants to register."""
        self._sunrise.first_tokens.add(decode(await request.read())["token"])
        return _json({"versions_url": f"{self._sunrise.base_url}/versions"})

    async def push(self, request: web.Request) -> web.Response:
        """Push its cards, location and tariff to the peer; tell how each was answered."""
        return _json([await self._push_one(*one) for one in _own_objects()])

    async def pull(self, request: web.Request) -> web.Response:
        """Read the peer's locations and tariffs."""
        await Emsp(self._sunrise).pull()
        return _json({})

    async def start(self, request: web.Request) -> web.Response:
        """Ask the peer for a charge: {"location_id": ..., "evse_uid": ..., "uid": ...}."""
        body = decode(await request.read())
        answer = await Emsp(self._sunrise).start_at_peer(**body)
        return _json({"status_code": answer.status_code, "data": answer.data})

    async def fail(self, request: web.Request) -> web.Response:
        """Fail as {"module": "cdrs" or "*", "mode": ... or null, "times": ... or null}."""
        body = decode(await request.read())
        mode = None if body.get("mode") is None else Mode(body["mode"])
        self._sunrise.failures.plan(body.get("module", "*"), mode, body.get("times"))
        return _json({})

    async def _push_one(self, module: str, path: str, value: Json) -> Json:
        assert self._sunrise.peer is not None, "Sunrise is not registered"
        base = self._sunrise.peer.endpoint(module, "RECEIVER")
        url = f"{base}/{data.COUNTRY}/{data.PARTY}/{path}"
        answer = await push(self._sunrise, "PUT", url, value)
        return {
            "module": module,
            "succeeded": answer.succeeded,
            "http_status": answer.http_status,
            "status_code": answer.status_code,
            "message": answer.message,
        }


def _own_objects() -> list[tuple[str, str, Json]]:
    return [
        *(("tokens", f"{token['uid']}?type={token['type']}", token) for token in data.tokens()),
        *(("tariffs", tariff["id"], tariff) for tariff in data.tariffs()),
        *(("locations", location["id"], location) for location in data.locations()),
    ]


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=encode(value), content_type="application/json", status=status)
