"""SIGKILL the engine while Sunrise holds one of our pushes, after it lost an answer, and while it
reports a charge of its own. Each charge ends as one session, one CDR on both sides and one
ledger entry.
"""

from __future__ import annotations

import pytest

from tests.flows import charges, once
from tests.harness.platform import Platform

STEPS = {"start_asked", "start_answered", "session_sent", "cdr_sent"}


@pytest.mark.parametrize(("number", "module"), [(4, "sessions"), (5, "cdrs")])
def test_killed_while_the_partner_holds_a_push(
    platform: Platform, number: int, module: str
) -> None:
    plan = charges.plan_of(number)
    held = platform.partner.state()["failures_seen"].get(module, 0)
    platform.partner.fail(module, "hold")
    charges.charge_at_our_station(platform, plan)
    platform.partner.wait_for("a push", lambda state: state["failures_seen"].get(module, 0) > held)

    platform.restart_engine()
    platform.partner.work(module)

    once.assert_charged_once(platform, plan)


@pytest.mark.parametrize(("number", "module"), [(6, "sessions"), (7, "cdrs")])
def test_killed_after_the_partner_lost_its_answer(
    platform: Platform, number: int, module: str
) -> None:
    plan = charges.plan_of(number)
    lost = platform.partner.state()["failures_seen"].get(module, 0)
    platform.partner.fail(module, "lose_answer", times=1)
    charges.charge_at_our_station(platform, plan)
    platform.partner.wait_for("a push", lambda state: state["failures_seen"].get(module, 0) > lost)

    platform.restart_engine()

    once.assert_charged_once(platform, plan)


def test_killed_at_each_step_of_a_charge_at_the_partner(platform: Platform) -> None:
    kinds: list[str] = []
    after = platform.partner.events(0)[-1]["seq"]
    charges.request_start_at_sunrise(platform)
    while "cdr_sent" not in kinds:
        events = platform.partner.events(after, wait=charges.WAIT_SECONDS)
        assert events, f"Sunrise did nothing more after {kinds}."
        after = events[-1]["seq"]
        steps = [event["kind"] for event in events if event["kind"] in STEPS]
        if steps:
            platform.restart_engine()
        kinds += steps

    assert kinds == ["start_asked", "start_answered", *["session_sent"] * 3, "cdr_sent"]
    charges.await_posted(platform, issued=False)
    state = platform.partner.state()
    (session_id,), (cdr_id,) = state["own_sessions"], state["own_cdrs"]
    assert [one.id for one in platform.calls.sessions() if not one.at_our_station] == [session_id]
    assert [one.id for one in platform.calls.cdrs() if not one.issued] == [cdr_id]
    once.assert_ledger_sound(platform, f"cdr/NL-SUN/{cdr_id}")
    assert state["complaints"] == []
