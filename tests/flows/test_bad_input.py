"""What stations, partners and operators get wrong is answered in their protocol, and nothing else
suffers.
"""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from interwatt.common.v1.error_reason_pb2 import ERROR_REASON_TARIFF_INVALID
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.flows import charges
from tests.harness.operator import PASSWORD, STATION_ID
from tests.harness.platform import Platform

UNPARSABLE = Path(__file__).with_name("unparsable.json")


def dial(platform: Platform, station: str, password: str | None) -> connect:
    headers = {}
    if password is not None:
        secret = base64.b64encode(f"{station}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {secret}"
    url = f"{platform.stations_url}/{station}"
    return connect(url, subprotocols=["ocpp1.6"], additional_headers=headers)


@pytest.mark.parametrize(
    ("station", "password", "status"),
    [
        ("NOBODY", PASSWORD, 404),
        (STATION_ID, "not-the-password", 401),
        (STATION_ID, None, 401),
    ],
)
async def test_stranger_is_refused_before_the_upgrade(
    platform: Platform, station: str, password: str | None, status: int
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with dial(platform, station, password):
            pass

    assert refused.value.response.status_code == status


@pytest.mark.parametrize(
    ("frame", "codes"),
    [
        ("{ this is no JSON", None),
        ("[2]", None),
        ('[2,"1","Teleport",{}]', {"NotImplemented"}),
        ('[2,"1","Reset",{"type":"Soft"}]', {"NotSupported"}),
        ('[2,"1","Authorize",{"idTag":{}}]', {"TypeConstraintViolation"}),
        ('[2,"1","StatusNotification",{"connectorId":1}]', {"ProtocolError"}),
    ],
)
async def test_malformed_frame_keeps_the_connection(
    platform: Platform, frame: str, codes: set[str] | None
) -> None:
    async with dial(platform, STATION_ID, PASSWORD) as station:
        await station.send(frame)
        if codes is not None:
            kind, message_id, code, *_ = await receive(station)
            assert (kind, message_id) == (4, "1")
            assert code in codes

        await station.send('[2,"beat","Heartbeat",{}]')
        while (answer := await receive(station))[1] != "beat":
            assert answer[0] == 4
        assert answer[0] == 3


@pytest.mark.parametrize(
    "authorization",
    [None, "Token " + base64.b64encode(b"stranger").decode(), "Token stranger", "Bearer x"],
)
@pytest.mark.parametrize("path", ["/ocpi/versions", "/ocpi/2.2.1/sender/locations"])
def test_partner_without_its_token_gets_401_and_an_envelope(
    platform: Platform, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = httpx.get(f"http://{platform.ocpi_address}{path}", headers=headers)

    assert answer.status_code == 401
    assert 2000 <= answer.json()["status_code"] < 3000
    assert "timestamp" in answer.json()


def test_unparsable_tariff_is_refused_with_its_path(platform: Platform) -> None:
    outcome = platform.operator.put_tariff(UNPARSABLE.read_bytes())

    assert outcome.error.reason == ERROR_REASON_TARIFF_INVALID
    assert outcome.error.metadata["path"] == "$.elements[0].price_components[0].price"


def test_unparsable_tariff_is_told_in_one_line(platform: Platform) -> None:
    done = platform.cli.attempt("tariff", "put", str(UNPARSABLE))

    assert done.returncode == 2
    assert "$.elements[0].price_components[0].price" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_blocked_card_is_refused_by_its_issuer(platform: Platform) -> None:
    async def hold_card() -> str:
        station = charges.station_of(platform)
        await station.boot(charges.plan_of(0).started_at)
        status = await station.authorize("SUN-CARD-2")
        await station.close()
        return status

    assert asyncio.run(hold_card()) == "Blocked"


@pytest.mark.parametrize(("number", "mode"), [(1, "down"), (2, "error"), (3, "lose_answer")])
def test_charge_goes_on_while_the_partner_fails(platform: Platform, number: int, mode: str) -> None:
    before = platform.partner.state()
    for module in ("sessions", "cdrs"):
        platform.partner.fail(module, mode)

    charges.charge_at_our_station(platform, charges.plan_of(number))
    platform.partner.wait_for(
        "a push that failed", lambda state: failures(state) > failures(before)
    )
    for module in ("sessions", "cdrs"):
        platform.partner.work(module)
    charges.await_posted(platform, issued=True, count=len(before["cdrs"]) + 1)

    def made_up(state: dict[str, Any]) -> bool:
        states = {session["status"] for session in state["sessions"].values()}
        return states == {"COMPLETED"} and len(state["cdrs"]) == len(before["cdrs"]) + 1

    seen = platform.partner.wait_for("the pushes made up", made_up)
    assert seen["complaints"] == []


def failures(state: dict[str, Any]) -> int:
    return sum(state["failures_seen"].values())


async def receive(station: ClientConnection) -> list[Any]:
    frame: list[Any] = json.loads(await asyncio.wait_for(station.recv(), 5))
    return frame
