"""The partner platform against a second copy of itself: both ends of OCPI, none of them ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.demo.partner.checks import breaches
from tests.demo.partner.wire import token_header
from tests.harness.partner_control import PartnerControl
from tests.harness.process import Process, python_module


@pytest.fixture
def platforms(tmp_path: Path) -> Iterator[list[PartnerControl]]:
    """Two platforms, the first registered at the second."""
    processes = [
        Process(name, python_module("tests.demo.partner"), tmp_path) for name in ("one", "two")
    ]
    try:
        for process in processes:
            process.start()
        one, two = (PartnerControl(process.wait_ready()["control"]) for process in processes)
        one.register(two.expect_registration("first"), "first")
        yield [one, two]
    finally:
        for process in processes:
            process.stop()


def test_registered_platforms_exchange_objects(platforms: list[PartnerControl]) -> None:
    one, two = platforms

    assert [push["succeeded"] for push in one.push()] == [True] * 4

    seen = two.state()
    assert set(seen["peer_tokens"]) == {"RFID/SUN-CARD-1", "RFID/SUN-CARD-2"}
    assert set(seen["peer_tariffs"]) == {"SUN-FAST"}
    assert set(seen["peer_locations"]) == {"SUN-HAVEN"}
    assert seen["complaints"] == []


def test_registered_platform_reads_the_other_s_lists(platforms: list[PartnerControl]) -> None:
    one, _ = platforms

    one.pull()

    seen = one.state()
    assert set(seen["peer_locations"]) == {"SUN-HAVEN"}
    assert set(seen["peer_tariffs"]) == {"SUN-FAST"}
    assert seen["complaints"] == []


def test_first_token_works_once(platforms: list[PartnerControl]) -> None:
    _, two = platforms

    url = two.expect_registration("second")
    first = httpx.get(url, headers={"Authorization": token_header("first")})
    second = httpx.get(url, headers={"Authorization": token_header("second")})

    assert (first.status_code, first.json()["status_code"]) == (401, 2001)
    assert (second.status_code, second.json()["status_code"]) == (200, 1000)


def test_push_is_repeated_while_the_peer_fails(platforms: list[PartnerControl]) -> None:
    one, two = platforms
    for module, mode in (("tokens", "down"), ("tariffs", "error"), ("locations", "lose_answer")):
        two.fail(module, mode, times=1)

    assert all(push["succeeded"] for push in one.push())

    assert two.state()["failures_seen"] == {"tokens": 1, "tariffs": 1, "locations": 1}


def test_asked_for_a_charge_it_reports_session_and_cdr(platforms: list[PartnerControl]) -> None:
    one, two = platforms

    answer = one.start(location_id="SUN-HAVEN", evse_uid="SUN-HAVEN-1", uid="SUN-CARD-1")
    seen = one.wait_for("a CDR", lambda state: bool(state["cdrs"]))

    assert answer["data"]["result"] == "ACCEPTED"
    assert seen["command_results"] == {"SUN-START-1": [{"result": "ACCEPTED"}]}
    assert [call["method"] for call in seen["session_calls"]] == ["PUT", "PATCH", "PATCH"]
    assert seen["sessions"]["SUN-SESSION-1"]["status"] == "COMPLETED"
    cdr = seen["cdrs"]["SUN-CDR-1"]
    assert cdr["authorization_reference"] == "SUN-START-1"
    assert (cdr["total_energy"], cdr["total_time"]) == (18.6, 0.65)
    # 18.6 kWh at 0.42; 39 minutes billed as 40 at 1.20 per hour; 21 % VAT.
    assert cdr["total_energy_cost"] == {"excl_vat": 7.812, "incl_vat": 9.4525}
    assert cdr["total_time_cost"] == {"excl_vat": 0.8, "incl_vat": 0.968}
    assert cdr["total_cost"] == {"excl_vat": 8.612, "incl_vat": 10.4205}
    assert seen["complaints"] == two.state()["complaints"] == []


def test_breach_is_named_by_its_path() -> None:
    session = {"id": "x" * 37, "kwh": 1.0, "charging_periods": [{"dimensions": []}]}

    found = breaches("Session", session, partial=True)

    assert any(text.startswith("Session.id is longer than 36") for text in found)
    assert "Session.charging_periods[0].start_date_time is missing" in found
