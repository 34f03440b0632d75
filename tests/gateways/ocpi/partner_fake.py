"""A partner's platform: a small HTTP server that records what it is sent and answers as told."""

import asyncio
import base64
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateways.ocpi.__main__ import Server

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True)
class Received:
    """One request that arrived."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return orjson.loads(self.body)

    @property
    def token(self) -> str:
        """The token it was sent with, decoded."""
        return base64.b64decode(self.headers["authorization"].removeprefix("Token ")).decode()


def envelope(data: Any = None, code: int = 1000, http: int = 200, **headers: str) -> Response:
    """An answer in OCPI's envelope."""
    content = {"status_code": code, "timestamp": "2026-11-22T08:00:00Z"}
    if data is not None:
        content["data"] = data
    return Response(
        orjson.dumps(content), status_code=http, media_type="application/json", headers=headers
    )


Answer = Callable[[Received], Any]


class PartnerFake:
    """Its endpoints are below `url`; unset answers are an envelope with 1000."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: dict[tuple[str, str], Answer] = {}
        self.changed = asyncio.Condition()
        self.url = ""
        self._task: asyncio.Task[None] | None = None
        self._server: Server | None = None

    async def __aenter__(self) -> "PartnerFake":
        app = Starlette(routes=[Route("/{path:path}", self._serve, methods=METHODS)])
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            app,
            log_config=None,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._server = Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        assert self._task is not None
        self._server.should_exit = True
        await self._task

    def answer(self, method: str, path: str, answer: Answer) -> None:
        """Answer so from now on; `path` is the beginning of the path."""
        self.answers[method, path] = answer

    def serve_handshake(
        self, *endpoints: tuple[str, str], version: str = "2.2.1", token: str = "their-token-c"
    ) -> None:
        """Serve versions, details and credentials."""
        listed = [
            {"identifier": module, "role": role, "url": f"{self.url}/{role.lower()}/{module}"}
            for module, role in (("credentials", "SENDER"), *endpoints)
        ]
        versions = [
            {"version": "2.1.1", "url": f"{self.url}/2.1.1"},
            {"version": version, "url": f"{self.url}/{version}"},
        ]
        self.answer("GET", "/versions", lambda _: envelope(versions))
        details = {"version": version, "endpoints": listed}
        self.answer("GET", f"/{version}", lambda _: envelope(details))
        credentials = {
            "token": token,
            "url": f"{self.url}/versions",
            "roles": [
                {
                    "role": "CPO",
                    "party_id": "BEC",
                    "country_code": "BE",
                    "business_details": {"name": "Becharged"},
                }
            ],
        }
        self.answer("POST", "/sender/credentials", lambda _: envelope(credentials))

    async def until(self, count: int) -> list[Received]:
        """Wait until this many requests arrived."""
        async with self.changed, asyncio.timeout(10):
            await self.changed.wait_for(lambda: len(self.received) >= count)
        return self.received

    async def _serve(self, request: Request) -> Response:
        received = Received(
            method=request.method,
            path=request.url.path,
            query=request.url.query,
            headers=dict(request.headers),
            body=await request.body(),
        )
        self.received.append(received)
        async with self.changed:
            self.changed.notify_all()
        for (method, path), answer in self.answers.items():
            if method == request.method and request.url.path.startswith(path):
                answered = answer(received)
                return await answered if asyncio.iscoroutine(answered) else answered
        return envelope()
