"""Engines in this process, called over real gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from interwatt.callers.v1 import callers_service_pb2
from interwatt.cdrs.v1 import cdrs_service_pb2
from interwatt.commands.v1 import commands_service_pb2
from interwatt.deliveries.v1 import deliveries_service_pb2
from interwatt.events.v1 import events_service_pb2
from interwatt.locations.v1 import locations_service_pb2
from interwatt.partners.v1 import partners_service_pb2
from interwatt.sessions.v1 import sessions_service_pb2
from interwatt.settlement.v1 import settlement_service_pb2
from interwatt.stations.v1 import stations_service_pb2
from interwatt.tariffs.v1 import pricing_service_pb2, tariffs_service_pb2
from interwatt.tokens.v1 import tokens_service_pb2

from engine.bootstrap import build
from engine.kernel.clock import SystemClock
from engine.kernel.ids import RandomIds
from engine.prepare import prepare
from engine.settings import Flags, read

_FILES = (
    callers_service_pb2,
    cdrs_service_pb2,
    commands_service_pb2,
    deliveries_service_pb2,
    events_service_pb2,
    locations_service_pb2,
    partners_service_pb2,
    sessions_service_pb2,
    settlement_service_pb2,
    stations_service_pb2,
    pricing_service_pb2,
    tariffs_service_pb2,
    tokens_service_pb2,
)
SERVICES: tuple[ServiceDescriptor, ...] = tuple(
    service for file in _FILES for service in file.DESCRIPTOR.services_by_name.values()
)
METHODS: tuple[MethodDescriptor, ...] = tuple(
    method for service in SERVICES for method in service.methods
)


def path(method: MethodDescriptor) -> str:
    """Return the method as it is called, `/package.Service/Method`."""
    return f"/{method.containing_service.full_name}/{method.name}"


def message_class(method: MethodDescriptor, *, answer: bool = False) -> type[Message]:
    return message_factory.GetMessageClass(method.output_type if answer else method.input_type)


def find(name: str) -> MethodDescriptor:
    """Return the method of this name; names are unique over all services."""
    return next(method for method in METHODS if method.name == name)


@dataclass(frozen=True, slots=True)
class Failure:
    """How a call failed: the status, and the reason of the catalogue where there is one."""

    code: grpc.StatusCode
    reason: str
    metadata: dict[str, str]
    message: str


def failure(error: grpc.aio.AioRpcError) -> Failure:
    """Read what a failed call says of itself."""
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    for detail in status.details if status is not None else ():
        detail.Unpack(info)
    return Failure(error.code(), info.reason, dict(info.metadata), error.details() or "")


class Caller:
    """Calls one engine under one key."""

    def __init__(self, channel: grpc.aio.Channel, key: str) -> None:
        self._channel = channel
        self._metadata = (("authorization", f"Bearer {key}"),) if key else ()

    async def call(self, name: str, request: Any, *, timeout_s: float = 20) -> Any:
        """Make a unary call; `request` is a message or its fields."""
        method = find(name)
        if isinstance(request, dict):
            request = message_class(method)(**request)
        return await self.raw(method, request.SerializeToString(), timeout_s=timeout_s)

    async def raw(self, method: MethodDescriptor, request: bytes, *, timeout_s: float = 20) -> Any:
        """Make a unary call with bytes that may be no message at all."""
        call: Any = self._channel.unary_unary(
            path(method), response_deserializer=message_class(method, answer=True).FromString
        )
        return await call(request, metadata=self._metadata, timeout=timeout_s)

    def stream(self, name: str, request: Any, *, timeout_s: float = 20) -> Any:
        """Open a stream of answers."""
        method = find(name)
        if isinstance(request, dict):
            request = message_class(method)(**request)
        call: Any = self._channel.unary_stream(
            path(method), response_deserializer=message_class(method, answer=True).FromString
        )
        return call(
            request if isinstance(request, bytes) else request.SerializeToString(),
            metadata=self._metadata,
            timeout=timeout_s,
        )

    async def fails(self, name: str, request: Any) -> Failure:
        """Make a call that must fail; returns how."""
        try:
            answer = await self.call(name, request)
        except grpc.aio.AioRpcError as error:
            return failure(error)
        raise AssertionError(f"{name} answered {answer}")


class RunningEngine:
    """An engine that serves."""

    def __init__(self, channel: grpc.aio.Channel, admin_key: str, address: str = "") -> None:
        self.channel = channel
        self.address = address
        self.admin = Caller(channel, admin_key)

    def caller(self, key: str) -> Caller:
        return Caller(self.channel, key)


@asynccontextmanager
async def running(
    data: Path, database_url: str, *, parties: Sequence[str] = ("NL-IWT",)
) -> AsyncIterator[RunningEngine]:
    """Run an engine with its data in `data`."""
    settings = read(
        Flags(data=str(data), database=database_url, listen="127.0.0.1:0", parties=parties), {}
    )
    await prepare(settings, SystemClock(), RandomIds())
    engine = await build(settings)
    port = await engine.start()
    channel = grpc.aio.insecure_channel(
        f"127.0.0.1:{port}", options=[("grpc.max_receive_message_length", 32 * 1024 * 1024)]
    )
    try:
        key = (settings.keys_dir / "admin.key").read_text(encoding="ascii").strip()
        yield RunningEngine(channel, key, f"127.0.0.1:{port}")
    finally:
        await channel.close()
        await engine.stop()
