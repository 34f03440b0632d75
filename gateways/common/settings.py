"""Settings of a process: a flag wins over the environment, which wins over the TOML file, which
wins over the default.

This is the one place that reads the environment. Defaults are safe on one machine: everything is
on loopback.
"""

import argparse
import os
import socket
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateways.common.process import BadInput
from gateways.common.telemetry import LEVELS

CONFIG_VARIABLE = "INTERWATT_CONFIG"
MAX_PORT = 65535

Source = Callable[["Option"], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One setting: `--flag`, its environment variable, its dotted key in the TOML file."""

    flag: str
    variable: str
    key: str
    help: str
    default: str = ""
    metavar: str = "TEXT"

    @property
    def dest(self) -> str:
        """The name that argparse gives it."""
        return self.flag.removeprefix("--").replace("-", "_")


ENGINE = Option(
    flag="--engine",
    variable="INTERWATT_ENGINE",
    key="engine.address",
    default="127.0.0.1:50051",
    metavar="HOST:PORT",
    help="where the engine listens",
)
KEY = Option(
    flag="--key",
    variable="INTERWATT_KEY",
    key="engine.key",
    help="key that proves who this gateway is; better given by --key-file",
)
KEY_FILE = Option(
    flag="--key-file",
    variable="INTERWATT_KEY_FILE",
    key="engine.key_file",
    metavar="FILE",
    help="file that holds the key",
)
GATEWAY_ID = Option(
    flag="--gateway-id",
    variable="INTERWATT_GATEWAY_ID",
    key="gateway.id",
    metavar="NAME",
    help="name of this process, unique among those that run; made up when absent",
)
METRICS = Option(
    flag="--metrics",
    variable="INTERWATT_METRICS",
    key="metrics.listen",
    metavar="HOST:PORT",
    help="serve Prometheus metrics here; off when absent",
)
LOG_LEVEL = Option(
    flag="--log-level",
    variable="INTERWATT_LOG_LEVEL",
    key="log.level",
    default="info",
    metavar="LEVEL",
    help="debug, info or warning",
)
OTLP = Option(
    flag="--otlp",
    variable="INTERWATT_OTLP",
    key="telemetry.otlp",
    metavar="URL",
    help="send traces to this OpenTelemetry collector; off when absent",
)
OCPP_LISTEN = Option(
    flag="--listen",
    variable="INTERWATT_OCPP_LISTEN",
    key="ocpp.listen",
    default="127.0.0.1:9000",
    metavar="HOST:PORT",
    help="where stations connect; port 0 takes a free one",
)
OCPI_LISTEN = Option(
    flag="--listen",
    variable="INTERWATT_OCPI_LISTEN",
    key="ocpi.listen",
    default="127.0.0.1:8080",
    metavar="HOST:PORT",
    help="where partners connect; port 0 takes a free one",
)
OCPI_PUBLIC_URL = Option(
    flag="--public-url",
    variable="INTERWATT_OCPI_PUBLIC_URL",
    key="ocpi.public_url",
    metavar="URL",
    help="how partners reach this gateway; http://LISTEN when absent",
)

COMMON = (ENGINE, KEY, KEY_FILE, GATEWAY_ID, METRICS, LOG_LEVEL, OTLP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, *, name: str) -> "Address":
        """Read "host:port"; `name` is the setting to blame."""
        host, colon, port = text.rpartition(":")
        if not colon or not host or not port.isdecimal() or int(port) > MAX_PORT:
            raise BadInput(f'Expected HOST:PORT for {name}, found "{text}".')
        return cls(host=host.strip("[]"), port=int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """What every gateway needs; `values` has the rest, by the flag's name, e.g. "public_url"."""

    engine: str
    key: str = field(repr=False)
    gateway_id: str
    listen: Address
    metrics: Address | None
    log_level: str
    otlp: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def read(
    *,
    program: str,
    description: str,
    epilog: str,
    listen: Option,
    options: Sequence[Option] = (),
    argv: Sequence[str],
    environ: Mapping[str, str] | None = None,
) -> GatewaySettings:
    """Read the settings of a gateway; `BadInput` says in one line what is wrong."""
    wanted = (listen, *options, *COMMON)
    flags = _parser(program, description, epilog, wanted).parse_args(argv)
    sources = _sources(flags, os.environ if environ is None else environ)
    values = {option.dest: _value(option, sources) for option in wanted}
    if values[LOG_LEVEL.dest] not in LEVELS:
        found = values[LOG_LEVEL.dest]
        raise BadInput(f'Expected debug, info or warning for --log-level, found "{found}".')
    metrics = values[METRICS.dest]
    return GatewaySettings(
        engine=str(Address.parse(values[ENGINE.dest], name=ENGINE.flag)),
        key=_key(sources),
        gateway_id=values[GATEWAY_ID.dest]
        or f"{program.rpartition(' ')[2]}-{socket.gethostname()}-{os.getpid()}",
        listen=Address.parse(values[listen.dest], name=listen.flag),
        metrics=Address.parse(metrics, name=METRICS.flag) if metrics else None,
        log_level=values[LOG_LEVEL.dest],
        otlp=values[OTLP.dest],
        values=values,
    )


def _parser(
    program: str, description: str, epilog: str, options: Sequence[Option]
) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for option in options:
        default = f" (default {option.default})" if option.default else ""
        parser.add_argument(
            option.flag,
            metavar=option.metavar,
            help=f"{option.help}{default} [{option.variable}]",
        )
    parser.add_argument(
        "--config", metavar="FILE", help=f"TOML file with settings [{CONFIG_VARIABLE}]"
    )
    return parser


def _read_file(path: str) -> Mapping[str, object]:
    if not path:
        return {}
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"Settings file {path} cannot be read: {error}.") from error


def _sources(flags: argparse.Namespace, environ: Mapping[str, str]) -> Sequence[Source]:
    """The places to look in, the strongest first."""
    file = _read_file(flags.config or environ.get(CONFIG_VARIABLE, ""))

    def from_file(option: Option) -> str | None:
        found: object = file
        for part in option.key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return None if found is None else str(found)

    return (
        lambda option: getattr(flags, option.dest),
        lambda option: environ.get(option.variable) or None,
        from_file,
    )


def _value(option: Option, sources: Sequence[Source]) -> str:
    for source in sources:
        value = source(option)
        if value is not None:
            return value
    return option.default


def _key(sources: Sequence[Source]) -> str:
    """The key itself, or what its file holds; within one source the key wins."""
    for source in sources:
        key = source(KEY)
        if key is not None:
            return key
        path = source(KEY_FILE)
        if path is not None:
            return _read_key(path)
    raise BadInput("No key for the engine: give --key-file FILE or INTERWATT_KEY_FILE.")


def _read_key(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"Key file {path} cannot be read: {error}.") from error
