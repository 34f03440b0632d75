"""Framing, order and crossing calls on a live socket."""

import asyncio

import pytest
from interwatt.commands.v1.command_pb2 import Command, StationCall

from tests.fakes.engine_for_stations import Status
from tests.gateways.ocpp.bench import Bench, Wire

START = {"connectorId": 1, "idTag": "TAG", "meterStart": 0, "timestamp": "2026-01-02T03:04:05Z"}


def raw_command(identifier: str, action: str = "ClearCache") -> Command:
    return Command(
        id=identifier, channel="station/CP1", station_call=StationCall(action=action, payload=b"{}")
    )


@pytest.mark.parametrize(
    "text", ["{", "nonsense", "{}", "[]", "[2]", '[5,"a",{}]', '[6,"a","X",{}]', '[7,"a"]']
)
async def test_what_has_no_id_is_not_answered_and_the_connection_stays(
    bench: Bench, text: str
) -> None:
    async with bench.dial() as wire:
        await wire.send(text)
        assert await wire.lives()


@pytest.mark.parametrize(
    "text",
    [
        '[2,"a"]',
        '[2,"a","Heartbeat"]',
        '[2,"a","Heartbeat",{},1]',
        '[2,"a","StopTransaction",{"transactionId":,"x":1}]',
        '[2,"a","DataTransfer",{"vendorId":"\\ud800"}]',
        '[2,"a","MeterValues",{"connectorId":1e400}]',
        '[2,"a","DataTransfer",' + "[" * 10_000 + "]" * 10_000 + "]",
    ],
)
async def test_what_has_an_id_is_answered_with_formation_violation(bench: Bench, text: str) -> None:
    async with bench.dial() as wire:
        answer = await wire.ask(text)
        assert answer[:3] == [4, "a", "FormationViolation"]
        assert answer[4] == {}
        assert await wire.lives()


async def test_an_empty_id_is_refused_and_long_or_numeric_ones_are_echoed(bench: Bench) -> None:
    async with bench.dial() as wire:
        assert (await wire.ask([2, "", "Heartbeat", {}]))[:2] == [4, ""]
        for identifier in (42, "x" * 40):
            assert (await wire.ask([2, identifier, "Heartbeat", {}]))[:2] == [3, identifier]


async def test_odd_json_is_repaired_or_refused(bench: Bench) -> None:
    async with bench.dial() as wire:
        answer = await wire.ask('[2,"1","DataTransfer",{"vendorId":"a\\u0000b","vendorId":"c"}]')
        assert answer == [3, "1", {"status": "UnknownVendorId"}]
        answer = await wire.ask('[2,"2","DataTransfer",{"vendorId":' + "1" * 5000 + "}]")
        assert answer[:2] == [4, "2"]
        assert await wire.lives()


async def test_the_same_call_twice_at_once_is_one_operation(bench: Bench) -> None:
    async with bench.dial() as wire:
        assert await wire.lives()
        bench.engine.gate.clear()
        await wire.send([2, "same", "StartTransaction", START])
        await wire.send([2, "same", "StartTransaction", START])
        bench.engine.gate.set()
        assert (await wire.receive())[:2] == [3, "same"]
        assert await wire.lives()
    assert bench.engine.count("StartSessions") == 1


async def test_an_id_used_again_for_another_action_is_answered_on_its_own(bench: Bench) -> None:
    async with bench.dial() as wire:
        await wire.send([2, "same", "Heartbeat", {}])
        await wire.send([2, "same", "Authorize", {"idTag": "TAG"}])
        assert "currentTime" in (await wire.receive())[2]
        assert "idTagInfo" in (await wire.receive())[2]


async def test_answers_nobody_asked_for_are_ignored(bench: Bench) -> None:
    async with bench.dial() as wire:
        await wire.send([3, "never", {"status": "Accepted"}])
        await wire.send([4, "never", "Nonsense"])
        await wire.send([4, "never", "Nonsense", 5, 6, 7])
        assert await wire.lives()


async def test_an_invalid_answer_fails_the_command_and_is_not_answered(bench: Bench) -> None:
    async with bench.dial() as wire:
        ended = asyncio.create_task(bench.engine.command(raw_command("c1")))
        call = await wire.receive()
        await wire.send([3, call[1], {"status": "Perhaps"}])
        command = await ended
        assert command.state == Command.STATE_FAILED
        assert command.result.code == "PropertyConstraintViolation"
        assert "status" in command.result.message
        assert await wire.lives()


async def test_calls_sent_without_waiting_are_answered_in_order(bench: Bench) -> None:
    async with bench.dial() as wire:
        for n in range(200):
            action = ("Heartbeat", {}) if n % 2 else ("Authorize", {"idTag": "TAG"})
            await wire.send([2, f"m{n}", *action])
        answers = [await wire.receive() for _ in range(200)]
    assert [answer[1] for answer in answers] == [f"m{n}" for n in range(200)]


async def test_a_call_of_the_station_is_answered_while_ours_is_outstanding(bench: Bench) -> None:
    async with bench.dial() as wire:
        ended = asyncio.create_task(bench.engine.command(raw_command("c1")))
        call = await wire.receive()
        assert call[0] == 2
        answer = await wire.ask([2, "meanwhile", "Authorize", {"idTag": "TAG"}])
        assert answer[:2] == [3, "meanwhile"]
        await wire.send([3, call[1], {"status": "Accepted"}])
        assert (await ended).state == Command.STATE_DONE


async def test_our_answer_does_not_wait_for_a_slow_engine_to_read_theirs(bench: Bench) -> None:
    async with bench.dial() as wire:
        bench.engine.tokens["slow"] = Status.STATUS_PENDING
        bench.engine.issuer_answers["slow"] = asyncio.get_running_loop().create_future()
        await wire.send([2, "a", "Authorize", {"idTag": "SLOW"}])
        ended = asyncio.create_task(bench.engine.command(raw_command("c1")))
        call = await wire.receive()
        await wire.send([3, call[1], {"status": "Accepted"}])
        assert (await ended).state == Command.STATE_DONE
        bench.engine.issuer_answers["slow"].set_result(Status.STATUS_ACCEPTED)
        assert (await wire.receive())[2]["idTagInfo"]["status"] == "Accepted"


async def test_two_commands_at_once_go_one_after_the_other(bench: Bench) -> None:
    async with bench.dial() as wire:
        first = asyncio.create_task(bench.engine.command(raw_command("c1")))
        second = asyncio.create_task(bench.engine.command(raw_command("c2")))
        call = await wire.receive()
        assert await wire.lives(), "The second call must not leave before the first is answered."
        await wire.send([3, call[1], {"status": "Accepted"}])
        other = await wire.receive()
        assert {call[1], other[1]} == {"c1", "c2"}
        await wire.send([4, other[1], "NotSupported", "", {}])
        results = {c.id: c for c in await asyncio.gather(first, second)}
    assert results[call[1]].state == Command.STATE_DONE
    assert results[other[1]].state == Command.STATE_FAILED
    assert results[other[1]].result.code == "NotSupported"


async def test_what_was_read_before_the_socket_closed_is_still_stored(bench: Bench) -> None:
    async with bench.dial() as wire:
        assert await wire.lives()
        bench.engine.gate.clear()
        await wire.send([2, "1", "StartTransaction", START])
        assert await answered_ping(wire)
    bench.engine.gate.set()
    await bench.engine.until(lambda: len(bench.engine.sessions) == 1)


async def answered_ping(wire: Wire) -> bool:
    """Whether a ping, sent after everything else, came back."""
    await (await wire.socket.ping())
    return True
