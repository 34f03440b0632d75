"""Spans of calls, sent to an OpenTelemetry collector. Optional: `interwatt[otel]`.

Imported only where traces are asked for. A span is a unary call, and so a batch where calls are
batches; it continues the trace of the gateway that called.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from engine.kernel import correlation
from engine.kernel.errors import EngineError


class CallSpans:
    """Makes a span a call, and sends them in the background."""

    def __init__(self, collector: str) -> None:
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": "interwatt-engine"}), shutdown_on_exit=False
        )
        exporter = OTLPSpanExporter(endpoint=f"{collector.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("interwatt.engine")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def of(self, method: str, metadata: Any, items: int) -> Iterator[None]:
        """Put a span around a call of `method` with so many items."""
        parent = self._propagator.extract(
            {name: value for name, value in metadata or () if name == "traceparent"}
        )
        attributes: dict[str, str | int] = {
            "rpc.system": "grpc",
            "rpc.method": method,
            "interwatt.items": items,
            "interwatt.correlation_ids": correlation.of_batch(),
        }
        with self._tracer.start_as_current_span(
            method.removeprefix("/"),
            context=parent,
            kind=SpanKind.SERVER,
            attributes=attributes,
            record_exception=False,
        ) as span:
            try:
                yield
            except EngineError as error:
                span.set_attribute("interwatt.reason", error.reason)
                raise

    def close(self) -> None:
        """Send what is left; may take a while when the collector does not answer."""
        self._provider.shutdown()
