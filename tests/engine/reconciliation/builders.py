"""Sessions and the CDRs that bill them, alike unless a test says otherwise."""

from __future__ import annotations

from typing import Any

from engine.cdrs.model import Cdr, CdrToken
from engine.kernel.party import PartyKey
from engine.sessions.model import Session, SessionToken, State, encode_token, session_key
from tests.engine.cdrs.builders import CPO, EMSP, STARTED, make_cdr

PARTNER = "sun"
REFERENCE = "ref-1"
KWH = 1_000_000


def make_session(id_: str = "S-1", *, token: SessionToken | None = None, **changes: Any) -> Session:
    """Return a completed session of 20.5 kWh of our driver at the partner's station."""
    charged = token or SessionToken(
        EMSP, "TOKEN-1", "RFID", "NL-IWT-C1", "WHITELIST", REFERENCE, "ACCEPTED"
    )
    facts: dict[str, Any] = {
        "owner": CPO,
        "state": State.COMPLETED,
        "partner_id": PARTNER,
        "at_our_station": False,
        "station_id": "",
        "connector_number": 0,
        "transaction_id": 0,
        "station_transaction_id": "",
        "location_id": "LOC1",
        "evse_uid": "E1",
        "connector_id": "1",
        "token_json": encode_token(charged),
        "authorization_id": "",
        "started_us": STARTED,
        "ended_us": STARTED + 3_000_000_000,
        "meter_start_mwh": 0,
        "meter_stop_mwh": 0,
        "energy_mwh": 20_500_000,
        "currency": "EUR",
        "cost_json": "",
        "tariff_key": "",
        "tariff_version": 0,
        "stop_reason": "",
        "flags_json": "[]",
        "periods_json": "[]",
        "document": b"",
        "version": 1,
        "last_updated_us": STARTED,
        "created_us": STARTED,
    } | changes
    return Session(key=session_key(PartyKey(facts["owner"]), id_), id=id_, **facts)


def bill(session: Session, id_: str = "", **changes: Any) -> Cdr:
    """Return a CDR that says what the session says."""
    token = session.token()
    facts: dict[str, Any] = {
        "id": id_ or f"CDR-{session.id}",
        "session_id": session.id,
        "started_us": session.started_us,
        "energy_mwh": session.energy_mwh,
        "token": CdrToken(
            EMSP, token.uid, token.type, token.contract_id, token.auth_method, REFERENCE
        ),
    }
    return make_cdr(**facts | changes)
