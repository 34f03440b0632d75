"""Traces: one for a call of a gateway and what the engine did of it; nothing when off."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from gzip import decompress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue

import pytest
from interwatt.tokens.v1.tokens_service_pb2 import AuthorizeTokenItem, AuthorizeTokensRequest
from interwatt.tokens.v1.tokens_service_pb2_grpc import TokensServiceStub

from gateways.common.coalesce import Coalescer
from gateways.common.engine import Engine
from gateways.common.telemetry import correlated
from tests.harness.process import ROOT, Process, python_module

collected = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
pytest.importorskip("opentelemetry.exporter.otlp.proto.http")


class Collector:
    """Takes spans by OTLP/HTTP."""

    def __init__(self) -> None:
        self.received: SimpleQueue[tuple[str, bytes]] = SimpleQueue()
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = decompress(body)
                received.put((self.path, body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def spans(self) -> dict[str, object]:
        """Return the spans received so far, by the service that made them."""
        found: dict[str, object] = {}
        while not self.received.empty():
            path, body = self.received.get()
            assert path == "/v1/traces"
            for resource in collected.ExportTraceServiceRequest.FromString(body).resource_spans:
                [name] = [
                    attribute.value.string_value
                    for attribute in resource.resource.attributes
                    if attribute.key == "service.name"
                ]
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        found[name] = span
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


async def test_the_engines_span_of_a_batch_continues_the_gateways(
    tmp_path: Path, collector: Collector
) -> None:
    flags = ("--data", str(tmp_path / "data"), "--otlp", collector.url)
    engine = Process("engine", python_module("engine", *flags, "--listen", "127.0.0.1:0"), tmp_path)
    engine.start()
    try:
        address = engine.wait_ready()["listen"]
        key = (tmp_path / "data" / "keys" / "ocpp-gateway.key").read_text().strip()
        async with Engine.connect(
            address=address, key=key, gateway_id="g", otlp=collector.url
        ) as client:
            stub = client.stub(TokensServiceStub)
            authorize: Coalescer = client.coalescer(stub.AuthorizeTokens, AuthorizeTokensRequest)
            with correlated("CP1:17"):
                await authorize.call(AuthorizeTokenItem(request_id="r", station_id="CP1", uid="A"))
    finally:
        assert engine.stop() == 0
    spans = collector.spans()
    ours, theirs = spans["interwatt-gateway"], spans["interwatt-engine"]
    assert ours.name == theirs.name == "interwatt.tokens.v1.TokensService/AuthorizeTokens"
    assert ours.trace_id == theirs.trace_id
    assert theirs.parent_span_id == ours.span_id
    facts = {one.key: one.value for one in theirs.attributes}
    assert facts["interwatt.items"].int_value == 1
    assert facts["interwatt.correlation_ids"].string_value == "CP1:17"


@pytest.mark.parametrize("module", ["engine.__main__", "gateways.ocpp.__main__"])
def test_it_costs_no_import_when_it_is_off(module: str) -> None:
    code = f"import sys, {module}; assert 'opentelemetry.sdk' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
