"""Documents to start with: a tariff and a location, written when the platform first starts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.kernel.party import Role, split_party
from engine.settings import Settings


def examples_dir(settings: Settings) -> Path:
    """Return the folder of the examples; it is there once the platform has started."""
    return settings.data_dir / "examples"


def write_examples(settings: Settings) -> tuple[Path, Path]:
    """Write an OCPI Location and an OCPI Tariff of our CPO; returns their files."""
    parties = [party for party in settings.parties if Role.CPO in party.roles] or settings.parties
    country_code, party_id = split_party(parties[0].key)
    owner = {"country_code": country_code, "party_id": party_id}
    folder = examples_dir(settings)
    folder.mkdir(parents=True, exist_ok=True)
    return (
        _write(folder / "location.json", owner | _location(country_code, party_id)),
        _write(folder / "tariff.json", owner | _tariff()),
    )


def _write(path: Path, document: dict[str, Any]) -> Path:
    changed = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    path.write_text(json.dumps(document | {"last_updated": changed}, indent=2) + "\n")
    return path


def _location(country_code: str, party_id: str) -> dict[str, Any]:
    def evse(number: int) -> dict[str, Any]:
        return {
            "uid": f"E{number}",
            "evse_id": f"{country_code}*{party_id}*E00000{number}",
            "status": "AVAILABLE",
            "connectors": [
                {
                    "id": "1",
                    "standard": "IEC_62196_T2",
                    "format": "SOCKET",
                    "power_type": "AC_3_PHASE",
                    "max_voltage": 230,
                    "max_amperage": 32,
                    "tariff_ids": ["EVENING"],
                }
            ],
        }

    return {
        "id": "LOC1",
        "name": "Station square",
        "address": "Stationsplein 1",
        "city": "Amsterdam",
        "postal_code": "1012AB",
        "country": "NLD",
        "coordinates": {"latitude": "52.378900", "longitude": "4.900500"},
        "time_zone": "Europe/Amsterdam",
        "publish": True,
        "evses": [evse(1), evse(2)],
    }


def _tariff() -> dict[str, Any]:
    def energy(price: float) -> list[dict[str, Any]]:
        return [{"type": "ENERGY", "price": price, "vat": 21.0, "step_size": 1}]

    return {
        "id": "EVENING",
        "currency": "EUR",
        "elements": [
            {
                "price_components": energy(0.39),
                "restrictions": {"start_time": "17:00", "end_time": "21:00"},
            },
            {"price_components": energy(0.28)},
            {
                "price_components": [
                    {"type": "PARKING_TIME", "price": 2.4, "vat": 21.0, "step_size": 60}
                ]
            },
        ],
    }
