"""What every charge must come to, whatever was killed meanwhile: one of each, on both sides."""

from __future__ import annotations

from typing import Any

from tests.demo.charge_plan import ChargePlan
from tests.flows import charges
from tests.harness.platform import Platform


def assert_charged_once(platform: Platform, plan: ChargePlan) -> None:
    started = plan.started_at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def arrived(state: dict[str, Any]) -> bool:
        done = [one for one in of_start(state["sessions"], started) if one["status"] == "COMPLETED"]
        return bool(done and of_start(state["cdrs"], started))

    seen = platform.partner.wait_for("session and CDR", arrived)
    (session,) = of_start(seen["sessions"], started)
    (cdr,) = of_start(seen["cdrs"], started)
    assert seen["complaints"] == []
    assert (session["kwh"], cdr["total_energy"], cdr["total_parking_time"]) == (21.96, 21.96, 0.45)
    assert cdr["session_id"] == session["id"]
    assert cdr["total_cost"] == {"excl_vat": 10.4546, "incl_vat": 12.6501}

    def is_posted() -> bool:
        return any(one.source.endswith(cdr["id"]) for one in platform.calls.transfers())

    charges.await_that("the ledger entry", is_posted)
    at = int(plan.started_at.timestamp())
    ours = [one for one in platform.calls.sessions() if one.started_at.seconds == at]
    issued = [one for one in platform.calls.cdrs() if one.started_at.seconds == at]
    assert ([one.id for one in ours], [one.id for one in issued]) == ([session["id"]], [cdr["id"]])
    assert_ledger_sound(platform, f"cdr/NL-IWT/{cdr['id']}")


def assert_ledger_sound(platform: Platform, source: str) -> None:
    entries = {one.entry_id for one in platform.calls.transfers() if one.source == source}
    assert len(entries) == 1
    assert list(platform.calls.verify_ledger().violations) == []


def of_start(objects: dict[str, dict[str, Any]], started: str) -> list[dict[str, Any]]:
    return [one for one in objects.values() if one["start_date_time"] == started]
