"""The story that the demo plays, a function a chapter. Each returns only when all it tells was
seen.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from interwatt.cdrs.v1.cdr_pb2 import Cdr
from interwatt.commands.v1.command_pb2 import Command
from interwatt.commands.v1.commands_service_pb2 import AwaitCommandRequest
from interwatt.commands.v1.commands_service_pb2_grpc import CommandsServiceStub
from interwatt.sessions.v1.sessions_service_pb2 import RequestStartRequest
from interwatt.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub
from interwatt.settlement.v1.settlement_pb2 import Statement
from interwatt.settlement.v1.settlement_service_pb2 import ClosePeriodRequest
from interwatt.settlement.v1.settlement_service_pb2_grpc import SettlementServiceStub

from tests.demo.narrator import DemoError, Narrator
from tests.harness.operator import CARD_UID, LOCATION_ID, PARTNER_ID, PASSWORD, STATION_ID
from tests.harness.platform import Platform
from tests.harness.process import Process, python_module

SUNRISE_CARD = "SUN-CARD-1"
PERIOD = "demo-1"


def set_up(platform: Platform, narrator: Narrator) -> None:
    """Add what is ours: a tariff, a location, a station, a driver's card."""
    narrator.chapter("1. Interwatt (NL-IWT) sets up its station")
    platform.operator.set_up()
    narrator.tell("tariff: 0.50 to start; 0.35 per kWh until 18:00, 0.49 after;")
    narrator.tell("        3.00 per hour of parking, counted in quarters; all + 21 % VAT")
    narrator.tell(f"location {LOCATION_ID} in Utrecht with station {STATION_ID}")
    narrator.tell(f"card {CARD_UID} for a driver of its own")


def shake_hands(platform: Platform, narrator: Narrator) -> None:
    """Register Sunrise and see what either side shows the other."""
    narrator.chapter("2. Sunrise (NL-SUN), another platform, registers by OCPI 2.2.1")
    narrator.tell(f"hands a first token and {platform.versions_url} over to Sunrise")
    platform.register_partner()
    narrator.catch_up()
    narrator.tell("has taken in Sunrise's two cards, its tariff and its location")


def charge_at_our_station(platform: Platform, narrator: Narrator, folder: Path) -> None:
    """A driver of Sunrise charges at our station; Sunrise sees it and gets its CDR."""
    narrator.chapter("3. A driver of Sunrise charges at Interwatt's station")
    station = Process(
        "station",
        python_module(
            *("tests.demo.play_charge", "--url", platform.stations_url),
            *("--station", STATION_ID, SUNRISE_CARD),
        ),
        folder / "logs",
        {"STATION_PASSWORD": PASSWORD},
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
    request = RequestStartRequest(
        request_id=str(uuid.uuid4()),
        partner_id=PARTNER_ID,
        location_id="SUN-HAVEN",
        evse_uid="SUN-HAVEN-1",
        token_uid=CARD_UID,
    )
    started = platform.calls.stub(SessionsServiceStub).RequestStart(request)
    narrator.tell("sends START_SESSION to Sunrise")
    awaited = AwaitCommandRequest(command_id=started.command_id)
    command = platform.calls.stub(CommandsServiceStub).AwaitCommand(awaited).command
    if command.state != Command.STATE_DONE:
        state = Command.State.Name(command.state)
        raise DemoError(f"START_SESSION ended {state}: {command.result.message}")
    cdr = _await_posted(platform, narrator, issued=False)
    if cdr.repriced_cost != cdr.total_cost:
        raise DemoError("Sunrise's CDR was posted although our price differs.")
    narrator.tell("prices Sunrise's CDR itself, agrees to the last digit, and posts it")


def settle(platform: Platform, narrator: Narrator) -> Statement:
    """Close the period, have the book verified, and return the statement."""
    narrator.chapter("5. The period is closed: who owes whom how much, and why")
    verified = platform.calls.verify_ledger()
    if verified.violations:
        raise DemoError("The ledger does not hold: " + "; ".join(verified.violations))
    narrator.tell(
        f"verifies the ledger: {verified.entries} entries, {verified.transfers} transfers, sound"
    )
    request = ClosePeriodRequest(request_id=str(uuid.uuid4()), period_id=PERIOD)
    closed = platform.calls.stub(SettlementServiceStub).ClosePeriod(request)
    statements = list(closed.statements)
    if len(statements) != 1 or len(statements[0].lines) != 2:
        raise DemoError(f"Expected one statement with two lines, found {closed}")
    return statements[0]


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
