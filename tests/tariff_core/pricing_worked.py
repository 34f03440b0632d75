"""The worked prices of the specification, laid out in time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import reference
from pricing_cases import VECTORS
from reference import documents

BERLIN = ZoneInfo("Europe/Berlin")
WORKED = json.loads((VECTORS / "ocpi-examples" / "worked-prices.json").read_text())["cases"]


def tariff_files(worked: dict[str, Any], version: str) -> list[Any]:
    """Return the specification's tariff of a case."""
    return [VECTORS / "ocpi-spec-tariffs" / version / worked["tariff_file"]]


def stretches_of(worked: dict[str, Any]) -> list[reference.Stretch]:
    """Lay the segments of a worked price out in time; a reservation comes before the start."""
    at = datetime.fromisoformat(worked["start_local"]).replace(tzinfo=BERLIN)
    at = at.astimezone(UTC)
    stretches = []
    if "reservation" in worked:
        length = timedelta(minutes=worked["reservation"]["minutes"])
        stretches.append(reference.Stretch(at - length, at, "reserved"))
    for segment in worked["segments"]:
        end = at + timedelta(minutes=segment["minutes"])
        readings = {
            f"{side}_{quantity.upper()}": Fraction(segment[quantity])
            for quantity in ("current", "power")
            for side in ("MIN", "MAX")
            if quantity in segment
        }
        state = {"charge": "charging", "park": "parking"}[segment["kind"]]
        kwh = Fraction(segment.get("kwh", "0"))
        stretches.append(reference.Stretch(at, end, state, kwh, readings))
        at = end
    return stretches


def cdr_of(session: documents.Session) -> dict[str, Any]:
    """Write a session as a CDR document."""
    return {
        "start_date_time": timestamp(session.start),
        "end_date_time": None if session.end is None else timestamp(session.end),
        "currency": session.currency,
        "charging_periods": [
            {
                "start_date_time": timestamp(period.start),
                "dimensions": [
                    {"type": name, "volume": volume} for name, volume in period.volumes.items()
                ],
            }
            for period in session.periods
        ],
    }


def timestamp(at: datetime) -> str:
    """Write an instant as OCPI does."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
