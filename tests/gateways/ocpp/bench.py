"""A gateway in front of the fake engine, and stations made of `websockets` and `ocpp`."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from ocpp.v16 import ChargePoint
from websockets.asyncio.client import ClientConnection, connect

from gateways.common.engine import Engine
from gateways.ocpp.server import Gateway
from tests.fakes.engine_for_stations import KEY, EngineForStations
from tests.harness.background import in_background

GATEWAY_ID = "gateway-1"
PASSWORD = b"secret-password"


@dataclass
class Bench:
    """What a test needs: the engine's facts and where to dial."""

    engine: EngineForStations
    gateway: Gateway
    port: int

    @asynccontextmanager
    async def dial(
        self,
        path: str = "CP1",
        *,
        subprotocols: tuple[str, ...] | None = ("ocpp1.6",),
        user: str | None = None,
        password: bytes | None = None,
        **options: Any,
    ) -> AsyncIterator["Wire"]:
        """Connect as a station; a station without password is one of security profile 0."""
        headers = dict(options.pop("additional_headers", {}))
        if password is not None:
            raw = (path if user is None else user).encode() + b":" + password
            headers["Authorization"] = "Basic " + base64.b64encode(raw).decode()
        async with connect(
            f"ws://127.0.0.1:{self.port}/ocpp/{path}",
            subprotocols=list(subprotocols) if subprotocols else None,  # type: ignore[arg-type]
            additional_headers=headers,
            ping_interval=None,
            **options,
        ) as socket:
            yield Wire(socket)

    @asynccontextmanager
    async def station(
        self, station_id: str = "CP1", role: type[ChargePoint] = ChargePoint, **options: Any
    ) -> AsyncIterator[ChargePoint]:
        """Connect as a charge point of the `ocpp` package, listening."""
        async with self.dial(station_id, **options) as wire:
            charge_point = role(station_id, wire.socket, response_timeout=5)
            async with in_background(charge_point.start()):
                yield charge_point


@dataclass
class Wire:
    """A socket that speaks bare frames."""

    socket: ClientConnection

    async def send(self, message: object) -> None:
        """Send a message, or text as it is."""
        await self.socket.send(message if isinstance(message, str) else json.dumps(message))

    async def receive(self) -> Any:
        """The next message."""
        async with asyncio.timeout(5):
            return json.loads(await self.socket.recv())

    async def ask(self, message: object) -> Any:
        """Send a message and read the next one."""
        await self.send(message)
        return await self.receive()

    async def lives(self) -> bool:
        """Whether a heartbeat is answered next."""
        answer = await self.ask([2, "still-here", "Heartbeat", {}])
        return bool(answer[:2] == [3, "still-here"])

    async def close_code(self) -> int | None:
        """The code with which the gateway closes."""
        async with asyncio.timeout(5):
            await self.socket.wait_closed()
        return self.socket.close_code


@asynccontextmanager
async def open_bench() -> AsyncIterator[Bench]:
    """Start engine and gateway; CP1 is known and needs no password."""
    async with EngineForStations() as fake:
        fake.add_station("CP1")
        async with Engine.connect(
            address=fake.address, key=KEY, gateway_id=GATEWAY_ID, stop_grace=0.1
        ) as engine:
            gateway = Gateway(engine, gateway_id=GATEWAY_ID, trace=True, stop_grace=0.1)
            port = await gateway.start(host="127.0.0.1", port=0)
            await fake.until_streaming(GATEWAY_ID)
            yield Bench(fake, gateway, port)
            await gateway.stop()
