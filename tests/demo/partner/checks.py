"""Sunrise's own reading of OCPI 2.2.1: what an object must have. Written from the specification,
for what it is sent.

A breach is not refused, because a partner must be tolerant; it is remembered as a complaint, and a
test that plays a charge expects none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from tests.demo.partner.wire import Json

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")
_PRICE = {"excl_vat": "number"}
_OWNED = {"country_code": 2, "party_id": 3}

# Field -> greatest length of a text, or "time", "number", "flag", a shape, or a list of a shape.
SHAPES: dict[str, dict[str, object]] = {
    "CdrToken": {**_OWNED, "uid": 36, "type": 14, "contract_id": 36},
    "ChargingPeriod": {"start_date_time": "time", "dimensions": ["Dimension"]},
    "Dimension": {"type": 16, "volume": "number"},
    "Session": {
        **_OWNED,
        "id": 36,
        "start_date_time": "time",
        "kwh": "number",
        "cdr_token": "CdrToken",
        "auth_method": 12,
        "location_id": 36,
        "evse_uid": 36,
        "connector_id": 36,
        "currency": 3,
        "status": 11,
        "last_updated": "time",
    },
    "CDR": {
        **_OWNED,
        "id": 39,
        "start_date_time": "time",
        "end_date_time": "time",
        "cdr_token": "CdrToken",
        "auth_method": 12,
        "cdr_location": "CdrLocation",
        "currency": 3,
        "charging_periods": ["ChargingPeriod"],
        "total_cost": _PRICE,
        "total_energy": "number",
        "total_time": "number",
        "last_updated": "time",
    },
    "CdrLocation": {
        "id": 36,
        "address": 45,
        "city": 45,
        "country": 3,
        "coordinates": {"latitude": 10, "longitude": 11},
        "evse_uid": 36,
        "evse_id": 48,
        "connector_id": 36,
        "connector_standard": 30,
        "connector_format": 6,
        "connector_power_type": 16,
    },
    "Token": {
        **_OWNED,
        "uid": 36,
        "type": 14,
        "contract_id": 36,
        "issuer": 64,
        "valid": "flag",
        "whitelist": 15,
        "last_updated": "time",
    },
    "Location": {
        **_OWNED,
        "id": 36,
        "publish": "flag",
        "address": 45,
        "city": 45,
        "country": 3,
        "coordinates": {"latitude": 10, "longitude": 11},
        "time_zone": 255,
        "last_updated": "time",
    },
    "EVSE": {"uid": 36, "status": 12, "connectors": ["Connector"], "last_updated": "time"},
    "Connector": {
        "id": 36,
        "standard": 30,
        "format": 6,
        "power_type": 16,
        "max_voltage": "number",
        "max_amperage": "number",
        "last_updated": "time",
    },
    "Tariff": {**_OWNED, "id": 36, "currency": 3, "elements": ["Element"], "last_updated": "time"},
    "Element": {"price_components": ["Component"]},
    "Component": {"type": 12, "price": "number", "step_size": "number"},
}

# Where an optional list of a kind is there, its members are checked too.
OPTIONAL: dict[str, dict[str, object]] = {
    "Session": {"charging_periods": ["ChargingPeriod"], "end_date_time": "time"},
    "Location": {"evses": ["EVSE"]},
    "CDR": {"tariffs": ["Tariff"], "total_energy_cost": _PRICE, "total_parking_time": "number"},
}


def breaches(kind: str, value: Json, *, partial: bool = False) -> list[str]:
    """List what is wrong with an object; a partial one (PATCH) may leave fields out."""
    return list(_object(kind, SHAPES[kind], OPTIONAL.get(kind, {}), value, partial))


def _object(
    path: str, shape: dict[str, object], optional: dict[str, object], value: Json, partial: bool
) -> Iterator[str]:
    for name, rule in {**shape, **optional}.items():
        if name in value:
            yield from _field(f"{path}.{name}", rule, value[name])
        elif name in shape and not partial:
            yield f"{path}.{name} is missing"
    for name, found in value.items():
        if found is None:
            yield f"{path}.{name} is null"


def _field(path: str, rule: object, value: object) -> Iterator[str]:
    if isinstance(rule, list):
        if not isinstance(value, list) or not value:
            yield f"{path} is not a list with members"
            return
        for index, member in enumerate(value):
            yield from _field(f"{path}[{index}]", rule[0], member)
    elif isinstance(rule, dict) or rule in SHAPES:
        shape = rule if isinstance(rule, dict) else SHAPES[str(rule)]
        if not isinstance(value, dict):
            yield f"{path} is not an object"
            return
        yield from _object(path, shape, {}, value, False)
    elif (complaint := _scalar(rule, value)) is not None:
        yield f"{path} {complaint}: {value!r}"


def _scalar(rule: object, value: object) -> str | None:
    if rule == "flag":
        return None if isinstance(value, bool) else "is not true or false"
    if rule == "number":
        return _number(value)
    if not isinstance(value, str):
        return "is not text"
    if rule == "time":
        fits = len(value) <= 25 and _TIME.fullmatch(value)
        return None if fits else "is not a DateTime of at most 25 characters in UTC"
    assert isinstance(rule, int)
    return None if len(value) <= rule else f"is longer than {rule}"


def _number(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return "is not a number"
    if isinstance(value, Decimal) and -int(value.as_tuple().exponent) > 4:
        return "has more than four decimals"
    return None
