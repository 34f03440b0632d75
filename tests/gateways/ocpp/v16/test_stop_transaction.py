"""StopTransaction."""

from typing import Any

import pytest
from interwatt.sessions.v1.session_pb2 import Session

from tests.gateways.ocpp.bench import Bench

AT = "2026-01-02T03:04:05Z"
START = {"connectorId": 1, "idTag": "TAG", "meterStart": 1000, "timestamp": AT}


def stop(**changes: Any) -> dict[str, Any]:
    return {"transactionId": 1, "meterStop": 8500, "timestamp": AT, **changes}


async def test_a_stop_ends_the_session(bench: Bench) -> None:
    async with bench.dial() as wire:
        await wire.ask([2, "1", "StartTransaction", START])
        assert await wire.ask([2, "2", "StopTransaction", stop()]) == [3, "2", {}]
    session = bench.engine.sessions[1]
    assert session.state == Session.STATE_COMPLETED
    assert session.energy_mwh == 7_500_000
    assert session.stop_reason == "Local"


@pytest.mark.parametrize("register", [-1, 2**63, "much", None, 10.5])
async def test_a_stop_whose_register_is_none_is_a_stop_without(bench: Bench, register: Any) -> None:
    async with bench.dial() as wire:
        await wire.ask([2, "1", "StartTransaction", START])
        answer = await wire.ask([2, "2", "StopTransaction", stop(meterStop=register)])
    assert answer == [3, "2", {}]
    [item] = bench.engine.stops
    assert (item.meter_stop_unknown, item.meter_stop_mwh) == (True, 0)


async def test_the_token_that_stopped_it_is_passed_on(bench: Bench) -> None:
    async with bench.dial() as wire:
        await wire.ask([2, "1", "StartTransaction", START])
        answer = await wire.ask([2, "2", "StopTransaction", stop(idTag="TAG", reason="Remote")])
    assert answer == [3, "2", {}]
    [item] = bench.engine.stops
    assert (item.token_uid, item.reason) == ("TAG", "Remote")


async def test_a_repeated_stop_changes_nothing(bench: Bench) -> None:
    async with bench.dial() as wire:
        await wire.ask([2, "1", "StartTransaction", START])
        for n in range(3):
            assert (await wire.ask([2, f"s{n}", "StopTransaction", stop()]))[2] == {}
        assert len(bench.engine.stops) == 1
        assert (await wire.ask([2, "o", "StopTransaction", stop(meterStop=9000)]))[2] == {}
    session = bench.engine.sessions[1]
    assert session.energy_mwh == 7_500_000
    assert "stop_conflict" in session.flags


@pytest.mark.parametrize("transaction", [99, -1, 0, 2**63 - 1, 2**63, 2**64, -(2**80)])
async def test_an_unknown_transaction_is_acknowledged(bench: Bench, transaction: int) -> None:
    async with bench.dial() as wire:
        answer = await wire.ask([2, "1", "StopTransaction", stop(transactionId=transaction)])
        assert answer == [3, "1", {}]
    assert len(bench.engine.orphans) == 1


async def test_a_stop_never_ends_another_stations_session(bench: Bench) -> None:
    bench.engine.add_station("CP2")
    async with bench.dial() as wire, bench.dial("CP2") as other:
        await wire.ask([2, "1", "StartTransaction", START])
        assert await other.ask([2, "1", "StopTransaction", stop()]) == [3, "1", {}]
    assert bench.engine.sessions[1].state == Session.STATE_ACTIVE


async def test_readings_come_along(bench: Bench) -> None:
    data = [{"timestamp": AT, "sampledValue": [{"value": "8.5", "unit": "kWh"}, {"value": "x"}]}]
    async with bench.dial() as wire:
        await wire.ask([2, "1", "StartTransaction", START])
        await wire.ask([2, "2", "StopTransaction", stop(transactionData=data)])
    (item,) = bench.engine.stops
    (sample,) = item.readings[0].samples
    assert sample.value_milli == 8_500_000
