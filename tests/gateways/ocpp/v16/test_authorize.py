"""Authorize."""

import asyncio

import pytest

from tests.fakes.engine_for_stations import Status
from tests.gateways.ocpp.bench import Bench

ANSWERS = [
    (Status.STATUS_ACCEPTED, "Accepted"),
    (Status.STATUS_BLOCKED, "Blocked"),
    (Status.STATUS_EXPIRED, "Expired"),
    (Status.STATUS_UNKNOWN, "Invalid"),
    (Status.STATUS_NO_CREDIT, "Invalid"),
    (Status.STATUS_NOT_ALLOWED, "Invalid"),
]


@pytest.mark.parametrize(("decision", "told"), ANSWERS)
async def test_the_decision_is_told_in_the_words_of_1_6(
    bench: Bench, decision: Status.Status, told: str
) -> None:
    bench.engine.tokens["tag"] = decision
    async with bench.dial() as wire:
        answer = await wire.ask([2, "1", "Authorize", {"idTag": "TAG"}])
    assert answer == [3, "1", {"idTagInfo": {"status": told}}]


async def test_a_pending_decision_is_waited_for(bench: Bench) -> None:
    bench.engine.tokens["tag"] = Status.STATUS_PENDING
    issuer = bench.engine.issuer_answers["tag"] = asyncio.get_running_loop().create_future()
    async with bench.dial() as wire:
        await wire.send([2, "1", "Authorize", {"idTag": "TAG"}])
        await bench.engine.until(lambda: bench.engine.count("AuthorizeTokens") == 1)
        issuer.set_result(Status.STATUS_ACCEPTED)
        assert (await wire.receive())[2]["idTagInfo"]["status"] == "Accepted"


async def test_each_question_is_asked_anew(bench: Bench) -> None:
    async with bench.dial() as wire:
        for told, decision in (("Invalid", Status.STATUS_UNKNOWN), ("Accepted", 1)):
            bench.engine.tokens["tag"] = decision  # type: ignore[assignment]
            answer = await wire.ask([2, "same", "Authorize", {"idTag": "TAG"}])
            assert answer[2]["idTagInfo"]["status"] == told
