"""The HTTP side: finds out who calls, hands the request to its handler and wraps what comes back.

FastAPI is the shell; OCPI's routes are plain handlers on exact JSON, because OCPI's numbers must
not pass through floats. Every answer, also a refusal, is an envelope and repeats the request's ids.
No fault of ours shows a traceback.
"""

from collections.abc import Awaitable, Callable, Mapping

import structlog
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from prometheus_client import Counter
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from gateways.common import request_ids
from gateways.common.errors import EngineError, EngineUnavailable
from gateways.common.telemetry import correlated
from gateways.ocpi import envelope, parties, status
from gateways.ocpi.client import CORRELATION_ID, REQUEST_ID
from gateways.ocpi.decimals import NumberOutOfRange
from gateways.ocpi.exchange import Exchange, Platform, Reply, Route
from gateways.ocpi.status import OcpiError
from gateways.ocpi.versions import DIALECTS, versions_route

MAX_BODY_BYTES = 4 * 1024 * 1024
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

_REQUESTS = Counter("ocpi_requests", "Requests of partners.", ["method", "route", "http", "code"])

log = structlog.get_logger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(platform: Platform) -> FastAPI:
    """Make the application; it owns nothing that must be closed."""
    app = FastAPI(
        title="Interwatt OCPI",
        openapi_url=None,
        redirect_slashes=False,
        telemetry=TelemetryConfig(tracing=False, metrics=False, logs=False),
    )
    for route in (
        versions_route(),
        *(route for each in DIALECTS.values() for route in each.routes),
    ):
        endpoint = _endpoint(platform, route)
        for path in (route.path, route.path + "/"):
            app.add_route(path, endpoint, methods=METHODS)
    app.add_exception_handler(HTTPException, _not_served)
    return app


def _endpoint(platform: Platform, route: Route) -> Endpoint:
    async def serve(request: Request) -> Response:
        ids = _ids(request)
        with correlated(ids[CORRELATION_ID]):
            routing: dict[str, str] = {}
            try:
                exchange = await _receive(platform, route, request, routing)
                reply = await route.methods[request.method](exchange)
            except Exception as error:  # the edge: whatever it is, the partner gets an envelope
                reply = _reply_to(error, request)
            _account(route, request, reply)
        return _respond(reply, {**ids, **routing})

    return serve


def _account(route: Route, request: Request, reply: Reply) -> None:
    _REQUESTS.labels(request.method, route.path, reply.http, reply.code).inc()
    if reply.code != status.SUCCESS:
        log.info(
            "request.refused",
            method=request.method,
            path=request.url.path,
            http=reply.http,
            code=reply.code,
            message=reply.message,
        )


async def _receive(
    platform: Platform, route: Route, request: Request, answer_routing: dict[str, str]
) -> Exchange:
    """Find the caller, check where the message is addressed, read the body.

    Fills the answer's routing headers as soon as they are known, so that a refusal carries them
    too.
    """
    caller = await platform.authenticator.caller(request.headers.get("authorization"))
    if route.functional and not caller.registered:
        raise OcpiError(
            401,
            status.CLIENT_ERROR,
            "This token opens only versions and credentials until the handshake is done.",
        )
    ours = await platform.calls.our_parties()
    if route.functional:
        routing = parties.read(request.headers)
        answer_routing |= parties.Routing(
            sender=routing.receiver or ours.cpo,
            receiver=routing.sender or parties.first(caller.partner.parties),
        ).headers()
        if routing.receiver is not None and not ours.include(routing.receiver):
            raise OcpiError(
                200,
                status.INVALID_PARAMETERS,
                f"{parties.name(routing.receiver)} is not one of our parties.",
            )
    if request.method not in route.methods:
        allowed = ", ".join(route.methods)
        raise _not_allowed(f"{request.method} is not served here; {allowed} is.", allowed)
    return Exchange(
        platform=platform,
        caller=caller,
        ours=ours,
        path=dict(request.path_params),
        query=dict(request.query_params),
        url=platform.urls.base + request.url.path.rstrip("/"),
        body=await _body(request),
    )


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise OcpiError(413, status.CLIENT_ERROR, f"A body has at most {MAX_BODY_BYTES} bytes.")
    return bytes(body)


def _reply_to(error: Exception, request: Request) -> Reply:
    match error:
        case OcpiError():
            return _refusal(error)
        case EngineError():
            refusal = status.of_engine(error)
            if refusal.http >= 500:
                log.error("engine.refused", reason=error.name, message=error.message)
            return _refusal(refusal)
        case EngineUnavailable():
            log.warning("engine.unavailable", message=error.message)
            return _refusal(status.of_unavailable(error))
        case NumberOutOfRange():
            return Reply(code=status.INVALID_PARAMETERS, message=str(error))
        case ClientDisconnect():
            return Reply(http=400, code=status.CLIENT_ERROR)
        case _:
            log.error(
                "request.failed", method=request.method, path=request.url.path, exc_info=error
            )
            return Reply(http=500, code=status.SERVER_ERROR, message=status.FAULT_MESSAGE)


def _refusal(error: OcpiError) -> Reply:
    return Reply(http=error.http, code=error.code, message=error.message, headers=error.headers)


def _not_allowed(message: str, allowed: str) -> OcpiError:
    return OcpiError(405, status.CLIENT_ERROR, message, headers={"Allow": allowed})


def _respond(reply: Reply, headers: Mapping[str, str]) -> Response:
    return Response(
        envelope.wrap(data=reply.data, code=reply.code, message=reply.message),
        status_code=reply.http,
        headers={**headers, **reply.headers},
        media_type="application/json",
    )


def _ids(request: Request) -> dict[str, str]:
    """The ids to repeat; a partner that sends none gets new ones."""
    return {
        name: request.headers.get(name) or request_ids.fresh()
        for name in (REQUEST_ID, CORRELATION_ID)
    }


async def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path} is not served here."
    refusal = OcpiError(error.status_code, status.CLIENT_ERROR, message)
    return _respond(_refusal(refusal), _ids(request))
