"""The engine, as a gateway sees it: one channel, a deadline on every call, errors from the
catalogue.

    async with Engine.connect(address="127.0.0.1:50051", key=key, gateway_id="ocpp-1") as engine:
        tokens = engine.stub(TokensServiceStub)
        await tokens.GetToken(GetTokenRequest(...))
        authorize: Coalescer[AuthorizeTokenItem, AuthorizeTokenOutcome] = engine.coalescer(
            tokens.AuthorizeTokens, AuthorizeTokensRequest
        )
        await authorize.call(AuthorizeTokenItem(...), timeout=5)

Calls raise `EngineError` or `EngineUnavailable`, never a gRPC error.
"""

import asyncio
import json
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol, Self, TypeVar, cast

import grpc
from grpc.aio import ClientCallDetails, Metadata, UnaryStreamCall

from gateways.common.coalesce import MAX_WAITING, Call, Coalescer
from gateways.common.errors import of_call
from gateways.common.process import BadInput
from gateways.common.telemetry import correlation_id

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
DEFAULT_TIMEOUT = 10.0
STOP_GRACE = 5.0
CORRELATION_ID = "x-correlation-id"
GATEWAY_ID = "x-gateway-id"

_SERVICE_CONFIG = json.dumps(
    {
        "methodConfig": [
            {
                # Every write carries a request_id, so every call may be made twice.
                "name": [{}],
                "retryPolicy": {
                    "maxAttempts": 3,
                    "initialBackoff": "0.05s",
                    "maxBackoff": "0.5s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ]
    }
)
_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.enable_retries", 1),
    ("grpc.service_config", _SERVICE_CONFIG),
)


class Spans(Protocol):
    """What puts a span of a trace around a call."""

    def of(self, method: str) -> AbstractContextManager[dict[str, str]]:
        """Give the metadata that lets the engine continue the trace."""
        ...

    def close(self) -> None:
        """Send what is left."""
        ...


StubT = TypeVar("StubT")
RequestT = TypeVar("RequestT")
ResponseT = TypeVar("ResponseT")


class Engine:
    """One channel to the engine and the clients that share it."""

    def __init__(
        self, channel: grpc.aio.Channel, *, stop_grace: float, spans: Spans | None = None
    ) -> None:
        self._channel = channel
        self._stop_grace = stop_grace
        self._spans = spans
        self._stubs: dict[object, object] = {}
        self._coalescers: list[Coalescer[Any, Any]] = []

    @classmethod
    def connect(
        cls,
        *,
        address: str,
        key: str,
        gateway_id: str,
        stop_grace: float = STOP_GRACE,
        otlp: str = "",
    ) -> Self:
        """Make a channel; it connects with the first call and again whenever it must.

        When it ends, calls that still wait get `stop_grace` seconds. `otlp` names the collector of
        traces, if there is one.
        """
        spans = _spans(otlp, gateway_id)
        identity = (("authorization", f"Bearer {key}"), (GATEWAY_ID, gateway_id))
        interceptors = [_UnaryInterceptor(identity, spans), _StreamInterceptor(identity)]
        channel = grpc.aio.insecure_channel(address, options=_OPTIONS, interceptors=interceptors)
        return cls(channel, stop_grace=stop_grace, spans=spans)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(c.aclose(grace=self._stop_grace) for c in self._coalescers))
        await self._channel.close()
        if self._spans is not None:
            await asyncio.to_thread(self._spans.close)

    def stub(self, make: Callable[[grpc.aio.Channel], StubT]) -> StubT:
        """The stub of a service, e.g. `engine.stub(TokensServiceStub)`; made once."""
        if make not in self._stubs:
            self._stubs[make] = make(self._channel)
        return cast(StubT, self._stubs[make])

    def coalescer(
        self,
        call: Call,
        request: Callable[..., object],
        *,
        limit: int = MAX_WAITING,
    ) -> Coalescer[Any, Any]:
        """A coalescing client of a batch method; annotate it with its item and outcome.

        It ends with the engine, after what waits was sent or given up.
        """
        name = getattr(request, "__name__", "batch").removesuffix("Request")
        made = Coalescer[Any, Any](name=name, call=call, request=request, limit=limit)
        self._coalescers.append(made)
        return made


class _UnaryInterceptor(grpc.aio.UnaryUnaryClientInterceptor):
    """Identity, deadline and errors of a unary call."""

    def __init__(self, identity: tuple[tuple[str, str], ...], spans: Spans | None) -> None:
        self._identity = identity
        self._spans = spans

    async def intercept_unary_unary(
        self,
        continuation: Callable[[ClientCallDetails, Any], Awaitable[Any]],
        client_call_details: ClientCallDetails,
        request: Any,
    ) -> Any:
        details = _complete(client_call_details, self._identity, DEFAULT_TIMEOUT)
        if self._spans is None:
            return await _answer(continuation, details, request)
        method = details.method
        with self._spans.of(method.decode() if isinstance(method, bytes) else method) as trace:
            for name, value in trace.items():
                cast(Metadata, details.metadata).add(name, value)
            return await _answer(continuation, details, request)


async def _answer(
    continuation: Callable[[ClientCallDetails, Any], Awaitable[Any]],
    details: ClientCallDetails,
    request: Any,
) -> Any:
    try:
        call = await continuation(details, request)
        return await call
    except grpc.aio.AioRpcError as error:
        raise of_call(error) from error


class _StreamInterceptor(grpc.aio.UnaryStreamClientInterceptor):
    """Identity and errors of a call with a stream of answers; it has no deadline of its own."""

    def __init__(self, identity: tuple[tuple[str, str], ...]) -> None:
        self._identity = identity

    async def intercept_unary_stream(
        self,
        continuation: Callable[
            [ClientCallDetails, RequestT], Awaitable[UnaryStreamCall[RequestT, ResponseT]]
        ],
        client_call_details: ClientCallDetails,
        request: RequestT,
    ) -> AsyncIterator[ResponseT]:
        details = _complete(client_call_details, self._identity, None)
        return _mapped(await continuation(details, request))


async def _mapped(call: AsyncIterable[ResponseT]) -> AsyncIterator[ResponseT]:
    try:
        async for message in call:
            yield message
    except grpc.aio.AioRpcError as error:
        raise of_call(error) from error


def _complete(
    details: ClientCallDetails, identity: tuple[tuple[str, str], ...], timeout: float | None
) -> ClientCallDetails:
    metadata = Metadata(*identity, *(details.metadata or ()))
    identifier = correlation_id.get()
    if identifier:
        metadata.add(CORRELATION_ID, "".join(c if " " <= c <= "~" else "?" for c in identifier))
    return ClientCallDetails(
        details.method,
        timeout if details.timeout is None else details.timeout,
        metadata,
        details.credentials,
        details.wait_for_ready,
    )


def _spans(collector: str, gateway_id: str) -> Spans | None:
    if not collector:
        return None
    try:
        from gateways.common.tracing import CallSpans  # noqa: PLC0415
    except ImportError as error:
        raise BadInput("Traces need OpenTelemetry: install interwatt[otel].") from error
    return CallSpans(collector, gateway_id=gateway_id)
