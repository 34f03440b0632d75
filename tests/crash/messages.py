"""The plan in the words of the contract."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from interwatt.cdrs.v1 import cdrs_service_pb2 as cdrs
from interwatt.sessions.v1 import sessions_service_pb2 as sessions
from interwatt.tokens.v1 import tokens_service_pb2 as tokens

from tests.crash.plan import (
    FIRST_START,
    OUR_FEE,
    OUR_PRICE,
    OUR_VAT,
    PRICES,
    Bill,
    Charge,
    Roaming,
    e4,
    kwh,
)

OURS = {"country_code": "NL", "party_id": "IWT"}
THEIRS = {"country_code": "DE", "party_id": "SUN"}
PARTNER = "sun"
REGISTER = "Energy.Active.Import.Register"
_ENDED_AFTER = 7_200


def at(seconds: int) -> Timestamp:
    return Timestamp(seconds=seconds)


def tariff(owner: dict[str, str], id_: str, currency: str, *parts: tuple[str, Any, Any]) -> bytes:
    """Write a tariff of parts: type, price, one plus the VAT rate."""
    components = [
        {"type": type_, "price": float(price), "vat": float((vat - 1) * 100), "step_size": 1}
        for type_, price, vat in parts
    ]
    document = owner | {
        "id": id_,
        "currency": currency,
        "elements": [{"price_components": components}],
        "last_updated": "2026-01-01T00:00:00Z",
    }
    return json.dumps(document).encode()


OUR_TARIFF = tariff(OURS, "T1", "EUR", ("ENERGY", OUR_PRICE, OUR_VAT), ("FLAT", OUR_FEE, OUR_VAT))
THEIR_TARIFFS = {
    currency: tariff(THEIRS, f"T-{currency}", currency, ("ENERGY", price, vat))
    for currency, (price, vat) in PRICES.items()
}


def token(owner: dict[str, str], uid: str, version: int = 0) -> dict[str, Any]:
    return {
        "owner": owner,
        "uid": uid,
        "type": "TOKEN_TYPE_RFID",
        "contract_id": f"C-{uid}",
        "issuer": f"Version {version}",
        "valid": True,
        "whitelist": "WHITELIST_ALWAYS",
        "last_updated": at(FIRST_START + version),
        "partner_id": PARTNER if owner is THEIRS else "",
    }


def put_token(uid: str, version: int) -> tokens.PutTokenItem:
    return tokens.PutTokenItem(
        request_id=f"{uid}/v{version}",
        token=tokens.PutTokenItem(token=token(THEIRS, uid, version)).token,
    )


def start(charge: Charge, again: str = "") -> sessions.StartSessionItem:
    return sessions.StartSessionItem(
        request_id=f"{charge.name}/start{again}",
        station_id=charge.station,
        connector_number=1,
        token_uid=charge.card,
        started_at=at(charge.started_at),
        meter_start_mwh=charge.meter_start_mwh,
        station_transaction_id=charge.transaction,
    )


def meter(charge: Charge, transaction_id: int, number: int) -> sessions.RecordMeterReadingsItem:
    value = charge.readings_mwh[number]
    return sessions.RecordMeterReadingsItem(
        request_id=f"{charge.name}/meter{number}",
        station_id=charge.station,
        connector_number=1,
        transaction_id=0 if charge.transaction else transaction_id,
        station_transaction_id=charge.transaction,
        readings=[
            {
                "at": at(charge.started_at + 600 * (number + 1)),
                "samples": [{"measurand": REGISTER, "value_milli": value}],
            }
        ],
    )


def stop(charge: Charge, transaction_id: int) -> sessions.StopSessionItem:
    return sessions.StopSessionItem(
        request_id=f"{charge.name}/stop",
        station_id=charge.station,
        transaction_id=0 if charge.transaction else transaction_id,
        station_transaction_id=charge.transaction,
        stopped_at=at(charge.stopped_at),
        meter_stop_mwh=charge.meter_stop_mwh,
    )


def report(roaming: Roaming, number: int) -> sessions.PutPartnerSessionItem:
    """Report the session: the first time whole (PUT), later what changed (PATCH)."""
    over = number == len(roaming.energies_mwh) - 1
    energy = roaming.energies_mwh[number]
    session: dict[str, Any] = {
        "owner": THEIRS,
        "id": roaming.name,
        "state": "STATE_COMPLETED" if over else "STATE_ACTIVE",
        "energy_mwh": energy,
        "last_updated": at(roaming.started_at + 60 * (number + 1)),
    }
    if number == 0:
        session |= {
            "location_id": "L-1",
            "evse_uid": "E-1",
            "connector_id": "1",
            "token": {"owner": OURS, "uid": roaming.card, "contract_id": f"C-{roaming.card}"},
            "started_at": at(roaming.started_at),
            "currency": roaming.currency,
        }
    if over:
        session["ended_at"] = at(roaming.started_at + _ENDED_AFTER)
    return sessions.PutPartnerSessionItem(
        request_id=f"{roaming.name}/report{number}",
        partner_id=PARTNER,
        session=session,
        patch=number > 0,
        document=b"{}",
    )


def cdr(roaming: Roaming, id_: str, asked: Bill, *, credits_: str = "") -> cdrs.ImportCdrItem:
    """Bill the session; `credits_` names the CDR that this one takes back."""
    energy = format(kwh(asked.energy_mwh), "f")
    excl, incl = (
        {"currency": asked.currency, "amount_e4": e4(x)} for x in (asked.excl, asked.incl)
    )
    _, vat = PRICES[asked.currency]
    price, _ = PRICES[asked.currency]
    parts = kwh(asked.energy_mwh) * price
    return cdrs.ImportCdrItem(
        request_id=f"{roaming.name}/{id_}/{asked.energy_mwh}",
        partner_id=PARTNER,
        cdr={
            "owner": THEIRS,
            "id": id_,
            "session_id": roaming.name,
            "started_at": at(roaming.started_at),
            "ended_at": at(roaming.started_at + _ENDED_AFTER),
            "token": {"owner": OURS, "uid": roaming.card, "contract_id": f"C-{roaming.card}"},
            "location": {
                "id": "L-1",
                "address": "Ring 1",
                "city": "Berlin",
                "country": "DEU",
                "evse_uid": "E-1",
                "connector_id": "1",
                "time_zone": "Europe/Berlin",
            },
            "currency": asked.currency,
            "tariffs": [THEIR_TARIFFS[asked.currency]],
            "charging_periods": [
                {
                    "start_at": at(roaming.started_at),
                    "dimensions": [{"type": "ENERGY", "volume": energy}],
                    "tariff_id": f"T-{asked.currency}",
                }
            ],
            "total_cost": {"excl_vat": excl, "incl_vat": incl},
            "total_energy_cost": {
                "excl_vat": {"currency": asked.currency, "amount_e4": e4(parts)},
                "incl_vat": {"currency": asked.currency, "amount_e4": e4(parts * vat)},
            },
            "total_energy_mwh": asked.energy_mwh,
            "total_time_seconds": _ENDED_AFTER,
            "credit": bool(credits_),
            "credit_reference_id": credits_,
            "last_updated": at(roaming.started_at + _ENDED_AFTER + 60),
        },
    )
