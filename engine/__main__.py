"""The engine as a process: `python -m engine --data DIR --listen 127.0.0.1:0`.

Prints one JSON line on standard output when it serves, `{"event":"ready","listen":"HOST:PORT"}`.
SIGTERM and SIGINT stop it gracefully: calls in progress finish, what was acknowledged is stored. A
second one ends it at once. Exit codes: 0 stopped as asked, 1 it cannot go on and must be started
again, 2 it could not start; the reason is one line on standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import socket
import sys
from collections.abc import Sequence

import structlog
import uvloop
from prometheus_client import start_http_server

from engine import interpreter, logs
from engine.bootstrap import build
from engine.db.claim import claim
from engine.kernel.clock import SystemClock
from engine.kernel.errors import EngineError
from engine.kernel.ids import RandomIds
from engine.prepare import prepare
from engine.settings import BadSettings, Flags, Settings, read

_LOG = structlog.get_logger()

EXIT_FINE = 0
EXIT_FAILED = 1
EXIT_BAD_INPUT = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run until asked to stop; return the exit code."""
    flags = _parser().parse_args(argv)
    try:
        return _run(read(Flags(**vars(flags))))
    except BadSettings as error:
        return _refuse(str(error))


def _run(settings: Settings) -> int:
    logs.configure(settings.log_level)
    interpreter.tune()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings))
    except EngineError as error:
        return _refuse(error.message)
    except OSError as error:
        return _refuse(str(error))
    except RuntimeError:
        _LOG.exception("engine.failed")
        return EXIT_FAILED
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 128 + signal.SIGINT
    return EXIT_FINE


async def _serve(settings: Settings) -> None:
    stopping = _stop_on_signals()
    _check_free(settings.listen)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with claim(settings.database_url, stopping) as ours:
        if ours:
            await prepare(settings, SystemClock(), RandomIds())
            await _serve_until(stopping, settings)


async def _serve_until(stopping: asyncio.Event, settings: Settings) -> None:
    facts = {}
    if settings.metrics_listen:
        host, _, wanted = settings.metrics_listen.rpartition(":")
        try:
            metrics, _ = start_http_server(int(wanted), host.strip("[]"))
        except OSError as error:
            where = settings.metrics_listen
            raise OSError(f"Cannot serve metrics on {where}: {error.strerror}.") from error
        facts["metrics"] = f"{host}:{metrics.server_port}"
    engine = await build(settings, looking_beside=True)
    port = await engine.start()
    facts["listen"] = f"{settings.listen.rpartition(':')[0]}:{port}"
    print(json.dumps({"event": "ready", **facts}, separators=(",", ":")), flush=True)
    try:
        await engine.serve_until(stopping)
    finally:
        await engine.stop()


def _check_free(listen: str) -> None:
    """Raise `OSError` when nobody can listen there, before anything is touched."""
    host, _, port = listen.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), int(port)))
    except OSError as error:
        raise OSError(f"Cannot listen on {listen}: {error.strerror}.") from error


def _stop_on_signals() -> asyncio.Event:
    """Return what the first SIGTERM or SIGINT sets; a second one cancels this task."""
    stopping = asyncio.Event()
    task = asyncio.current_task()
    assert task is not None

    def stop() -> None:
        if stopping.is_set():
            task.cancel()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    return stopping


def _refuse(message: str) -> int:
    print(f"interwatt engine: {message}", file=sys.stderr)
    return EXIT_BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="interwatt engine",
        description="Run the engine: owns every fact, serves gRPC.",
        epilog="example: interwatt engine --data ./interwatt-data --listen 127.0.0.1:50051",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--data", metavar="DIR", help="database and key files [INTERWATT_DATA]")
    add(
        "--database",
        metavar="URL",
        help="sqlite:///FILE or postgresql://... (default DIR/interwatt.db) [INTERWATT_DATABASE]",
    )
    add("--listen", metavar="HOST:PORT", help="port 0 takes a free one [INTERWATT_ENGINE_LISTEN]")
    add("--metrics", metavar="HOST:PORT", help="serve Prometheus here [INTERWATT_ENGINE_METRICS]")
    add(
        "--party",
        dest="parties",
        metavar="NL-IWT[:CPO+EMSP]",
        action="append",
        help="a party we speak for; may be repeated [INTERWATT_PARTIES]",
    )
    add("--platform-name", metavar="TEXT", help="shown to partners [INTERWATT_PLATFORM_NAME]")
    add("--nats", metavar="URL", help="publish events to JetStream too [INTERWATT_NATS]")
    add("--otlp", metavar="URL", help="send traces to this collector [INTERWATT_OTLP]")
    add("--event-days", metavar="N", help="keep events so long [INTERWATT_EVENT_DAYS]")
    add(
        "--request-id-days",
        metavar="N",
        help="recognise a repeated write so long [INTERWATT_REQUEST_ID_DAYS]",
    )
    add("--log-level", metavar="LEVEL", help="debug, info or warning [INTERWATT_LOG_LEVEL]")
    add("--config", metavar="FILE", help="TOML file with settings [INTERWATT_CONFIG]")
    return parser


if __name__ == "__main__":
    sys.exit(main())
