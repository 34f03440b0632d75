"""Logs and metrics.

Logs are one JSON object a line on stderr; on a terminal they are made for reading. Every line
written while a message is handled carries its correlation id, and so does every call to the
engine, so that one charge can be followed through gateway and engine. Standard output is left to
the ready line of `process`.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

import orjson
import structlog
from prometheus_client import REGISTRY, CollectorRegistry, start_http_server

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}


def configure(*, level: str = "info", stream: TextIO | None = None) -> None:
    """Set up logging for this process; call once, before the first line is written."""
    out = stream or sys.stderr
    structlog.configure(
        processors=[
            _add_correlation_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if out.isatty() else _render_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    _listen_to_libraries()


class _OfLibraries(logging.Handler):
    """Writes what libraries log as lines of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        try:
            log.log(
                min(record.levelno // 10 * 10, logging.CRITICAL),
                "library.warned",
                library=record.name,
                reason=record.getMessage(),
                exc_info=record.exc_info,
            )
        except Exception:  # a line that cannot be written must not end what the library does
            self.handleError(record)


def _listen_to_libraries() -> None:
    root = logging.getLogger()
    if not any(isinstance(handler, _OfLibraries) for handler in root.handlers):
        root.addHandler(_OfLibraries(logging.WARNING))


@contextmanager
def correlated(identifier: str) -> Iterator[None]:
    """Give everything inside this correlation id."""
    token = correlation_id.set(identifier)
    try:
        yield
    finally:
        correlation_id.reset(token)


class MetricsServer:
    """Serves the process's metrics over HTTP, in the text format of Prometheus."""

    def __init__(self, *, host: str, port: int, registry: CollectorRegistry = REGISTRY) -> None:
        self._server, self._thread = start_http_server(port, host, registry)
        self.port: int = self._server.server_port

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _add_correlation_id(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    identifier = correlation_id.get()
    if identifier and "correlation_id" not in event:
        event["correlation_id"] = identifier
    return event


def _render_json(_logger: object, _method: str, event: structlog.typing.EventDict) -> str:
    return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
