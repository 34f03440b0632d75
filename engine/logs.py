"""Logs: one JSON object a line on standard error, made for reading on a terminal.

Standard output is left to the ready line of `engine.__main__`.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import msgspec
import structlog

from engine.kernel import correlation


def configure(level: str, stream: TextIO | None = None) -> None:
    """Set up logging for this process; call once, before the first line is written."""
    out = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _Lines(structlog.dev.ConsoleRenderer() if out.isatty() else _render),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Forgiving(out))),
        cache_logger_on_first_use=True,
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


class _Forgiving:
    """A stream that loses what it cannot write: a full disk below the log must not end the work
    that is logged."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        with suppress(OSError):
            return self._out.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._out.flush()


class _Lines:
    """Renders one line, or one for each entry of `lines`: of many things at once, at one price."""

    def __init__(self, render: structlog.typing.Processor) -> None:
        self._render = render

    def __call__(self, logger: object, method: str, line: structlog.typing.EventDict) -> str:
        several = line.pop("lines", [{}])
        return "\n".join(
            str(self._render(logger, method, _with_correlation({**line, **facts})))
            for facts in several
        )


def _with_correlation(line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Name the call that a line belongs to; of a batch, the calls, unless the line says its own."""
    if "correlation_id" not in line:
        if found := correlation.of_call():
            line["correlation_id"] = found
        elif several := correlation.of_batch():
            line["correlation_ids"] = several
    elif not line["correlation_id"]:
        del line["correlation_id"]
    return line


def _render(_logger: object, _method: str, line: structlog.typing.EventDict) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()
