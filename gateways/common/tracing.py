"""Spans of calls to the engine, sent to an OpenTelemetry collector. Optional: `interwatt[otel]`.

Imported only where traces are asked for. A span is one call, and so one batch where calls are
coalesced; the engine's span continues its trace.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator


class CallSpans:
    """Makes a span a call, and sends them in the background."""

    def __init__(self, collector: str, *, gateway_id: str) -> None:
        """`collector` is the base of its OTLP/HTTP address, e.g. http://127.0.0.1:4318."""
        self._provider = TracerProvider(
            resource=Resource.create(
                {"service.name": "interwatt-gateway", "service.instance.id": gateway_id}
            ),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint=f"{collector.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("interwatt.gateway")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def of(self, method: str) -> Iterator[dict[str, str]]:
        """Put a span around a call; gives the metadata that lets the engine continue it."""
        with self._tracer.start_as_current_span(method.removeprefix("/"), kind=SpanKind.CLIENT):
            carrier: dict[str, str] = {}
            self._propagator.inject(carrier)
            yield carrier

    def close(self) -> None:
        """Send what is left; may take a while when the collector does not answer."""
        self._provider.shutdown()
