"""The run at station level: play charges while engine and gateways are killed at random, and check
afterwards that nothing was lost or doubled.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from interwatt.cdrs.v1.cdr_pb2 import Cdr

from tests.demo.play_charge import steps
from tests.flows import charges
from tests.harness.platform import Platform

MOST_SECONDS_BETWEEN_KILLS = 0.5
SETTLE_SECONDS = 120.0

Tell = Callable[[str], None]


@dataclass(slots=True)
class Tally:
    """What was done and what was found."""

    kills: Counter[str] = field(default_factory=Counter)
    starts: set[str] = field(default_factory=set)
    messages_sent: int = 0
    pushes_received: int = 0
    transfers: int = 0
    problems: list[str] = field(default_factory=list)

    def checked(self) -> dict[str, int]:
        """Count what was looked at."""
        return {
            "charges": len(self.starts),
            "messages of the station": self.messages_sent,
            "pushes to the partner": self.pushes_received,
            "transfers": self.transfers,
        }


def run(platform: Platform, *, kills: int, random: Random, tell: Tell) -> Tally:
    """Kill so many times while charges are played one after the other, then check."""
    tally = Tally()
    asyncio.run(_play(platform, kills, random, tell, tally))
    _check(platform, tally)
    return tally


async def _play(platform: Platform, kills: int, random: Random, tell: Tell, tally: Tally) -> None:
    killing = asyncio.create_task(_kill(platform, kills, random, tell, tally))
    station = charges.station_of(platform)
    for number in count(1):
        plan = charges.plan_of(number)
        for step in steps(station, charges.SUNRISE_CARD, plan):
            await step.do()
        tally.starts.add(plan.started_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        if killing.done():
            break
    await killing
    await station.close()
    tally.messages_sent = station.attempts


async def _kill(platform: Platform, kills: int, random: Random, tell: Tell, tally: Tally) -> None:
    victims = (platform.engine, platform.ocpp, platform.ocpi)
    for number in range(1, kills + 1):
        await asyncio.sleep(random.uniform(0, MOST_SECONDS_BETWEEN_KILLS))
        (victim,) = random.choices(victims, weights=(4, 1, 1))
        await platform.restart_meanwhile(victim)
        tally.kills[victim.name] += 1
        if number % 10 == 0:
            tell(f"stations: {number} kills, {len(tally.starts)} charges")


def _check(platform: Platform, tally: Tally) -> None:
    """Compare both sides once everything has arrived."""
    expected = len(tally.starts)
    for kind in ("sessions", "cdrs"):
        charges.await_that(
            f"all {kind} at the partner",
            lambda kind=kind: len(platform.partner.state()[kind]) >= expected,
            SETTLE_SECONDS,
        )
    charges.await_posted(platform, issued=True, count=expected)
    seen = platform.partner.state()
    tally.pushes_received = len(seen["session_calls"]) + len(seen["cdr_calls"])
    tally.problems += seen["complaints"]
    tally.problems += not_once("session at the partner", seen["sessions"].values(), tally.starts)
    tally.problems += not_once("CDR at the partner", seen["cdrs"].values(), tally.starts)
    _check_engine(platform, tally)


def _check_engine(platform: Platform, tally: Tally) -> None:
    expected = len(tally.starts)
    sessions, cdrs = platform.calls.sessions(), platform.calls.cdrs()
    transfers = platform.calls.transfers()
    verified = platform.calls.verify_ledger()
    tally.transfers = verified.transfers
    tally.problems += verified.violations
    counted = {
        "sessions": len(sessions),
        "CDRs": len(cdrs),
        "posted CDRs": sum(cdr.state == Cdr.STATE_POSTED for cdr in cdrs),
        "ledger entries": verified.entries,
        "sources in the ledger": len({transfer.source for transfer in transfers}),
    }
    tally.problems += [
        f"{found} {what} for {expected} charges"
        for what, found in counted.items()
        if found != expected
    ]


def not_once(what: str, objects: Iterable[dict[str, Any]], starts: set[str]) -> list[str]:
    """Name each charge that was lost, doubled or never played."""
    found = Counter(one["start_date_time"] for one in objects)
    problems = [
        f"{found[start]} times {what}, for the charge of {start}"
        for start in sorted(starts)
        if found[start] != 1
    ]
    foreign = sorted(set(found) - starts)
    return problems + [
        f"{found[start]} times {what}, for a charge of {start} that was not played"
        for start in foreign
    ]
