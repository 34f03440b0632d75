"""What Sunrise owns: who it is, its drivers' cards, its one station and its tariff."""

from __future__ import annotations

from pathlib import Path

from tests.demo.partner.wire import Json, decode

COUNTRY = "NL"
PARTY = "SUN"
TIME_ZONE = "Europe/Amsterdam"
_SINCE = "2026-01-01T00:00:00Z"
_TARIFF = Path(__file__).parents[1] / "tariffs" / "sunrise.json"


def roles() -> list[Json]:
    """Return its roles as they stand in Credentials."""
    details = {"name": "Sunrise Mobility (demo)"}
    return [
        {"role": role, "business_details": details, "party_id": PARTY, "country_code": COUNTRY}
        for role in ("EMSP", "CPO")
    ]


def tokens() -> list[Json]:
    """Return its drivers' cards: one it must be asked about and one it has blocked."""
    return [_token("SUN-CARD-1", "NL-SUN-C00000001-1"), _token("SUN-CARD-2", "NL-SUN-C00000002-2")]


BLOCKED = {"SUN-CARD-2"}


def _token(uid: str, contract: str) -> Json:
    return {
        "country_code": COUNTRY,
        "party_id": PARTY,
        "uid": uid,
        "type": "RFID",
        "contract_id": contract,
        "issuer": "Sunrise Mobility (demo)",
        "valid": True,
        "whitelist": "NEVER",
        "last_updated": _SINCE,
    }


def locations() -> list[Json]:
    """Return its one location."""
    return [
        {
            "country_code": COUNTRY,
            "party_id": PARTY,
            "id": "SUN-HAVEN",
            "publish": True,
            "name": "Sunrise Haven (demo)",
            "address": "Havenkade 12",
            "city": "Rotterdam",
            "postal_code": "3011AA",
            "country": "NLD",
            "coordinates": {"latitude": "51.916700", "longitude": "4.500000"},
            "time_zone": TIME_ZONE,
            "evses": [evse()],
            "last_updated": _SINCE,
        }
    ]


def evse() -> Json:
    """Return its one EVSE."""
    return {
        "uid": "SUN-HAVEN-1",
        "evse_id": "NL*SUN*E0001",
        "status": "AVAILABLE",
        "capabilities": ["REMOTE_START_STOP_CAPABLE", "RFID_READER"],
        "connectors": [
            {
                "id": "1",
                "standard": "IEC_62196_T2_COMBO",
                "format": "CABLE",
                "power_type": "DC",
                "max_voltage": 400,
                "max_amperage": 125,
                "tariff_ids": ["SUN-FAST"],
                "last_updated": _SINCE,
            }
        ],
        "last_updated": _SINCE,
    }


def tariffs() -> list[Json]:
    """Return its one tariff."""
    tariff: Json = decode(_TARIFF.read_bytes())
    return [tariff]
