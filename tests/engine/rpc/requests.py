"""A request that works for every method, in the order in which a platform comes to life."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from tests.engine.rpc.running import METHODS, Caller, find, message_class

OURS = {"country_code": "NL", "party_id": "IWT"}
THEIRS = {"country_code": "DE", "party_id": "SUN"}
PASSWORD = "a password of station one"
STATION = "CS-1"
PARTNER = "sun"

_numbers = count(1)


def request_id() -> str:
    return f"request-{next(_numbers):08}"


def at(text: str) -> Timestamp:
    stamp = Timestamp()
    stamp.FromJsonString(text)
    return stamp


JANUARY = at("2026-01-01T00:00:00Z")
TARIFF = json.dumps(
    {
        "country_code": "NL",
        "party_id": "IWT",
        "id": "T1",
        "currency": "EUR",
        "elements": [
            {"price_components": [{"type": "ENERGY", "price": 0.35, "vat": 21, "step_size": 1}]}
        ],
        "last_updated": "2026-01-01T00:00:00Z",
    }
).encode()
CDR = json.dumps(
    {
        "start_date_time": "2026-11-20T10:00:00Z",
        "end_date_time": "2026-11-20T11:00:00Z",
        "currency": "EUR",
        "charging_periods": [
            {
                "start_date_time": "2026-11-20T10:00:00Z",
                "dimensions": [{"type": "ENERGY", "volume": 10}],
            }
        ],
        "total_energy": 10,
        "total_time": 1,
    }
).encode()


def _location() -> dict[str, Any]:
    connector = {
        "id": "1",
        "standard": "IEC_62196_T2",
        "format": "SOCKET",
        "power_type": "AC_3_PHASE",
        "max_voltage": 400,
        "max_amperage": 32,
        "tariff_ids": ["T1"],
    }
    evse = {
        "uid": "E1",
        "evse_id": "NL*IWT*E1",
        "status": "STATUS_AVAILABLE",
        "connectors": [connector],
        "last_updated": JANUARY,
    }
    return {
        "owner": OURS,
        "id": "LOC1",
        "name": "Station square",
        "address": "Stationsplein 1",
        "city": "Utrecht",
        "postal_code": "3511ED",
        "country": "NLD",
        "latitude": "52.089",
        "longitude": "5.110",
        "time_zone": "Europe/Amsterdam",
        "publish": True,
        "evses": [evse],
        "last_updated": JANUARY,
    }


def _token() -> dict[str, Any]:
    return {
        "owner": OURS,
        "uid": "CARD1",
        "type": "TOKEN_TYPE_RFID",
        "contract_id": "NL-IWT-C1",
        "issuer": "Interwatt",
        "valid": True,
        "whitelist": "WHITELIST_ALLOWED",
        "language": "nl",
        "last_updated": JANUARY,
    }


def _registration() -> dict[str, Any]:
    return {
        "request_id": request_id(),
        "partner_id": PARTNER,
        "their_token": "their-token",
        "versions_url": "https://sun.example/versions",
        "ocpi_version": "2.2.1",
        "endpoints": [
            {"module": module, "interface_role": role, "url": f"https://sun.example/{module}"}
            for module in ("tokens", "sessions", "cdrs", "locations", "tariffs")
            for role in ("SENDER", "RECEIVER")
        ],
        "parties": [{"party": THEIRS, "role": role, "name": "Sun"} for role in (1, 2)],
    }


def _readings(text: str, mwh: int) -> list[dict[str, Any]]:
    sample = {"measurand": "Energy.Active.Import.Register", "value_milli": mwh}
    return [{"at": at(text), "samples": [sample]}]


def _start() -> dict[str, Any]:
    return {
        "request_id": request_id(),
        "station_id": STATION,
        "generation": 1,
        "connector_number": 1,
        "token_uid": "card1",
        "started_at": at("2026-11-20T10:00:00Z"),
        "meter_start_mwh": 1_000_000,
    }


def _stop() -> dict[str, Any]:
    return {
        "request_id": request_id(),
        "station_id": STATION,
        "transaction_id": 1,
        "stopped_at": at("2026-11-20T11:00:00Z"),
        "meter_stop_mwh": 11_000_000,
        "reason": "Local",
        "token_uid": "CARD1",
        "readings": _readings("2026-11-20T10:59:00Z", 10_900_000),
    }


def _partner_session() -> dict[str, Any]:
    return {
        "owner": THEIRS,
        "id": "S-1",
        "state": "STATE_ACTIVE",
        "location_id": "L-1",
        "evse_uid": "E-1",
        "connector_id": "1",
        "token": {"owner": OURS, "uid": "CARD1", "contract_id": "NL-IWT-C1"},
        "started_at": at("2026-11-20T10:00:00Z"),
        "energy_mwh": 5_000_000,
        "currency": "EUR",
        "cost": {"excl_vat": {"currency": "EUR", "amount_e4": 25_000}},
        "last_updated": at("2026-11-20T10:30:00Z"),
        "charging_periods": [
            {
                "start_at": at("2026-11-20T10:00:00Z"),
                "dimensions": [{"type": "ENERGY", "volume": "5.0"}],
            }
        ],
    }


def _cdr() -> dict[str, Any]:
    return {
        "owner": THEIRS,
        "id": "CDR-1",
        "session_id": "S-1",
        "started_at": at("2026-11-20T10:00:00Z"),
        "ended_at": at("2026-11-20T11:00:00Z"),
        "token": {"owner": OURS, "uid": "CARD1", "contract_id": "NL-IWT-C1"},
        "location": {
            "id": "L-1",
            "address": "Ring 1",
            "city": "Berlin",
            "country": "DEU",
            "evse_uid": "E-1",
            "connector_id": "1",
            "time_zone": "Europe/Berlin",
        },
        "currency": "EUR",
        "charging_periods": _partner_session()["charging_periods"],
        "total_cost": {
            "excl_vat": {"currency": "EUR", "amount_e4": 25_000},
            "incl_vat": {"currency": "EUR", "amount_e4": 29_750},
        },
        "total_energy_mwh": 5_000_000,
        "total_time_seconds": 3_600,
        "last_updated": at("2026-11-20T11:01:00Z"),
        "document": b"{}",
    }


def _delivery() -> dict[str, Any]:
    return {
        "partner_id": PARTNER,
        "module": "locations",
        "owner": OURS,
        "object_id": "LOC1",
        "version": 1,
    }


def _items(make: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    return lambda: {"items": [make()]}


def _with_id(**fields: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {"request_id": request_id()} | fields


_MAKE: dict[str, Callable[[], dict[str, Any]]] = {
    "CreateCaller": lambda: {"name": f"caller-{next(_numbers):08}", "role": "CALLER_ROLE_SERVICE"},
    "RotateCallerKey": lambda: {"name": "ocpp-gateway", "grace_seconds": 60},
    "RevokeCaller": lambda: {"name": "ocpi-gateway"},
    "ListCallers": dict,
    "GetOurParties": dict,
    "CreatePartner": lambda: {"request_id": request_id(), "id": f"partner-{next(_numbers):08}"},
    "AuthenticatePartner": lambda: {"token_candidates": ["a", "b"]},
    "RegisterPartner": _registration,
    "GetPartnerConnection": lambda: {"partner_id": PARTNER},
    "GetPartner": lambda: {"partner_id": PARTNER},
    "ListPartners": lambda: {"page_size": 10},
    "PutTariffs": _items(_with_id(tariff={"document": TARIFF})),
    "GetTariff": lambda: {"owner": OURS, "id": "T1"},
    "ListTariffs": lambda: {"page_size": 10, "updated_from": JANUARY},
    "PriceCdrs": _items(
        lambda: {"document": CDR, "tariffs": b"[" + TARIFF + b"]", "time_zone": "Europe/Amsterdam"}
    ),
    "PutLocations": lambda: {"items": [{"request_id": request_id(), "location": _location()}]},
    "GetLocation": lambda: {"owner": OURS, "id": "loc1"},
    "ListLocations": lambda: {"page_size": 10, "updated_from": JANUARY},
    "PutTokens": lambda: {"items": [{"request_id": request_id(), "token": _token()}]},
    "AuthorizeTokens": _items(_with_id(uid="card1", station_id=STATION, evse_uid="E1")),
    "AwaitAuthorization": lambda: {"command_id": "none"},
    "GetToken": lambda: {"owner": OURS, "uid": "card1"},
    "ListTokens": lambda: {"page_size": 10, "partner_id": "-"},
    "PutStation": _with_id(
        station={
            "id": STATION,
            "location_id": "LOC1",
            "connectors": [{"number": 1, "evse_uid": "E1", "connector_id": "1"}],
            "settings": {"security_profile": 1, "heartbeat_interval_seconds": 300},
        },
        password=PASSWORD,
    ),
    "ConnectStations": _items(
        _with_id(
            station_id=STATION,
            password=PASSWORD.encode(),
            has_password=True,
            gateway_id="gateway-1",
            subprotocol="ocpp1.6",
        )
    ),
    "DisconnectStations": _items(_with_id(station_id=STATION, generation=99)),
    "RecordBoots": _items(
        _with_id(station_id=STATION, boot={"vendor": "V", "model": "M", "received_at": JANUARY})
    ),
    "RecordStatuses": _items(
        _with_id(station_id=STATION, connector_number=1, status="Charging", at=JANUARY)
    ),
    "GetStation": lambda: {"station_id": STATION},
    "ListStations": lambda: {"page_size": 10},
    "StartSessions": _items(_start),
    "StartSession": lambda: {"item": _start()},
    "RecordMeterReadings": _items(
        _with_id(
            station_id=STATION,
            connector_number=1,
            transaction_id=1,
            readings=_readings("2026-11-20T10:30:00Z", 6_000_000),
        )
    ),
    "StopSessions": _items(_stop),
    "StopSession": lambda: {"item": _stop()},
    "PutPartnerSessions": lambda: {
        "items": [
            {
                "request_id": request_id(),
                "partner_id": PARTNER,
                "session": _partner_session(),
                "document": b"{}",
            }
        ]
    },
    "RequestStart": _with_id(station_id=STATION, connector_number=1, token_uid="CARD1"),
    "RequestStop": _with_id(owner=THEIRS, session_id="S-1", timeout_seconds=30),
    "GetSession": lambda: {"owner": THEIRS, "session_id": "s-1"},
    "ListOrphans": lambda: {"page_size": 10, "station_id": STATION, "loose": True},
    "ListSessions": lambda: {"page_size": 10, "state": "STATE_ACTIVE", "updated_to": JANUARY},
    "ReportResults": _items(_with_id(command_id="none", state="STATE_DONE", result={"code": "x"})),
    "CallStation": _with_id(station_id=STATION, action="GetConfiguration", payload=b"{}"),
    "AwaitCommand": lambda: {"command_id": "none"},
    "GetCommand": lambda: {"command_id": "none"},
    "StreamCommands": lambda: {"gateway_id": "gateway-1", "channel_prefix": "partner/"},
    "StreamDeliveries": lambda: {"gateway_id": "gateway-1"},
    "ReportDeliveries": _items(lambda: {"delivery": _delivery(), "delivered_version": 1}),
    "ListDeliveries": lambda: {"page_size": 10, "partner_id": PARTNER},
    "ImportCdrs": lambda: {
        "items": [{"request_id": request_id(), "partner_id": PARTNER, "cdr": _cdr()}]
    },
    "AcceptCdr": _with_id(owner=THEIRS, id="CDR-1"),
    "PriceCdr": _with_id(owner=THEIRS, id="CDR-1", tariff_id="T1"),
    "GetCdr": lambda: {"owner": THEIRS, "id": "CDR-1"},
    "ListCdrs": lambda: {"page_size": 10, "state": "STATE_HELD"},
    "ClosePeriod": _with_id(period_id="2026-01", validate_only=True),
    "GetStatement": lambda: {"statement_id": "none"},
    "ListStatements": lambda: {"page_size": 10, "period_id": "2026-01"},
    "ListTransfers": lambda: {"page_size": 10, "source": "cdr/DE-SUN/CDR-1"},
    "ListAccounts": lambda: {"page_size": 10},
    "VerifyLedger": dict,
    "StreamEvents": lambda: {"kinds": ["session.*"]},
    "ListEvents": lambda: {"page_size": 10, "kinds": ["session.*"], "partner_id": PARTNER},
    "DeleteTariff": _with_id(owner=OURS, id="T2"),
    "EndPartner": _with_id(partner_id="partner-nobody"),
}
_BEFORE_ALL_ELSE = ("PutTariffs", "PutLocations", "PutTokens", "PutStation", "ConnectStations")


def sample(method: MethodDescriptor) -> Message:
    """Return a request that is in order, under a request_id of its own."""
    return message_class(method)(**_MAKE[method.name]())


def samples() -> Iterator[tuple[MethodDescriptor, Message]]:
    for method in METHODS:
        yield method, sample(method)


async def furnish(admin: Caller) -> None:
    """Make what the samples are about: a tariff, a location, a station, a token, a partner."""
    for name in _BEFORE_ALL_ELSE:
        await admin.call(name, sample(find(name)))
    await admin.call("CreatePartner", {"request_id": request_id(), "id": PARTNER})
    await admin.call("RegisterPartner", _registration())
    for name in ("StartSessions", "PutPartnerSessions", "ImportCdrs"):
        await admin.call(name, sample(find(name)))
