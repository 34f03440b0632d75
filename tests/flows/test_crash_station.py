"""SIGKILL the engine between any two steps of a charge and within each of them.

The engine is started again on the same data; the station and Sunrise retry as real ones do.
Whatever was hit, the charge ends as one session, one CDR on both sides and one ledger entry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from tests.demo.charge_plan import ChargePlan
from tests.demo.play_charge import Step, steps
from tests.flows import charges, once
from tests.harness.platform import Platform

# Of the samples one before, one at and one after the price change; the others are no different.
SKIPPED = {"sample 2", "sample 3", "sample 4", "sample 8"}
IN_FLIGHT_SECONDS = 0.006

Interruption = Callable[[Step], Awaitable[None]]


def test_killed_between_any_two_steps(platform: Platform) -> None:
    async def kill_then_do(step: Step) -> None:
        platform.restart_engine()
        await step.do()

    plan = charges.plan_of(1)
    play(platform, plan, kill_then_do)
    platform.restart_engine()

    once.assert_charged_once(platform, plan)


def test_killed_within_each_step(platform: Platform) -> None:
    random = Random(1)

    async def kill_while_doing(step: Step) -> None:
        doing = asyncio.create_task(step.do())
        await asyncio.sleep(random.uniform(0, IN_FLIGHT_SECONDS))
        await platform.restart_meanwhile(platform.engine)
        await doing

    plan = charges.plan_of(2)
    play(platform, plan, kill_while_doing)

    once.assert_charged_once(platform, plan)


def play(platform: Platform, plan: ChargePlan, interrupted: Interruption) -> None:
    async def played() -> None:
        station = charges.station_of(platform)
        for step in steps(station, charges.SUNRISE_CARD, plan):
            await (step.do() if step.name in SKIPPED else interrupted(step))
        await station.close()

    asyncio.run(played())
