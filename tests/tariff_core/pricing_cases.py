"""The pricing vectors as test cases: where they are and how to read them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[1] / "vectors" / "pricing"
FOLDERS = ("authored-hard", "ocpi-spec-worked", "ours")
TOTALS = (
    "total_cost",
    "total_cost_before_limits",
    "total_energy_cost",
    "total_time_cost",
    "total_parking_cost",
    "total_reservation_time_cost",
    "total_fixed_cost",
)
BILLED = ("billed_energy_wh", "billed_time_s", "billed_parking_s", "billed_reservation_s")


@dataclass(frozen=True)
class Case:
    """One folder: what goes in, as text, and what must come out."""

    name: str
    cdr: str
    tariffs: str
    expected: dict[str, Any]

    @property
    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of `price` for this case."""
        return {
            "time_zone": self.expected["time_zone"],
            "policy": self.expected["policy"],
            "reservation": "expired" if self.expected["reservation_expired"] else "used",
        }


def load_cases() -> list[Case]:
    """Read every folder that has an expected.json, in a fixed order."""
    found = (path for name in FOLDERS for path in sorted((VECTORS / name).glob("*/expected.json")))
    return [_case(path.parent) for path in found]


def _case(folder: Path) -> Case:
    expected = json.loads((folder / "expected.json").read_text())
    files = [folder / name for name in expected["tariff_files"]]
    return Case(folder.name, (folder / "cdr.json").read_text(), joined(files), expected)


def joined(files: list[Path]) -> str:
    """Join files of one tariff or of a list of them into one list, their text unchanged."""
    texts = [path.read_text().strip() for path in files]
    return f"[{','.join(t[1:-1] if t.startswith('[') else t for t in texts)}]"


def write(value: Any) -> str:
    """Write JSON; a Fraction becomes a decimal, never a float."""
    if isinstance(value, dict):
        return f"{{{','.join(f'{write(k)}:{write(v)}' for k, v in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(write, value))}]"
    return decimal(value) if isinstance(value, Fraction) else json.dumps(value)


def decimal(value: Fraction, places: int = 12) -> str:
    """Write a fraction as a decimal, cut (not rounded) after `places` digits."""
    scaled = abs(value.numerator) * 10**places // value.denominator
    whole, digits = divmod(scaled, 10**places)
    tail = str(digits).rjust(places, "0").rstrip("0")
    sign = "-" if value < 0 and scaled else ""
    return f"{sign}{whole}.{tail}" if tail else f"{sign}{whole}"


def differences(expected: dict[str, Any], report: dict[str, Any]) -> list[str]:
    """Return what a report gets wrong: totals at 4 decimals, quantities, warnings, errors."""
    wrong = []
    if report["status"] != expected["status"]:
        return [f"status: expected {expected['status']}, got {report['status']} {report['error']}"]
    if expected["status"] == "error":
        same = report["error"] == expected["error"]
        return [] if same else [f"error: expected {expected['error']}, got {report['error']}"]
    for name in TOTALS:
        wanted = expected[name] and {k: expected[name][k] for k in ("excl_vat", "incl_vat")}
        if report[name] != wanted:
            wrong.append(f"{name}: expected {wanted}, got {report[name]}")
    for name in BILLED:
        if Fraction(report[name]) != Fraction(expected[name]):
            wrong.append(f"{name}: expected {expected[name]}, got {report[name]}")
    if set(report["warnings"]) != set(expected["warnings"]):
        wrong.append(f"warnings: expected {expected['warnings']}, got {report['warnings']}")
    return wrong


def comparable(report: dict[str, Any]) -> dict[str, Any]:
    """Return what two engines must agree on."""
    if report["status"] == "error":
        return {"status": "error", "error": report["error"]}
    return {
        "status": report["status"],
        "currency": report["currency"],
        **{name: report[name] for name in TOTALS},
        **{name: Fraction(report[name]) for name in BILLED},
        "warnings": set(report["warnings"]),
    }
