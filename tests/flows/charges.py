"""Play charges for the flow tests, and wait for what must follow from them."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

from interwatt.cdrs.v1.cdr_pb2 import Cdr
from interwatt.commands.v1.command_pb2 import Command
from interwatt.commands.v1.commands_service_pb2 import AwaitCommandRequest
from interwatt.commands.v1.commands_service_pb2_grpc import CommandsServiceStub
from interwatt.sessions.v1.sessions_service_pb2 import RequestStartRequest
from interwatt.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub

from tests.demo.charge_plan import ChargePlan, yesterday_evening
from tests.demo.play_charge import steps
from tests.demo.station import Station
from tests.harness.operator import CARD_UID, PARTNER_ID, PASSWORD, STATION_ID
from tests.harness.platform import Platform

SUNRISE_CARD = "SUN-CARD-1"
WAIT_SECONDS = 25.0
STATION_SECONDS = 3.0
_POLL_SECONDS = 0.05


def plan_of(number: int) -> ChargePlan:
    """Build a plan that differs from the others by whole days."""
    return ChargePlan(yesterday_evening().started_at - timedelta(days=number))


def station_of(platform: Platform) -> Station:
    """Build the station that the operator has set up."""
    return Station(platform.stations_url, STATION_ID, PASSWORD, answer_seconds=STATION_SECONDS)


def charge_at_our_station(platform: Platform, plan: ChargePlan, pause: float = 0.0) -> None:
    """Play a whole charge of Sunrise's driver, from boot to the free connector."""

    async def play() -> None:
        station = station_of(platform)
        for step in steps(station, SUNRISE_CARD, plan):
            await step.do()
            await asyncio.sleep(pause if step.ends_a_scene else 0)
        await station.close()

    asyncio.run(play())


def request_start_at_sunrise(platform: Platform) -> str:
    """Ask for a charge of our driver at Sunrise's station; return the id of the command."""
    request = RequestStartRequest(
        request_id=str(uuid.uuid4()),
        partner_id=PARTNER_ID,
        location_id="SUN-HAVEN",
        evse_uid="SUN-HAVEN-1",
        token_uid=CARD_UID,
    )
    return platform.calls.stub(SessionsServiceStub).RequestStart(request).command_id


def await_command(platform: Platform, command_id: str) -> Command:
    """Wait until a command is final and return it."""
    stub = platform.calls.stub(CommandsServiceStub)
    return stub.AwaitCommand(AwaitCommandRequest(command_id=command_id)).command


def await_posted(platform: Platform, *, issued: bool, count: int = 1) -> Sequence[Cdr]:
    """Wait until so many of the issued, or of the received, CDRs are in the ledger."""

    def posted() -> list[Cdr]:
        found = platform.calls.cdrs()
        return [cdr for cdr in found if cdr.issued == issued and cdr.state == Cdr.STATE_POSTED]

    await_that(f"{count} posted CDRs", lambda: len(posted()) >= count)
    return posted()


def await_that(what: str, holds: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"Waited {seconds:g} s in vain for {what}."
        time.sleep(_POLL_SECONDS)
