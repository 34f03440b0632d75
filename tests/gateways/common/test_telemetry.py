"""Logs and metrics."""

import io
import json
import logging
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
import structlog
from prometheus_client import CollectorRegistry, Counter

from gateways.common import telemetry


@pytest.fixture(autouse=True)
def _own_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    yield
    structlog.reset_defaults()


def test_a_line_is_json_with_the_correlation_id_of_its_charge() -> None:
    out = io.StringIO()
    telemetry.configure(stream=out)
    log = structlog.get_logger()
    log.debug("hidden")
    with telemetry.correlated("charge-1"):
        log.info("started", meter=5)
    log.info("idle")
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["event"], first["meter"], first["correlation_id"]) == ("started", 5, "charge-1")
    assert first["level"] == "info"
    assert "correlation_id" not in second


def test_what_a_library_logs_is_a_line_like_any_other() -> None:
    out = io.StringIO()
    telemetry.configure(stream=out)
    logging.getLogger("websockets.server").error("connection handler %s", "failed")
    line = json.loads(out.getvalue())
    assert (line["event"], line["level"]) == ("library.warned", "error")
    assert (line["library"], line["reason"]) == ("websockets.server", "connection handler failed")


def test_what_a_library_logs_on_a_full_disk_ends_nothing() -> None:
    class FullDisk(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    telemetry.configure(stream=FullDisk())
    logging.getLogger("websockets.server").error("connection handler failed")


def test_metrics_are_served_until_closed() -> None:
    registry = CollectorRegistry()
    Counter("things", "Things.", registry=registry).inc(3)
    server = telemetry.MetricsServer(host="127.0.0.1", port=0, registry=registry)
    shown = urlopen(f"http://127.0.0.1:{server.port}/metrics").read().decode()
    server.close()
    assert "things_total 3.0" in shown
