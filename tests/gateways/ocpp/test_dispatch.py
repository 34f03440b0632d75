"""Which answer a call gets."""

import asyncio

import pytest
from interwatt.common.v1 import error_reason_pb2 as reasons
from interwatt.common.v1.error_reason_pb2 import ErrorReason, ItemError
from prometheus_client import REGISTRY

from gateways.ocpp import status
from gateways.ocpp.faults import Fault
from gateways.ocpp.v16.dialect import SPELLING
from gateways.ocpp.v16.routes import OUTGOING
from tests.gateways.ocpp.bench import Bench

AT = "2026-01-02T03:04:05Z"
START = {"connectorId": 1, "idTag": "TAG", "meterStart": 0, "timestamp": AT}
STOP = {"transactionId": 1, "meterStop": 5, "timestamp": AT}


def repairs(name: str) -> float:
    return REGISTRY.get_sample_value("ocpp_repairs_total", {"name": name}) or 0.0


async def test_an_unknown_action_is_not_implemented(bench: Bench) -> None:
    async with bench.dial() as wire:
        for action in ("MakeCoffee", "TransactionEvent", "heartbeat"):
            assert (await wire.ask([2, "1", action, {}]))[:3] == [4, "1", "NotImplemented"]


async def test_an_action_in_the_wrong_direction_is_not_supported(bench: Bench) -> None:
    async with bench.dial() as wire:
        for action in sorted(OUTGOING):
            assert (await wire.ask([2, "1", action, {}]))[:3] == [4, "1", "NotSupported"]


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        (
            "BootNotification",
            {"chargePointVendor": 1, "chargePointModel": "M"},
            "TypeConstraintViolation",
        ),
        ("BootNotification", {"chargePointVendor": "V"}, "ProtocolError"),
        ("Authorize", {"idTag": "x" * 21}, "TypeConstraintViolation"),
        ("Authorize", [], "FormationViolation"),
        ("Authorize", "text", "FormationViolation"),
        (
            "StatusNotification",
            {"connectorId": 1, "errorCode": "NoError", "status": "Broken"},
            "PropertyConstraintViolation",
        ),
        (
            "StatusNotification",
            {"connectorId": -1, "errorCode": "NoError", "status": "Available"},
            "PropertyConstraintViolation",
        ),
        ("StartTransaction", {**START, "connectorId": 2**40}, "PropertyConstraintViolation"),
    ],
)
async def test_a_payload_beyond_repair_is_refused_in_the_words_of_1_6(
    bench: Bench, action: str, payload: object, code: str
) -> None:
    async with bench.dial() as wire:
        answer = await wire.ask([2, "1", action, payload])
        assert answer[:3] == [4, "1", code]
        assert await wire.lives()


async def test_a_repaired_payload_is_handled_and_counted(bench: Bench) -> None:
    before = {name: repairs(name) for name in ("unknown_property_dropped", "integral_float")}
    async with bench.dial() as wire:
        answer = await wire.ask(
            '[2,"1","StartTransaction",{"connectorId":1,"idTag":"TAG","meterStart":10.0,'
            f'"timestamp":"{AT}","note":null}}]'
        )
        assert answer[2]["transactionId"] == 1
    assert bench.engine.sessions[1].meter_start_mwh == 10_000
    assert {name: repairs(name) for name in before} == {n: v + 1 for n, v in before.items()}


async def test_a_message_before_any_boot_is_served(bench: Bench) -> None:
    async with bench.dial() as wire:
        assert "idTagInfo" in (await wire.ask([2, "1", "Authorize", {"idTag": "T"}]))[2]


async def test_without_the_engine_a_question_is_an_internal_error(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateways.ocpp.engine_calls.MESSAGE_TIMEOUT", 0.05)
    async with bench.dial() as wire:
        assert await wire.lives()
        await bench.engine.stop()
        answer = await wire.ask([2, "1", "Authorize", {"idTag": "T"}])
        assert answer[:3] == [4, "1", "InternalError"]
        assert await wire.lives()


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("StartTransaction", START),
        ("StopTransaction", STOP),
        (
            "MeterValues",
            {
                "connectorId": 1,
                "meterValue": [{"timestamp": AT, "sampledValue": [{"value": "1"}]}],
            },
        ),
    ],
)
async def test_without_the_engine_a_transaction_message_gets_no_answer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, action: str, payload: object
) -> None:
    monkeypatch.setattr("gateways.ocpp.engine_calls.TRANSACTION_TIMEOUT", 0.05)
    async with bench.dial() as wire:
        assert await wire.lives()
        await bench.engine.stop()
        await wire.send([2, "1", action, payload])
        assert await wire.lives(), "The next answer is to the heartbeat."


async def test_a_transaction_message_is_answered_once_the_engine_is_back(bench: Bench) -> None:
    async with bench.dial() as wire:
        assert await wire.lives()
        await bench.engine.stop()
        await wire.send([2, "1", "StartTransaction", START])
        await (await wire.socket.ping())
        await bench.engine.start()
        assert (await wire.receive())[2]["transactionId"] == 1
    assert len(bench.engine.sessions) == 1


async def test_an_unreadable_stop_is_refused_twice_and_then_kept_as_it_came(bench: Bench) -> None:
    async with bench.dial() as wire:
        payload = {"transactionId": 1, "meterStop": 5}
        codes = [(await wire.ask([2, f"m{n}", "StopTransaction", payload]))[0] for n in range(3)]
        assert codes == [4, 4, 3]
    (kept,) = bench.engine.readings
    (sample,) = kept.readings[0].samples
    assert sample.measurand == "StopTransaction"
    assert b'"transactionId":1' in sample.signed_data


async def test_what_the_engine_cannot_take_as_content_is_refused_and_then_kept(
    bench: Bench,
) -> None:
    async with bench.dial() as wire:
        bench.engine.refuse["StopSessions"] = ItemError(
            reason=reasons.ERROR_REASON_INVALID_ARGUMENT, message="No."
        )
        for n in range(2):
            answer = await wire.ask([2, f"m{n}", "StopTransaction", STOP])
            assert answer == [4, f"m{n}", "PropertyConstraintViolation", "No.", {}]
        assert await wire.ask([2, "m3", "StopTransaction", STOP]) == [3, "m3", {}]
    assert len(bench.engine.readings) == 1


async def test_what_the_engine_refuses_for_good_is_kept_on_the_third_try(bench: Bench) -> None:
    async with bench.dial() as wire:
        bench.engine.refuse["StopSessions"] = ItemError(
            reason=reasons.ERROR_REASON_STATE_CONFLICT, message="No."
        )
        for n in range(2):
            await wire.send([2, f"m{n}", "StopTransaction", STOP])
            assert await wire.lives()
        assert await wire.ask([2, "m3", "StopTransaction", STOP]) == [3, "m3", {}]
    assert len(bench.engine.readings) == 1


async def test_an_unreadable_start_is_always_refused(bench: Bench) -> None:
    async with bench.dial() as wire:
        for n in range(4):
            answer = await wire.ask([2, f"m{n}", "StartTransaction", {"connectorId": 1}])
            assert answer[:3] == [4, f"m{n}", "ProtocolError"]


async def test_a_fenced_connection_closes_without_an_answer(bench: Bench) -> None:
    async with bench.dial() as wire:
        assert await wire.lives()
        bench.engine.stations["CP1"].station.generation += 1
        await wire.send(
            [2, "1", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}]
        )
        assert await wire.close_code() == 1000


async def test_one_station_at_work_does_not_hold_up_another(bench: Bench) -> None:
    bench.engine.add_station("CP2")
    async with bench.dial() as slow, bench.dial("CP2") as quick:
        assert await slow.lives()
        assert await quick.lives()
        bench.engine.gate.clear()
        await slow.send([2, "1", "StartTransaction", START])
        await (await slow.socket.ping())
        assert await quick.lives()
        bench.engine.gate.set()
        assert (await slow.receive())[0] == 3


def test_every_reason_of_the_catalogue_has_a_row() -> None:
    assert set(status.FAULTS) == set(ErrorReason.values())


def test_every_fault_has_a_spelling() -> None:
    assert set(SPELLING) == set(Fault)
    assert SPELLING[Fault.FORMATION] == "FormationViolation"
    assert SPELLING[Fault.OCCURRENCE] == "OccurenceConstraintViolation"


async def test_random_text_never_ends_the_connection(bench: Bench) -> None:
    async with bench.dial() as wire:
        for text in (
            "\0",
            "[[[[",
            '[2,"1","Heartbeat",{}',
            "🚗" * 1000,
            "[4]",
            "[3]",
            "[2,{},1,2]",
        ):
            await wire.send(text)
        await asyncio.sleep(0)
        answer = await wire.receive()
        assert answer[:2] == [4, "1"]
        assert await wire.lives()
