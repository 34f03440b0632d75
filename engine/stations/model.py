"""Stations."""

from __future__ import annotations

import re

import msgspec

from engine.kernel.outcome import require
from engine.locations.model import EvseStatus

_ID = re.compile(r"[^\x00-\x1f\x7f:/]{1,48}")


class Connector(msgspec.Struct, frozen=True):
    """Which EVSE and connector of the location a connector number of the station is."""

    number: int
    evse_uid: str
    connector_id: str


class Settings(msgspec.Struct, frozen=True):
    """How a station is spoken to; 0 means the default. See
    `interwatt.stations.v1.StationSettings`."""

    security_profile: int = 1
    heartbeat_interval_seconds: int = 0
    ping_interval_seconds: int = 0
    ping_disabled: bool = False
    subprotocol_optional: bool = False


class Boot(msgspec.Struct, frozen=True):
    """What a station said of itself."""

    vendor: str
    model: str
    serial_number: str
    firmware_version: str
    received_us: int


class Station(msgspec.Struct, frozen=True):
    """One station.

    Attributes:
        password_hash: see `engine.stations.passwords`; "" where none was needed yet.
        generation: counts its connections.
        gateway_id: who holds it; "" while it is offline.
    """

    id: str
    location_id: str
    connectors_json: str
    settings_json: str
    password_hash: str
    boot_json: str
    online: bool
    generation: int
    gateway_id: str
    online_changed_us: int
    created_us: int

    def connectors(self) -> list[Connector]:
        return msgspec.json.decode(self.connectors_json, type=list[Connector])

    def connector(self, number: int) -> Connector | None:
        return next((c for c in self.connectors() if c.number == number), None)

    def settings(self) -> Settings:
        return msgspec.json.decode(self.settings_json, type=Settings)

    def boot(self) -> Boot | None:
        return msgspec.json.decode(self.boot_json, type=Boot) if self.boot_json else None


class ConnectorStatus(msgspec.Struct, frozen=True):
    """The last status of one connector, as the station named it."""

    key: str
    station_id: str
    connector_number: int
    status: str
    error_code: str
    at_us: int


class StatusLogged(msgspec.Struct, frozen=True):
    """One status in the log."""

    station_id: str
    connector_number: int
    at_us: int
    status: str


_EVSE_STATUS = {
    "Available": EvseStatus.AVAILABLE,
    "Preparing": EvseStatus.BLOCKED,
    "Charging": EvseStatus.CHARGING,
    "SuspendedEV": EvseStatus.CHARGING,
    "SuspendedEVSE": EvseStatus.CHARGING,
    "Finishing": EvseStatus.BLOCKED,
    "Occupied": EvseStatus.CHARGING,
    "Reserved": EvseStatus.RESERVED,
    "Unavailable": EvseStatus.INOPERATIVE,
    "Faulted": EvseStatus.OUT_OF_ORDER,
}


def evse_status(status: str) -> EvseStatus:
    """Return what a station's own word means for drivers."""
    return _EVSE_STATUS.get(status, EvseStatus.UNKNOWN)


def status_key(station_id: str, connector_number: int) -> str:
    return f"{station_id}/{connector_number}"


def check_id(id_: str) -> str:
    require(
        _ID.fullmatch(id_),
        "station.id",
        'at most 48 characters without ":", "/" or control characters',
    )
    return id_
