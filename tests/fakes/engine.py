"""What the engines that tests pretend to be have in common: a real gRPC server that keeps the
promises a gateway relies on. A request_id is answered once and replayed; after it went away it
comes back on the same port with the same facts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Self

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from interwatt.common.v1 import error_reason_pb2
from interwatt.common.v1.error_reason_pb2 import ErrorReason, ItemError


class Refused(Exception):
    """What the fake answers with instead."""

    def __init__(self, reason: ErrorReason, message: str = "Refused.", **metadata: str) -> None:
        super().__init__(message)
        self.error = ItemError(reason=reason, message=message, metadata=metadata)


class FakeEngine:
    """The server, and what a test waits for."""

    def __init__(self) -> None:
        self.address = ""
        self.answers: dict[tuple[str, str], tuple[bytes, Any]] = {}
        self.changed = asyncio.Condition()
        self._server: grpc.aio.Server | None = None

    def serve(self, server: grpc.aio.Server) -> None:
        """Add the services."""
        raise NotImplementedError

    def said(self, item: Any) -> bytes:
        """What an item says, to tell a repetition from another item with its request_id."""
        body: bytes = item.SerializeToString(deterministic=True)
        return body

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; after `stop`, on the same port with the same facts."""
        server = grpc.aio.server()
        self.serve(server)
        port = server.add_insecure_port(self.address or "127.0.0.1:0")
        self.address = f"127.0.0.1:{port}"
        await server.start()
        self._server = server

    async def stop(self) -> None:
        """Go away, as a killed process does."""
        if self._server is not None:
            await self._server.stop(None)
            self._server = None

    async def tell(self) -> None:
        """Let those who wait look again."""
        async with self.changed:
            self.changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition on the facts holds."""
        async with self.changed, asyncio.timeout(10):
            await self.changed.wait_for(condition)

    def once(self, method: str, item: Any, kind: Any, answer: Callable[[Any], Any]) -> Any:
        """Answer an item with an outcome of this kind; replay what was answered before."""
        body, request_id = self.said(item), getattr(item, "request_id", "")
        known = self.answers.get((method, request_id)) if request_id else None
        if known is not None:
            if known[0] != body:
                return kind(error=Refused(error_reason_pb2.ERROR_REASON_REQUEST_ID_REUSED).error)
            replay = kind()
            replay.CopyFrom(known[1])
            if "replayed" in replay.DESCRIPTOR.fields_by_name:
                replay.replayed = True
            return replay
        try:
            outcome = answer(item)
        except Refused as refused:
            return kind(error=refused.error)
        self.answers[method, request_id] = (body, outcome)
        return outcome


async def abort(
    context: Any,
    code: grpc.StatusCode,
    reason: str,
    *,
    message: str = "Refused.",
    metadata: Mapping[str, str] | None = None,
) -> None:
    """End a call as the engine does."""
    info = error_details_pb2.ErrorInfo(reason=reason, domain="interwatt", metadata=metadata or {})
    status = status_pb2.Status(code=code.value[0], message=message)
    status.details.add().Pack(info)
    await context.abort_with_status(rpc_status.to_status(status))
