"""Locations and what is in them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

from engine.kernel.party import PartyKey, ci


class EvseStatus(StrEnum):
    """See `interwatt.locations.v1.Evse.Status`."""

    AVAILABLE = "AVAILABLE"
    BLOCKED = "BLOCKED"
    CHARGING = "CHARGING"
    INOPERATIVE = "INOPERATIVE"
    OUT_OF_ORDER = "OUT_OF_ORDER"
    PLANNED = "PLANNED"
    REMOVED = "REMOVED"
    RESERVED = "RESERVED"
    UNKNOWN = "UNKNOWN"


_PHASES = {"AC_2_PHASE": 2, "AC_2_PHASE_SPLIT": 2, "AC_3_PHASE": 3}


class Connector(msgspec.Struct, frozen=True):
    """A plug or socket; volt, ampere a phase, watt."""

    id: str
    standard: str
    format: str
    power_type: str
    max_voltage: int
    max_amperage: int
    max_electric_power: int
    tariff_ids: list[str]

    @property
    def power_w(self) -> int:
        """The most it can give: as said, or as volt and ampere allow when that is more."""
        phases = _PHASES.get(self.power_type, 1)
        return max(self.max_electric_power, self.max_voltage * self.max_amperage * phases)


class Evse(msgspec.Struct, frozen=True):
    """Charges one vehicle at a time."""

    uid: str
    evse_id: str
    status: str
    connectors: list[Connector]
    last_updated_us: int

    def connector(self, connector_id: str) -> Connector | None:
        return next((c for c in self.connectors if ci(c.id) == ci(connector_id)), None)


class Location(msgspec.Struct, frozen=True):
    """A site. `partner_id` is "" for ours; `document` is what the partner sent."""

    key: str
    owner: str
    id: str
    name: str
    address: str
    city: str
    postal_code: str
    country: str
    latitude: str
    longitude: str
    time_zone: str
    publish: bool
    evses_json: str
    last_updated_us: int
    partner_id: str
    document: bytes
    version: int
    created_us: int

    def evses(self) -> list[Evse]:
        return msgspec.json.decode(self.evses_json, type=list[Evse])

    def evse(self, uid: str) -> Evse | None:
        return next((evse for evse in self.evses() if ci(evse.uid) == ci(uid)), None)

    def connector(self, evse_uid: str, connector_id: str) -> Connector | None:
        evse = self.evse(evse_uid)
        return evse.connector(connector_id) if evse is not None else None


def location_key(owner: PartyKey, id_: str) -> str:
    return f"{owner}/{ci(id_)}"


def encode_evses(evses: list[Evse]) -> str:
    return msgspec.json.encode(evses).decode()


def change_evse(location: Location, uid: str, change: Callable[[Evse], Evse]) -> Location:
    """Return the location with one EVSE changed, renewed as of that EVSE."""
    evses = [change(evse) if ci(evse.uid) == ci(uid) else evse for evse in location.evses()]
    newest = max((evse.last_updated_us for evse in evses), default=0)
    return msgspec.structs.replace(
        location,
        evses_json=encode_evses(evses),
        last_updated_us=max(newest, location.last_updated_us),
        version=location.version + 1,
    )
