"""The edge of the engine, once around every call: who calls, what it may, how long it took, how it
failed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import grpc
import structlog
from google.protobuf.message import DecodeError, Message
from prometheus_client import Counter, Gauge, Histogram

from engine.kernel import correlation
from engine.kernel.errors import (
    EngineError,
    InvalidArgument,
    Overloaded,
    PermissionDenied,
    Unstorable,
)
from engine.rpc.access import CallerRole, is_public, may_call
from engine.rpc.errors import abort

_LOG = structlog.get_logger()
_CALLS = Counter("interwatt_engine_calls", "Calls answered.", ["method", "outcome"])
_SECONDS = Histogram(
    "interwatt_engine_call_seconds",
    "Time to answer.",
    ["method"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_ITEMS = Histogram(
    "interwatt_engine_batch_items",
    "Items in a batch.",
    ["method"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)
_IN_FLIGHT = Gauge("interwatt_engine_calls_in_flight", "Unary calls being answered.")

_CORRELATION = ("x-correlation-id", "x-correlation-ids")  # of a call; of each item of a batch
_LONGEST_IDS = 4_096
_ADMITTED_S = 1.0  # how long a stream may go on under a key that has ended


class Authenticator(Protocol):
    """What knows the callers' keys."""

    async def authenticate(self, key: str) -> tuple[str, CallerRole]:
        """Return name and role.

        Raises:
            Unauthenticated: unknown or revoked.
        """
        ...


class Spans(Protocol):
    """What puts a span of a trace around a call."""

    def of(self, method: str, metadata: Any, items: int) -> AbstractContextManager[None]:
        """Return what to enter around a call of `method` with so many items."""
        ...


Unary = Callable[[Any, grpc.aio.ServicerContext], Awaitable[Any]]
Streaming = Callable[[Any, grpc.aio.ServicerContext], AsyncIterator[Any]]


class _Admission:
    """How many calls are inside, and how many may be."""

    def __init__(self, most: int) -> None:
        self.inside = 0
        self._most = most

    def check(self) -> None:
        """Raise `Overloaded` when too many are inside."""
        if self.inside > self._most:
            raise Overloaded(
                "The engine is at its limit of calls; try again.", retry_after_ms="200"
            )


class Boundary(grpc.aio.ServerInterceptor):
    """Authenticates, bounds, measures and maps errors."""

    def __init__(
        self, authenticator: Authenticator, *, max_in_flight: int, spans: Spans | None = None
    ) -> None:
        self._authenticator = authenticator
        self._spans = spans
        self._calls = _Admission(max_in_flight)
        self._waits = _Admission(max_in_flight)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        method: str = handler_call_details.method
        if handler is None or is_public(method):
            return handler
        key, ids = _identity(handler_call_details.invocation_metadata)
        correlation.follow(ids)  # a call is a task of its own
        read = _tolerant(handler.request_deserializer)
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(
                self._unary(method, key, handler.unary_unary),
                request_deserializer=read,
                response_serializer=handler.response_serializer,
            )
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(
                self._streaming(method, key, handler.unary_stream),
                request_deserializer=read,
                response_serializer=handler.response_serializer,
            )
        return grpc.stream_stream_rpc_method_handler(  # reflection only
            self._streaming(method, key, handler.stream_stream),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    async def _admit(self, method: str, key: str) -> None:
        name, role = await self._authenticator.authenticate(key)
        if not may_call(role, method):
            raise PermissionDenied(
                f"Caller {name!r} has role {role.lower()}, which may not call {method}.",
                role=role.lower(),
            )

    def _unary(self, method: str, key: str, behaviour: Unary) -> Unary:
        seconds, items = _SECONDS.labels(method), _ITEMS.labels(method)
        fine = _CALLS.labels(method, "OK")
        # Who waits for a person or a station must not keep others out.
        admission = self._waits if "/Await" in method else self._calls

        async def call(request: Any, context: grpc.aio.ServicerContext) -> Any:
            started = time.perf_counter()
            outcome = "OK"
            admission.inside += 1
            _IN_FLIGHT.set(self._calls.inside)
            try:
                admission.check()
                await self._admit(method, key)
                if isinstance(request, InvalidArgument):
                    raise request
                if hasattr(request, "items"):
                    items.observe(len(request.items))
                if self._spans is None:
                    return await behaviour(request, context)
                count = len(getattr(request, "items", ()))
                with self._spans.of(method, context.invocation_metadata(), count):
                    return await behaviour(request, context)
            except EngineError as error:
                outcome = error.reason
                unstorable = isinstance(error, Unstorable)
                await abort(context, Unstorable(_unstorable(request)) if unstorable else error)
            except (grpc.aio.AbortError, grpc.aio.BaseError):
                outcome = "ABORTED"
                raise
            except Exception:
                outcome = "INTERNAL"
                _LOG.exception("call.failed", method=method)
                await context.abort(
                    grpc.StatusCode.INTERNAL, "The engine failed; its log has the cause."
                )
            finally:
                admission.inside -= 1
                _IN_FLIGHT.set(self._calls.inside)
                seconds.observe(time.perf_counter() - started)
                (fine if outcome == "OK" else _CALLS.labels(method, outcome)).inc()

        return call

    def _streaming(self, method: str, key: str, behaviour: Streaming) -> Streaming:
        async def call(request: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
            try:
                await self._admit(method, key)
                if isinstance(request, InvalidArgument):
                    raise request
                admitted = time.monotonic()
                async for response in behaviour(request, context):
                    if time.monotonic() - admitted > _ADMITTED_S:
                        await self._admit(method, key)  # the key may have ended meanwhile
                        admitted = time.monotonic()
                    yield response
            except EngineError as error:
                _CALLS.labels(method, error.reason).inc()
                await abort(context, error)
            except (grpc.aio.AbortError, grpc.aio.BaseError):
                raise
            except Exception:
                _CALLS.labels(method, "INTERNAL").inc()
                _LOG.exception("stream.failed", method=method)
                await context.abort(
                    grpc.StatusCode.INTERNAL, "The engine failed; its log has the cause."
                )

        return call


def _tolerant(read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """Return a reader that gives an error for what is no message, to be told like any other."""

    def call(data: bytes) -> Any:
        try:
            return read(data)
        except DecodeError as error:
            return InvalidArgument(f"The request cannot be read: {error}.", field="")

    return call


def _unstorable(message: Message) -> str:
    """Return the place of the first value of a message that no store keeps; "" for none."""
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        for index, one in enumerate(values):
            place = f"{field.name}[{index}]" if field.is_repeated else field.name
            if isinstance(one, Message):
                if within := _unstorable(one):
                    return f"{place}.{within}"
            elif (isinstance(one, str) and "\0" in one) or (isinstance(one, int) and one >= 2**63):
                return place
    return ""


def _identity(metadata: Any) -> tuple[str, str]:
    """Return the caller's key, and the ids that follow what it asks; "" where there is none."""
    key = ids = ""
    for name, value in metadata or ():
        if name == "authorization" and isinstance(value, str):
            scheme, _, secret = value.partition(" ")
            if scheme.lower() == "bearer":
                key = secret.strip()
        elif name in _CORRELATION and isinstance(value, str):
            ids = value[:_LONGEST_IDS]
    return key, ids
