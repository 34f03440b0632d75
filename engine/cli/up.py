"""`interwatt up`: the whole platform in one command."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.errors import EXIT_NO, CommandError
from engine.cli.examples import examples_dir, write_examples
from engine.cli.options import DataDir
from engine.cli.shell_command import end
from engine.cli.supervisor import ChildEnded, Ready, Stopped, Supervisor
from engine.settings import DEFAULT_DATA, DEFAULT_ENGINE, Flags, Settings, read

GATEWAYS = ("ocpp", "ocpi")

_OCPP = "127.0.0.1:9000"
_OCPI = "127.0.0.1:8080"
_ANY_PORT = "127.0.0.1:0"


def up(
    *,
    data: DataDir = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            help="postgresql://... instead of SQLite in DIR. [INTERWATT_DATABASE]",
        ),
    ] = None,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen",
            metavar="HOST:PORT",
            help=f"Where services call (gRPC), default {DEFAULT_ENGINE}. [INTERWATT_ENGINE_LISTEN]",
        ),
    ] = None,
    ocpp: Annotated[
        str | None,
        typer.Option(
            "--ocpp",
            metavar="HOST:PORT",
            help=f"Where stations connect, default {_OCPP}. [INTERWATT_OCPP_LISTEN]",
        ),
    ] = None,
    ocpi: Annotated[
        str | None,
        typer.Option(
            "--ocpi",
            metavar="HOST:PORT",
            help=f"Where partners connect, default {_OCPI}. [INTERWATT_OCPI_LISTEN]",
        ),
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            "--public-url",
            metavar="URL",
            help="How partners reach the OCPI gateway. [INTERWATT_OCPI_PUBLIC_URL]",
        ),
    ] = None,
    party: Annotated[
        list[str] | None,
        typer.Option(
            "--party",
            metavar="NL-IWT[:CPO+EMSP]",
            help="A party you are; may be repeated. [INTERWATT_PARTIES]",
        ),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            "--metrics",
            metavar="HOST:PORT",
            help="Prometheus metrics of the engine; of the gateways on the next two ports. "
            "Default: free ports of 127.0.0.1. [INTERWATT_ENGINE_METRICS]",
        ),
    ] = None,
    nats: Annotated[
        str | None,
        typer.Option(
            "--nats", metavar="URL", help="Publish events to JetStream too. [INTERWATT_NATS]"
        ),
    ] = None,
    platform_name: Annotated[
        str | None,
        typer.Option(
            "--platform-name",
            metavar="TEXT",
            help="Your name, as partners see it. [INTERWATT_PLATFORM_NAME]",
        ),
    ] = None,
    log_level: Annotated[
        str | None,
        typer.Option(
            "--log-level",
            metavar="LEVEL",
            help="Of all processes: debug, info or warning. [INTERWATT_LOG_LEVEL]",
        ),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option("--config", metavar="FILE", help="Settings in TOML. [INTERWATT_CONFIG]"),
    ] = None,
) -> None:
    """Run the platform: engine, OCPP gateway and OCPI gateway, data in ./interwatt-data.

    The first start makes the database and the keys, and says what to do next. Ctrl-C stops
    everything cleanly; the next start finds everything again. Ends with 1 when one of the processes
    ended by itself, and shows the end of its log.
    """

    def run() -> int:
        settings = read(
            Flags(
                data=data,
                database=database,
                listen=listen,
                metrics=metrics,
                parties=party,
                platform_name=platform_name,
                log_level=log_level,
                nats=nats,
                config=config,
            )
        )
        watched = _metrics_addresses(settings.metrics_listen or _ANY_PORT)
        shared = _flags(log_level=log_level, config=config)
        engine = _flags(
            data=data,
            database=database,
            listen=listen,
            metrics=watched["engine"],
            nats=nats,
            platform_name=platform_name,
        )
        for name in party or []:
            engine += ["--party", name]
        own = {
            "engine": engine + shared,
            "ocpp": _flags(listen=ocpp, metrics=watched["ocpp"]) + shared,
            "ocpi": _flags(listen=ocpi, public_url=public_url, metrics=watched["ocpi"]) + shared,
        }
        return _run(settings, own)

    end(run)


def _run(settings: Settings, own: dict[str, list[str]]) -> int:
    first_start = not examples_dir(settings).exists()
    supervisor = Supervisor(settings.data_dir / "logs")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: supervisor.stop())
    try:
        ready = _start(supervisor, settings, own)
        print(_running(settings, ready))
        if first_start:
            print(_next_steps(settings, ready))
        sys.stdout.flush()
        return supervisor.watch()
    except Stopped:
        print("Stopping.", flush=True)
        return 0
    except ChildEnded as ended:
        print(ended, file=sys.stderr)
        return EXIT_NO
    except OSError as error:
        raise CommandError(f"Cannot start: {error}.") from error
    finally:
        supervisor.end_all()


def _start(
    supervisor: Supervisor, settings: Settings, own: dict[str, list[str]]
) -> dict[str, Ready]:
    """Start the engine, then the gateways; returns what each said when it was ready."""
    ready = {"engine": supervisor.start("engine", "engine", own["engine"])}
    for name in GATEWAYS:
        identity = _flags(
            engine=str(ready["engine"]["listen"]),
            key_file=str(settings.keys_dir / f"{name}-gateway.key"),
        )
        ready[name] = supervisor.start(name, f"gateways.{name}", [*identity, *own[name]])
    return ready


def _metrics_addresses(first: str) -> dict[str, str]:
    """Return where each process serves metrics: one port after the other, or any free ones."""
    host, _, port = first.rpartition(":")
    step = 1 if int(port) else 0
    return {name: f"{host}:{int(port) + n * step}" for n, name in enumerate(("engine", *GATEWAYS))}


def _running(settings: Settings, ready: dict[str, Ready]) -> str:
    database = "PostgreSQL" if settings.database_url.startswith("postgres") else "SQLite"
    watched = ", ".join(str(facts["metrics"]) for facts in ready.values())
    return f"""\
Interwatt runs. Ctrl-C stops it. Data in {_short(settings.data_dir)} ({database}), logs in its logs.

  charging stations connect to  ws://{ready["ocpp"]["listen"]}/ocpp/<station>   (OCPP 1.6J)
  partners call                 {ready["ocpi"]["versions"]}   (OCPI 2.2.1)
  services call                 {ready["engine"]["listen"]}   (gRPC, with a key)
  Prometheus reads              {watched}   (/metrics)
"""


def _next_steps(settings: Settings, ready: dict[str, Ready]) -> str:
    location, tariff = map(_short, write_examples(settings))
    elsewhere = _elsewhere(settings, ready)
    return f"""\
What to do next, in another terminal{elsewhere}:

  interwatt tariff put {tariff}
  interwatt location put {location}
  interwatt station add CP1 --location LOC1       shows the password that the station needs
  interwatt token put 04A1B2C3 --contract NL-IWT-C00000001-X
  interwatt partner add sunrise                   shows the token to hand over
  interwatt events                                shows what happens
"""


def _elsewhere(settings: Settings, ready: dict[str, Ready]) -> str:
    """Say what the other terminal needs where the defaults do not do."""
    variables = []
    if ready["engine"]["listen"] != DEFAULT_ENGINE:
        variables.append(f"INTERWATT_ENGINE={ready['engine']['listen']}")
    if settings.data_dir != Path(DEFAULT_DATA).absolute():
        variables.append(f"INTERWATT_KEY_FILE={settings.keys_dir / 'admin.key'}")
    first = [f"export {' '.join(variables)}"] if variables else []
    if shutil.which("interwatt") is None:
        first.insert(0, f". {_short(Path(sys.prefix) / 'bin' / 'activate')}")
    return f" (first: {' && '.join(first)})" if first else ""


def _short(path: Path) -> str:
    """Write a path below the present folder as people would type it."""
    here = Path.cwd()
    return f"./{path.relative_to(here)}" if path.is_relative_to(here) else str(path)


def _flags(**values: str | None) -> list[str]:
    """Write flags of a process; those without a value are left out."""
    given = [(f"--{name.replace('_', '-')}", value) for name, value in values.items()]
    return [part for flag, value in given if value is not None for part in (flag, value)]
