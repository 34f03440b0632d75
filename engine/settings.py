"""Settings of the engine and of the command line.

A flag wins over the environment, which wins over the TOML file, which wins over the default. This
is the engine's only place that reads the environment. Defaults are safe on one machine: everything
is on loopback.

```toml
[engine]
data = "/var/lib/interwatt"
database = "postgresql://interwatt@db/interwatt"
listen = "127.0.0.1:50051"
metrics = "127.0.0.1:9101"

[events]
nats = "nats://nats:4222"

[telemetry]
otlp = "http://127.0.0.1:4318"

[retention]
event_days = 30
request_id_days = 90

[platform]
name = "Interwatt"
parties = ["NL-IWT:CPO", "NL-IWD:EMSP"]
```
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.kernel.party import PartyKey, Role, parse_party

CONFIG_VARIABLE = "INTERWATT_CONFIG"
DEFAULT_DATA = "interwatt-data"
DEFAULT_ENGINE = "127.0.0.1:50051"
DEFAULT_PARTY = "NL-IWT"
LOG_LEVELS = ("debug", "info", "warning")

# What a settings file may hold, by section. The gateways read the same file.
KEYS: Mapping[str, frozenset[str]] = {
    "engine": frozenset({"address", "data", "database", "key", "key_file", "listen", "metrics"}),
    "events": frozenset({"nats"}),
    "gateway": frozenset({"id"}),
    "log": frozenset({"level"}),
    "metrics": frozenset({"listen"}),
    "ocpi": frozenset({"listen", "public_url"}),
    "ocpp": frozenset({"listen"}),
    "platform": frozenset({"name", "parties"}),
    "retention": frozenset({"event_days", "request_id_days"}),
    "telemetry": frozenset({"otlp"}),
}

_DEFAULT_ROLES = (Role.CPO, Role.EMSP)
_MAX_PORT = 65_535


class BadSettings(Exception):
    """A setting cannot be used; the text is one line for the person who made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OurParty:
    """A party that this platform speaks for, and what it does."""

    key: PartyKey
    roles: tuple[Role, ...]

    @classmethod
    def parse(cls, text: str) -> OurParty:
        """Read `"NL-IWT"` (CPO and EMSP) or `"NL-IWT:CPO+NSP"`.

        Raises:
            BadSettings: it has another shape.
        """
        name, _, roles = text.partition(":")
        try:
            chosen = (
                tuple(Role(role) for role in roles.upper().split("+")) if roles else _DEFAULT_ROLES
            )
            return cls(key=parse_party(name), roles=chosen)
        except ValueError as error:
            raise BadSettings(
                f'Expected a party such as "NL-IWT" or "NL-IWT:CPO+EMSP", found "{text}".'
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the engine needs to know.

    Attributes:
        data_dir: holds the SQLite database and the key files.
        database_url: `sqlite:///FILE` or `postgresql://...`.
        listen: where gRPC is served, `host:port`; port 0 takes a free one.
        metrics_listen: where Prometheus metrics are served; empty for nowhere.
        parties: whom this platform speaks for; the first is the one meant where nothing is said.
        platform_name: business name shown to partners.
        log_level: one of `LOG_LEVELS`.
        nats_url: where events are published, besides; empty for nowhere. May hold a password.
        otlp: OpenTelemetry collector that takes OTLP/HTTP; empty for no traces.
        event_days: how long events are kept at least; 0 for ever.
        request_id_days: how long a repeated write is recognised at least; 0 for ever.
    """

    data_dir: Path
    database_url: str
    listen: str
    metrics_listen: str
    parties: tuple[OurParty, ...]
    platform_name: str
    log_level: str
    nats_url: str = field(default="", repr=False)
    otlp: str = ""
    event_days: int = 30
    request_id_days: int = 90

    @property
    def keys_dir(self) -> Path:
        """Where the key files are."""
        return self.data_dir / "keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What was said on the command line of the engine; nothing where nothing was said."""

    data: str | None = None
    database: str | None = None
    listen: str | None = None
    metrics: str | None = None
    parties: Sequence[str] | None = None
    platform_name: str | None = None
    log_level: str | None = None
    nats: str | None = None
    otlp: str | None = None
    event_days: str | None = None
    request_id_days: str | None = None
    config: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """Where the engine is, and the key that says who calls."""

    engine: str
    key: str = field(repr=False)


def read(flags: Flags, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of the engine.

    Raises:
        BadSettings: one of them cannot be used.
    """
    look = _Lookup(os.environ if environ is None else environ, flags.config)
    data = Path(look.text(flags.data, "INTERWATT_DATA", "engine.data", DEFAULT_DATA)).absolute()
    level = look.text(flags.log_level, "INTERWATT_LOG_LEVEL", "log.level", "info")
    if level not in LOG_LEVELS:
        raise BadSettings(f'Expected {", ".join(LOG_LEVELS)} for the log level, found "{level}".')
    metrics = look.text(flags.metrics, "INTERWATT_ENGINE_METRICS", "engine.metrics", "")
    parties = look.texts(flags.parties, "INTERWATT_PARTIES", "platform.parties", (DEFAULT_PARTY,))
    return Settings(
        data_dir=data,
        database_url=look.text(
            flags.database,
            "INTERWATT_DATABASE",
            "engine.database",
            f"sqlite:///{data / 'interwatt.db'}",
        ),
        listen=check_address(
            look.text(flags.listen, "INTERWATT_ENGINE_LISTEN", "engine.listen", DEFAULT_ENGINE),
            "--listen",
        ),
        metrics_listen=check_address(metrics, "--metrics") if metrics else "",
        parties=tuple(OurParty.parse(party) for party in parties),
        platform_name=look.text(
            flags.platform_name, "INTERWATT_PLATFORM_NAME", "platform.name", "Interwatt"
        ),
        log_level=level,
        nats_url=look.text(flags.nats, "INTERWATT_NATS", "events.nats", ""),
        otlp=look.text(flags.otlp, "INTERWATT_OTLP", "telemetry.otlp", ""),
        event_days=look.number(
            flags.event_days, "INTERWATT_EVENT_DAYS", "retention.event_days", 30
        ),
        request_id_days=look.number(
            flags.request_id_days, "INTERWATT_REQUEST_ID_DAYS", "retention.request_id_days", 90
        ),
    )


def read_client(
    *,
    engine: str | None = None,
    key: str | None = None,
    key_file: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> ClientSettings:
    """Read what the command line needs to call the engine.

    Raises:
        BadSettings: no key was given and the admin's key file is not there.
    """
    environ = os.environ if environ is None else environ
    look = _Lookup(environ, None)
    address = look.text(engine, "INTERWATT_ENGINE", "engine.address", DEFAULT_ENGINE)
    data = look.text(None, "INTERWATT_DATA", "engine.data", DEFAULT_DATA)
    found = key or ("" if key_file else environ.get("INTERWATT_KEY", ""))
    if not found:
        admin = Path(data) / "keys" / "admin.key"
        found = _read_key(Path(key_file or environ.get("INTERWATT_KEY_FILE") or admin))
    return ClientSettings(engine=check_address(address, "--engine"), key=found)


def check_address(text: str, name: str) -> str:
    """Return `text` when it is `host:port`.

    Raises:
        BadSettings: it is not.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > _MAX_PORT:
        raise BadSettings(f'Expected HOST:PORT for {name}, found "{text}".')
    return text


def _read_key(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise BadSettings(
            f"No key: {path} is not there. Start the engine first (interwatt up), stand in the "
            f"folder where it was started, or give --key-file FILE."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"Key file {path} cannot be read: {error}.") from error


class _Lookup:
    """Finds a setting in the strongest place that has it."""

    def __init__(self, environ: Mapping[str, str], config: str | None) -> None:
        self._environ = environ
        self._file = _read_toml(config or environ.get(CONFIG_VARIABLE, ""))

    def text(self, flag: str | None, variable: str, key: str, default: str) -> str:
        if flag is not None:
            return flag
        if self._environ.get(variable):
            return self._environ[variable]
        found = self._in_file(key)
        return default if found is None else str(found)

    def number(self, flag: str | None, variable: str, key: str, default: int) -> int:
        found = self.text(flag, variable, key, str(default))
        if not found.isdecimal():
            raise BadSettings(f'Expected a whole number for {key}, found "{found}".')
        return int(found)

    def texts(
        self, flag: Sequence[str] | None, variable: str, key: str, default: Sequence[str]
    ) -> Sequence[str]:
        """Find a list: commas part it in the environment."""
        if flag:
            return flag
        if self._environ.get(variable):
            return [part.strip() for part in self._environ[variable].split(",") if part.strip()]
        found = self._in_file(key)
        if found is None:
            return default
        if not isinstance(found, list) or not found:
            raise BadSettings(f"Expected a list of texts for {key} in the settings file.")
        return [str(part) for part in found]

    def _in_file(self, key: str) -> object:
        found: object = self._file
        for part in key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found


def _read_toml(path: str) -> Mapping[str, object]:
    if not path:
        return {}
    try:
        found = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSettings(f"Settings file {path} cannot be read: {error}.") from error
    for section, values in found.items():
        if section not in KEYS or not isinstance(values, Mapping):
            known = ", ".join(f"[{name}]" for name in KEYS)
            raise BadSettings(f"Settings file {path} has {section!r}; expected {known}.")
        unknown = sorted(values.keys() - KEYS[section])
        if unknown:
            known = ", ".join(sorted(KEYS[section]))
            raise BadSettings(
                f"Settings file {path} has {unknown[0]!r} in [{section}]; expected {known}."
            )
    return found
