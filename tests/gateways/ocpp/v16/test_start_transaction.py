"""StartTransaction."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateways.ocpp import times
from tests.fakes.engine_for_stations import Status
from tests.gateways.ocpp.bench import Bench


def start(**changes: Any) -> dict[str, Any]:
    now = times.write(datetime.now(UTC))
    return {"connectorId": 1, "idTag": "TAG", "meterStart": 10, "timestamp": now, **changes}


async def test_a_start_is_stored_and_answered_with_its_transaction(bench: Bench) -> None:
    bench.engine.tokens["tag"] = Status.STATUS_ACCEPTED
    async with bench.dial() as wire:
        answer = await wire.ask([2, "1", "StartTransaction", start()])
    assert answer[2] == {"transactionId": 1, "idTagInfo": {"status": "Accepted"}}
    session = bench.engine.sessions[1]
    assert (session.connector_number, session.meter_start_mwh) == (1, 10_000)
    assert not session.flags


@pytest.mark.parametrize("register", [-1, 2**63, "much", None, 10.5])
async def test_a_start_whose_register_is_none_is_a_start_without(
    bench: Bench, register: Any
) -> None:
    payload = start(meterStart=register)
    async with bench.dial() as wire:
        answers = [await wire.ask([2, n, "StartTransaction", payload]) for n in ("1", "2")]
    assert [answer[2]["transactionId"] for answer in answers] == [1, 1]
    session = bench.engine.sessions[1]
    assert (list(session.flags), session.meter_start_mwh) == (["meter_start_unknown"], 0)


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (Status.STATUS_UNKNOWN, "Invalid"),
        (Status.STATUS_BLOCKED, "Blocked"),
        (Status.STATUS_EXPIRED, "Expired"),
    ],
)
async def test_a_refused_token_still_gets_a_transaction(
    bench: Bench, decision: Status.Status, told: str
) -> None:
    bench.engine.tokens["tag"] = decision
    async with bench.dial() as wire:
        answer = await wire.ask([2, "1", "StartTransaction", start()])
    assert answer[2]["transactionId"] > 0
    assert answer[2]["idTagInfo"] == {"status": told}
    assert not bench.engine.sessions[1].token.accepted


async def test_a_repeated_start_gets_the_same_transaction(bench: Bench) -> None:
    """With the same message id, with another, and on another connection."""
    payload = start()
    async with bench.dial() as wire:
        first = await wire.ask([2, "1", "StartTransaction", payload])
        second = await wire.ask([2, "1", "StartTransaction", payload])
        third = await wire.ask([2, "2", "StartTransaction", payload])
    async with bench.dial() as wire:
        fourth = await wire.ask([2, "9", "StartTransaction", payload])
    assert {a[2]["transactionId"] for a in (first, second, third, fourth)} == {1}
    assert len(bench.engine.sessions) == 1


async def test_a_lost_answer_on_the_first_connection_is_given_on_the_next(bench: Bench) -> None:
    payload = start()
    async with bench.dial() as wire:
        assert await wire.lives()
        bench.engine.gate.clear()
        await wire.send([2, "1", "StartTransaction", payload])
        await (await wire.socket.ping())
    bench.engine.gate.set()
    async with bench.dial() as wire:
        answer = await wire.ask([2, "1", "StartTransaction", payload])
    assert answer[2]["transactionId"] == 1
    assert len(bench.engine.sessions) == 1


async def test_other_content_is_another_transaction(bench: Bench) -> None:
    async with bench.dial() as wire:
        ids = [
            (await wire.ask([2, "same", "StartTransaction", start(**change)]))[2]["transactionId"]
            for change in ({}, {"connectorId": 2}, {"meterStart": 11}, {"idTag": "OTHER"})
        ]
    assert len(set(ids)) == 4


async def test_an_old_start_is_historical_and_stays_so_when_repeated(bench: Bench) -> None:
    old = times.write(datetime.now(UTC) - timedelta(hours=2))
    async with bench.dial() as wire:
        answer = await wire.ask([2, "1", "StartTransaction", start(timestamp=old)])
    assert list(bench.engine.sessions[answer[2]["transactionId"]].flags) == ["historical"]


async def test_a_start_that_became_old_meanwhile_is_still_the_same(bench: Bench) -> None:
    payload = start(timestamp=times.write(datetime.now(UTC) - timedelta(seconds=59.9)))
    async with bench.dial() as wire:
        first = await wire.ask([2, "1", "StartTransaction", payload])
    await asyncio.sleep(0.15)
    async with bench.dial() as wire:
        second = await wire.ask([2, "1", "StartTransaction", payload])
    assert first == second
    assert len(bench.engine.sessions) == 1


async def test_a_pending_decision_is_waited_for(bench: Bench) -> None:
    bench.engine.tokens["tag"] = Status.STATUS_PENDING
    issuer = bench.engine.issuer_answers["tag"] = asyncio.get_running_loop().create_future()
    async with bench.dial() as wire:
        await wire.send([2, "1", "StartTransaction", start()])
        await bench.engine.until(lambda: len(bench.engine.sessions) == 1)
        issuer.set_result(Status.STATUS_BLOCKED)
        answer = await wire.receive()
    assert answer[2] == {"transactionId": 1, "idTagInfo": {"status": "Blocked"}}
