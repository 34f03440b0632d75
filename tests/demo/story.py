"""The story that the demo plays, a function a chapter. Each returns only when all it tells was
seen.
"""

from __future__ import annotations

import json
from pathlib import Path

from interwatt.cdrs.v1.cdr_pb2 import Cdr
from interwatt.settlement.v1.settlement_pb2 import Statement
from interwatt.settlement.v1.settlement_service_pb2 import GetStatementRequest
from interwatt.settlement.v1.settlement_service_pb2_grpc import SettlementServiceStub

from tests.demo.narrator import DemoError, Narrator
from tests.harness.operator import (
    CARD_UID,
    LOCATION_FILE,
    LOCATION_ID,
    PARTNER_ID,
    STATION_ID,
    TARIFF_FILE,
)
from tests.harness.platform import Platform
from tests.harness.process import ROOT, Process, python_module

SUNRISE_CARD = "SUN-CARD-1"
PERIOD = "demo-1"


def set_up(platform: Platform, narrator: Narrator) -> str:
    """Add what is ours: tariff, location, a driver's card, station. Returns its password."""
    narrator.chapter("1. Interwatt (NL-IWT) sets up its station")
    narrator.run("tariff", "put", _file(TARIFF_FILE))
    narrator.tell("will ask 0.50 to start; 0.35 per kWh until 18:00 and 0.49 after;")
    narrator.tell("  3.00 per hour parked, counted in quarters; 21 % VAT on all")
    narrator.run("location", "put", _file(LOCATION_FILE))
    added = narrator.run("station", "add", STATION_ID, "--location", LOCATION_ID, "--json")
    narrator.run("token", "put", CARD_UID, "--contract", "NL-IWT-C00000001-1")
    password: str = json.loads(added)["password"]
    narrator.tell(f"has a station {STATION_ID} with a password of its own, and a driver's card")
    return password


def shake_hands(platform: Platform, narrator: Narrator) -> None:
    """Register Sunrise and see what either side shows the other."""
    narrator.chapter("2. Sunrise (NL-SUN), another platform, registers by OCPI 2.2.1")
    added = narrator.run("partner", "add", PARTNER_ID, "--json")
    narrator.tell(f"hands over a first token and {platform.versions_url}")
    platform.connect_partner(json.loads(added)["token"])
    narrator.tell("has taken in Sunrise's two cards, its tariff and its location")


def charge_at_our_station(
    platform: Platform, narrator: Narrator, *, password: str, folder: Path
) -> None:
    """A driver of Sunrise charges at our station; Sunrise sees it and gets its CDR."""
    narrator.chapter("3. A driver of Sunrise charges at Interwatt's station")
    station = Process(
        "station",
        python_module(
            *("tests.demo.play_charge", "--url", platform.stations_url),
            *("--station", STATION_ID, SUNRISE_CARD),
        ),
        folder / "logs",
        {"STATION_PASSWORD": password},
    )
    try:
        station.start()
        narrator.follow(station)
        narrator.until("the station to finish", lambda: station.pid is None)
        narrator.until("Sunrise to receive the CDR", lambda: bool(platform.partner.state()["cdrs"]))
    finally:
        station.stop()
    _check_what_sunrise_saw(platform)
    _await_posted(platform, narrator, issued=True)
    narrator.tell("has sealed the CDR and posted it to the ledger")


def charge_at_sunrise(platform: Platform, narrator: Narrator) -> None:
    """A driver of ours charges at Sunrise's station; its CDR is priced again and accepted."""
    narrator.chapter("4. A driver of Interwatt charges at Sunrise's station")
    narrator.run(
        *("session", "start", "--token", CARD_UID, "--partner", PARTNER_ID),
        *("--location", "SUN-HAVEN", "--evse", "SUN-HAVEN-1"),
    )
    cdr = _await_posted(platform, narrator, issued=False)
    if cdr.repriced_cost != cdr.total_cost:
        raise DemoError("Sunrise's CDR was posted although our price differs.")
    narrator.tell("prices Sunrise's CDR itself, agrees to the last digit, and posts it")


def settle(platform: Platform, narrator: Narrator) -> Statement:
    """Close the period, have the book verified, and return the statement."""
    narrator.chapter("5. The period is closed: who owes whom how much, and why")
    narrator.tell(narrator.run("settle", "verify").replace("\n", " ").strip())
    closed = json.loads(narrator.run("settle", "close", PERIOD, "--json"))
    statement_ids = [statement["id"] for statement in closed["statements"]]
    if len(statement_ids) != 1:
        raise DemoError(f"Expected one statement, found {len(statement_ids)}.")
    request = GetStatementRequest(statement_id=statement_ids[0])
    statement = platform.calls.stub(SettlementServiceStub).GetStatement(request).statement
    if len(statement.lines) != 2:
        raise DemoError(f"Expected a line for each of both charges, found {statement}")
    if complaints := platform.partner.state()["complaints"]:
        raise DemoError("Sunrise found breaches of OCPI: " + "; ".join(complaints))
    return statement


def _check_what_sunrise_saw(platform: Platform) -> None:
    seen = platform.partner.state()
    methods = [call["method"] for call in seen["session_calls"]]
    if methods[:1] != ["PUT"] or "PATCH" not in methods:
        raise DemoError(f"Expected a session PUT and then PATCHes at Sunrise, found {methods}.")
    if len(seen["cdrs"]) != 1:
        raise DemoError(f"Expected one CDR at Sunrise, found {len(seen['cdrs'])}.")


def _await_posted(platform: Platform, narrator: Narrator, *, issued: bool) -> Cdr:
    def found() -> list[Cdr]:
        return [cdr for cdr in platform.calls.cdrs() if cdr.issued == issued]

    def judged() -> bool:
        return any(cdr.state in (Cdr.STATE_POSTED, Cdr.STATE_HELD) for cdr in found())

    narrator.until("the CDR to reach the ledger", judged)
    (cdr,) = found()
    if cdr.state == Cdr.STATE_HELD:
        reasons = "; ".join(finding.message for finding in cdr.findings)
        raise DemoError(f"CDR {cdr.id} was held: {reasons}")
    return cdr


def _file(path: Path) -> str:
    return str(path.relative_to(ROOT))
