"""The gRPC server: limits, health, reflection, and the domains' services."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from engine.rpc.boundary import Authenticator, Boundary, Spans

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
MAX_IN_FLIGHT = 1_024


@dataclass(frozen=True, slots=True)
class Service:
    """One service to serve.

    Attributes:
        name: full name, for reflection and health.
        add: the generated `add_..._to_server`.
        servicer: what answers.
    """

    name: str
    add: Callable[[Any, Any], None]
    servicer: object


class Server:
    """Serves until stopped; stopping lets calls in progress finish."""

    def __init__(
        self,
        services: Sequence[Service],
        authenticator: Authenticator,
        *,
        max_in_flight: int = MAX_IN_FLIGHT,
        spans: Spans | None = None,
    ) -> None:
        self._server = grpc.aio.server(
            interceptors=[Boundary(authenticator, max_in_flight=max_in_flight, spans=spans)],
            options=[
                ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
                ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
                ("grpc.so_reuseport", 0),
                # Beyond these gRPC itself refuses, and says neither why nor when to come again.
                ("grpc.server.max_pending_requests", 8 * max_in_flight),
                ("grpc.server.max_pending_requests_hard_limit", 16 * max_in_flight),
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
            ],
        )
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = [reflection.SERVICE_NAME, health.SERVICE_NAME]
        for service in services:
            service.add(service.servicer, self._server)
            names.append(service.name)
        reflection.enable_server_reflection(names, self._server)
        self._names = names

    async def start(self, listen: str) -> int:
        """Listen on `host:port` (port 0 takes a free one); returns the port."""
        port: int = self._server.add_insecure_port(listen)
        await self._server.start()
        for name in ("", *self._names):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return port

    async def stop(self, grace_s: float = 5) -> None:
        """Refuse new calls, finish those in progress, then end."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)
