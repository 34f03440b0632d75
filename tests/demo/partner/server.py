"""Sunrise's OCPI side: who may call, what breaks on demand, and which handler answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from tests.demo.partner import data, registration
from tests.demo.partner.cpo import Cpo
from tests.demo.partner.emsp import Emsp, RefusedError
from tests.demo.partner.failures import Mode, before, break_connection
from tests.demo.partner.state import Sunrise
from tests.demo.partner.wire import envelope, read_token

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_REPEATED = ("X-Request-ID", "X-Correlation-ID")
_ROUTING = ("country-code", "party-id")


def ocpi_app(sunrise: Sunrise) -> web.Application:
    """Build the application that speaks OCPI."""
    base = f"/ocpi/{registration.VERSION}"

    async def versions(request: web.Request) -> web.Response:
        return web.json_response(registration.versions(sunrise))

    async def details(request: web.Request) -> web.Response:
        return web.json_response(registration.version_details(sunrise))

    async def post_credentials(request: web.Request) -> web.Response:
        return await registration.answer_registration(sunrise, request)

    app = web.Application(
        middlewares=[_headers, _failing(sunrise), _authorized(sunrise), _refusals]
    )
    app.add_routes(
        [
            web.get("/ocpi/versions", versions),
            web.get(base, details),
            web.post(f"{base}/credentials", post_credentials),
            *Emsp(sunrise).routes(f"{base}/emsp"),
            *Cpo(sunrise).routes(f"{base}/cpo"),
        ]
    )
    return app


def _module(request: web.Request) -> str | None:
    """Return the functional module of a request; None for versions and credentials."""
    parts = request.path.split("/")
    return parts[4] if len(parts) > 4 and parts[3] in ("emsp", "cpo") else None


@web.middleware
async def _headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Repeat the request's ids and swap its routing headers."""
    response = await handler(request)
    for name in _REPEATED:
        if name in request.headers:
            response.headers[name] = request.headers[name]
    for part in _ROUTING:
        for ours, theirs in (("from", "to"), ("to", "from")):
            if value := request.headers.get(f"OCPI-{theirs}-{part}"):
                response.headers[f"OCPI-{ours}-{part}"] = value
    return response


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except RefusedError as error:
        return web.json_response(envelope(code=2001, message=str(error)))
    except ValueError as error:
        return web.json_response(envelope(code=2000, message=str(error)), status=400)


def _failing(sunrise: Sunrise) -> Callable[..., Awaitable[web.StreamResponse]]:
    @web.middleware
    async def failing(request: web.Request, handler: Handler) -> web.StreamResponse:
        mode = sunrise.failures.next(_module(request) or "versions")
        if (failed := await before(sunrise.failures, mode, request)) is not None:
            return failed
        response = await handler(request)
        return break_connection(request) if mode is Mode.LOSE_ANSWER else response

    return failing


def _authorized(sunrise: Sunrise) -> Callable[..., Awaitable[web.StreamResponse]]:
    @web.middleware
    async def authorized(request: web.Request, handler: Handler) -> web.StreamResponse:
        token = read_token(request.headers)
        module = _module(request)
        known = token is not None and token == sunrise.token_for_peer
        first = token in sunrise.first_tokens and module is None
        if not (known or first):
            return web.json_response(envelope(code=2001, message="Unknown token"), status=401)
        if module is not None:
            _complain_of_headers(sunrise, request, module)
        return await handler(request)

    return authorized


def _complain_of_headers(sunrise: Sunrise, request: web.Request, module: str) -> None:
    wanted = {"OCPI-to-country-code": data.COUNTRY, "OCPI-to-party-id": data.PARTY}
    for name, value in wanted.items():
        if request.headers.get(name, "").upper() != value:
            sunrise.complain(f"{request.method} {module}: {name} is not {value}")
    for name in (*_REPEATED, "OCPI-from-country-code", "OCPI-from-party-id"):
        if name not in request.headers:
            sunrise.complain(f"{request.method} {module}: no {name} header")
