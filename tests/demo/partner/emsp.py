"""Sunrise as eMSP: it takes in what a CPO shows it and answers for its drivers' cards."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.demo.partner import data
from tests.demo.partner.checks import breaches
from tests.demo.partner.client import Answer, call, pull
from tests.demo.partner.state import Sunrise
from tests.demo.partner.wire import Json, decode, encode, envelope


class RefusedError(Exception):
    """An object lacks what OCPI requires; the message lists it."""


class Emsp:
    """Its handlers; `routes` says which answers what."""

    def __init__(self, sunrise: Sunrise) -> None:
        """Serve this platform."""
        self._sunrise = sunrise

    def routes(self, base: str) -> list[web.RouteDef]:
        """List its routes below a path."""
        session = f"{base}/sessions/{{country}}/{{party}}/{{id}}"
        location = f"{base}/locations/{{country}}/{{party}}/{{id}}"
        tariff = f"{base}/tariffs/{{country}}/{{party}}/{{id}}"
        return [
            web.put(session, self.put_session),
            web.patch(session, self.patch_session),
            web.get(session, self.get_session),
            web.post(f"{base}/cdrs", self.post_cdr),
            web.get(f"{base}/cdrs/{{id}}", self.get_cdr),
            web.put(location, self.put_location),
            web.patch(location + "{path:.*}", self.patch_location),
            web.put(location + "/{path:.*}", self.patch_location),
            web.put(tariff, self.put_tariff),
            web.delete(tariff, self.delete_tariff),
            web.get(f"{base}/tokens", self.list_tokens),
            web.post(f"{base}/tokens/{{uid}}/authorize", self.authorize),
            web.post(f"{base}/commands/START_SESSION/{{id}}", self.command_result),
        ]

    async def put_session(self, request: web.Request) -> web.Response:
        """Create or replace a session."""
        session = await self._read(request, "Session", "id")
        key = session["id"]
        known = self._sunrise.sessions.get(key)
        self._sunrise.sessions[key] = session
        self._record_session("PUT", session, known)
        return web.json_response(envelope(), status=200 if known else 201)

    async def patch_session(self, request: web.Request) -> web.Response:
        """Merge into a session; charging periods are appended, as OCPI has it."""
        change = await self._read(request, "Session", None, partial=True)
        key = request.match_info["id"]
        known = self._sunrise.sessions.get(key)
        if known is None:
            return web.json_response(envelope(code=2003, message="Unknown session"), status=404)
        if "last_updated" not in change:
            self._sunrise.complain("PATCH of a session without last_updated")
            return web.json_response(envelope(code=2001, message="last_updated is missing"))
        periods = known.get("charging_periods", []) + change.get("charging_periods", [])
        merged = {**known, **change, "charging_periods": periods}
        self._sunrise.sessions[key] = merged
        self._record_session("PATCH", merged, known, change)
        return web.json_response(envelope())

    def _record_session(
        self, method: str, session: Json, before: Json | None, sent: Json | None = None
    ) -> None:
        self._sunrise.session_calls.append(
            {"method": method, "id": session["id"], "body": sent or session}
        )
        if before is not None and before["status"] == "COMPLETED" != session["status"]:
            self._sunrise.complain(f"Session {session['id']} went back to {session['status']}")
        self._sunrise.note(
            "session_seen",
            method=method,
            id=session["id"],
            status=session["status"],
            kwh=str(session["kwh"]),
            cost=_cost(session.get("total_cost")),
        )

    async def get_session(self, request: web.Request) -> web.Response:
        """Show a session as it was received."""
        return _found(self._sunrise.sessions.get(request.match_info["id"]))

    async def post_cdr(self, request: web.Request) -> web.Response:
        """Take a CDR once: the same again is answered as before, another by its id is not."""
        cdr = await self._read(request, "CDR", None)
        self._sunrise.cdr_calls.append({"id": cdr["id"], "body": cdr})
        url = f"{self._sunrise.base_url}/2.2.1/emsp/cdrs/{cdr['id']}"
        known = self._sunrise.cdrs.get(cdr["id"])
        if known is not None and known != cdr:
            self._sunrise.complain(f"CDR {cdr['id']} came again with other content")
            return web.json_response(envelope(code=2001, message="This id was used before"))
        if known is None:
            self._sunrise.cdrs[cdr["id"]] = cdr
            self._sunrise.note(
                "cdr_seen",
                id=cdr["id"],
                kwh=str(cdr["total_energy"]),
                cost=_cost(cdr["total_cost"]),
                currency=cdr["currency"],
            )
        return web.json_response(
            envelope(), status=200 if known else 201, headers={"Location": url}
        )

    async def get_cdr(self, request: web.Request) -> web.Response:
        """Show a CDR as it was received."""
        return _found(self._sunrise.cdrs.get(request.match_info["id"]))

    async def pull(self) -> None:
        """Read all locations and tariffs of the peer, as an eMSP does after it has registered."""
        for module, kind, kept, seen in (
            ("locations", "Location", self._sunrise.peer_locations, "location_seen"),
            ("tariffs", "Tariff", self._sunrise.peer_tariffs, "tariff_seen"),
        ):
            peer = self._sunrise.peer
            assert peer is not None, "Sunrise is not registered"
            async for found in pull(self._sunrise, peer.endpoint(module, "SENDER")):
                for breach in breaches(kind, found):
                    self._sunrise.complain(breach)
                kept[found["id"]] = found
                self._sunrise.note(seen, id=found["id"], name=found.get("name", ""))

    async def put_location(self, request: web.Request) -> web.Response:
        """Create or replace a location."""
        location = await self._read(request, "Location", "id")
        known = location["id"] in self._sunrise.peer_locations
        self._sunrise.peer_locations[location["id"]] = location
        self._sunrise.note("location_seen", id=location["id"], name=location.get("name", ""))
        return web.json_response(envelope(), status=200 if known else 201)

    async def patch_location(self, request: web.Request) -> web.Response:
        """Note a change of a location or of a part of it."""
        change = decode(await request.read())
        location = self._sunrise.peer_locations.get(request.match_info["id"])
        if location is None:
            return web.json_response(envelope(code=2003, message="Unknown location"), status=404)
        path = request.match_info.get("path", "").strip("/")
        if path:
            location.setdefault("changes", []).append({"path": path, **change})
        else:
            location.update(change)
        return web.json_response(envelope())

    async def put_tariff(self, request: web.Request) -> web.Response:
        """Create or replace a tariff."""
        tariff = await self._read(request, "Tariff", "id")
        known = tariff["id"] in self._sunrise.peer_tariffs
        self._sunrise.peer_tariffs[tariff["id"]] = tariff
        self._sunrise.note("tariff_seen", id=tariff["id"], name="")
        return web.json_response(envelope(), status=200 if known else 201)

    async def delete_tariff(self, request: web.Request) -> web.Response:
        """Forget a tariff."""
        known = self._sunrise.peer_tariffs.pop(request.match_info["id"], None)
        return web.json_response(envelope(), status=404 if known is None else 200)

    async def list_tokens(self, request: web.Request) -> web.Response:
        """Show all cards; there are so few that one page has them."""
        return one_page(data.tokens())

    async def authorize(self, request: web.Request) -> web.Response:
        """Say whether a card may charge."""
        uid = request.match_info["uid"]
        token = next((token for token in data.tokens() if token["uid"] == uid), None)
        raw = await request.read()
        references = decode(raw) if raw else None
        allowed = "BLOCKED" if uid in data.BLOCKED else "ALLOWED"
        if token is None:
            return web.json_response(envelope(code=2004, message="Unknown token"), status=404)
        reference = f"SUN-AUTH-{len(self._sunrise.authorizations) + 1}"
        self._sunrise.authorizations.append(
            {"uid": uid, "references": references, "allowed": allowed, "reference": reference}
        )
        self._sunrise.note("asked", uid=uid, allowed=allowed)
        answer: Json = {"allowed": allowed, "token": token}
        if allowed == "ALLOWED":
            answer["authorization_reference"] = reference
        return web.json_response(envelope(answer))

    async def start_at_peer(self, location_id: str, evse_uid: str, uid: str) -> Answer:
        """Ask the peer to start a charge for a card at its station."""
        peer = self._sunrise.peer
        assert peer is not None, "Sunrise is not registered"
        reference = f"SUN-START-{len(self._sunrise.command_results) + 1}"
        self._sunrise.command_results[reference] = []
        results = f"{self._sunrise.base_url}/2.2.1/emsp/commands/START_SESSION"
        command = {
            "response_url": f"{results}/{reference}",
            "token": next(token for token in data.tokens() if token["uid"] == uid),
            "location_id": location_id,
            "evse_uid": evse_uid,
            "authorization_reference": reference,
        }
        url = f"{peer.endpoint('commands', 'RECEIVER')}/START_SESSION"
        return await call(
            self._sunrise, "POST", url, token=peer.token_of_peer, body=command, routed_to=peer
        )

    async def command_result(self, request: web.Request) -> web.Response:
        """Take the final answer to a command."""
        results = self._sunrise.command_results.get(request.match_info["id"])
        if results is None:
            return web.json_response(envelope(code=2000, message="Unknown command"), status=404)
        results.append(decode(await request.read()))
        return web.json_response(envelope())

    async def _read(
        self, request: web.Request, kind: str, id_field: str | None, *, partial: bool = False
    ) -> Any:
        value = decode(await request.read())
        found = breaches(kind, value, partial=partial)
        if id_field and not _addressed(request, value, id_field):
            found.append(f"{kind}: the URL {request.path} names another object than the body")
        for breach in found:
            self._sunrise.complain(breach)
        if any(breach.endswith("is missing") for breach in found):
            raise RefusedError("; ".join(found))
        return value


def _addressed(request: web.Request, value: Json, id_field: str) -> bool:
    path = request.match_info
    asked = (path["country"], path["party"], path["id"])
    return asked == (value.get("country_code"), value.get("party_id"), value.get(id_field))


def one_page(objects: list[Json]) -> web.Response:
    """Answer a list request whose objects fit one page."""
    headers = {"X-Total-Count": str(len(objects)), "X-Limit": "100"}
    return web.Response(
        body=encode(envelope(objects)), content_type="application/json", headers=headers
    )


def _found(value: Json | None) -> web.Response:
    if value is None:
        return web.json_response(envelope(code=2000, message="Unknown object"), status=404)
    return web.Response(body=encode(envelope(value)), content_type="application/json")


def _cost(price: Json | None) -> str | None:
    return None if price is None else str(price["excl_vat"])
