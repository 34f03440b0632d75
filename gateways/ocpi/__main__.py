"""`python -m gateways.ocpi`: the OCPI gateway as a process."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack

import uvicorn
from fastapi import FastAPI

from gateways.common import process, settings, telemetry
from gateways.common.engine import Engine
from gateways.common.settings import Address, GatewaySettings
from gateways.ocpi.app import create_app
from gateways.ocpi.auth import Authenticator
from gateways.ocpi.background import Background
from gateways.ocpi.client import PartnerClient
from gateways.ocpi.commands import Courier
from gateways.ocpi.connections import Connections
from gateways.ocpi.engine_calls import EngineCalls
from gateways.ocpi.exchange import Platform
from gateways.ocpi.locks import KeyedLocks
from gateways.ocpi.push import Pusher
from gateways.ocpi.stations import Stations
from gateways.ocpi.urls import VERSIONS_PATH, Urls
from gateways.ocpi.versions import DIALECTS

PROGRAM = "interwatt ocpi"
DESCRIPTION = "Let partners (CPOs, eMSPs, hubs) talk OCPI 2.2.1 with the engine."
EPILOG = f"""\
Partners start at PUBLIC-URL{VERSIONS_PATH} with the token that `interwatt partner add` shows.
TLS is ended by a proxy in front.

Each setting is a flag, or the environment variable in brackets, or a key of the TOML file given by
--config, in this order. The process prints one JSON line when it serves, logs to stderr, and stops
gracefully on SIGTERM.

example:
  interwatt ocpi --key-file interwatt-data/keys/ocpi-gateway.key --public-url https://ocpi.example.com
"""
BACKLOG = 2048
STOP_SECONDS = 3


class Server(uvicorn.Server):
    """A server that leaves the signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handlers."""
        yield


def main(argv: list[str] | None = None) -> int:
    """Run the gateway until it is told to stop; answer with the exit code."""
    arguments = sys.argv[1:] if argv is None else argv

    async def serve(stopping: asyncio.Event) -> None:
        read = settings.read(
            program=PROGRAM,
            description=DESCRIPTION,
            epilog=EPILOG,
            listen=settings.OCPI_LISTEN,
            options=[settings.OCPI_PUBLIC_URL],
            argv=arguments,
        )
        telemetry.configure(level=read.log_level)
        await _serve(read, stopping)

    return process.run(serve, name=PROGRAM)


async def _serve(read: GatewaySettings, stopping: asyncio.Event) -> None:
    listener = _bind(read.listen)
    address = Address(host=read.listen.host, port=listener.getsockname()[1])
    public_url = (read.values["public_url"] or f"http://{address}").rstrip("/")
    async with AsyncExitStack() as stack:
        stack.enter_context(contextlib.closing(listener))
        facts = {}
        if read.metrics is not None:
            metrics = telemetry.MetricsServer(host=read.metrics.host, port=read.metrics.port)
            stack.callback(metrics.close)
            facts["metrics"] = str(Address(host=read.metrics.host, port=metrics.port))
        engine = await stack.enter_async_context(
            Engine.connect(
                address=read.engine, key=read.key, gateway_id=read.gateway_id, otlp=read.otlp
            )
        )
        client = await stack.enter_async_context(PartnerClient())
        background = await stack.enter_async_context(Background())
        platform = make_platform(engine, client, background, public_url)
        pusher = Pusher(platform=platform, dialects=DIALECTS, gateway_id=read.gateway_id)
        courier = Courier(platform=platform, dialects=DIALECTS, gateway_id=read.gateway_id)
        background.keep(pusher.run(), name="pusher")
        background.keep(courier.run(), name="courier")
        process.announce_ready(listen=str(address), versions=platform.urls.versions, **facts)
        await _serve_http(create_app(platform), listener, stopping)


def make_platform(
    engine: Engine, client: PartnerClient, background: Background, public_url: str
) -> Platform:
    """Put together what all exchanges share."""
    calls = EngineCalls(engine)
    return Platform(
        calls=calls,
        authenticator=Authenticator(calls),
        client=client,
        connections=Connections(calls),
        background=background,
        stations=Stations(calls),
        locks=KeyedLocks(),
        urls=Urls(public_url),
    )


async def _serve_http(app: FastAPI, listener: socket.socket, stopping: asyncio.Event) -> None:
    server = Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )

    async def stop() -> None:
        await stopping.wait()
        server.should_exit = True

    waiting = asyncio.create_task(stop())
    try:
        await server.serve(sockets=[listener])
    finally:
        waiting.cancel()


def _bind(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
        listener.listen(BACKLOG)  # so that whoever reads the ready line is not turned away
    except OSError as error:
        listener.close()
        raise process.BadInput(f"Cannot listen on {address}: {error.strerror}.") from error
    return listener


if __name__ == "__main__":
    sys.exit(main())
