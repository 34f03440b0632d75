"""MeterValues."""

from typing import Any

from tests.gateways.ocpp.bench import Bench

AT = "2026-01-02T03:04:05Z"
START = {"connectorId": 1, "idTag": "TAG", "meterStart": 1000, "timestamp": AT}


def meter(*samples: Any, **changes: Any) -> dict[str, Any]:
    entry = {"timestamp": AT, "sampledValue": list(samples)}
    return {"connectorId": 1, "meterValue": [entry], **changes}


async def test_readings_are_stored_in_thousandths_of_base_units(bench: Bench) -> None:
    samples = [
        {"value": "1234.5"},
        {"value": "7.25", "unit": "kWh", "measurand": "Energy.Active.Import.Register"},
        {"value": " 11 ", "unit": "kW", "measurand": "Power.Active.Import", "phase": "L1"},
        {"value": "42", "unit": "Percent", "measurand": "SoC", "location": "EV"},
        {"value": "-0.0005", "unit": "A", "measurand": "Current.Import"},
    ]
    async with bench.dial() as wire:
        await wire.ask([2, "1", "StartTransaction", START])
        answer = await wire.ask([2, "2", "MeterValues", meter(*samples, transactionId=1)])
    assert answer == [3, "2", {}]
    (item,) = bench.engine.readings
    stored = item.readings[0].samples
    assert item.transaction_id == 1
    assert [s.value_milli for s in stored] == [1_234_500, 7_250_000, 11_000_000, 42_000, 0]
    assert [s.phase for s in stored] == ["", "", "L1", "", ""]
    assert stored[0].measurand == "Energy.Active.Import.Register"
    assert stored[0].context == "Sample.Periodic"
    assert stored[3].location == "EV"


async def test_readings_without_or_of_an_unknown_transaction_are_stored(bench: Bench) -> None:
    async with bench.dial() as wire:
        for n, changes in enumerate([{}, {"transactionId": 99}, {"transactionId": None}]):
            answer = await wire.ask([2, str(n), "MeterValues", meter({"value": str(n)}, **changes)])
            assert answer[2] == {}
    assert [item.transaction_id for item in bench.engine.readings] == [0, 99, 0]


async def test_signed_data_is_kept_untouched(bench: Bench) -> None:
    signed = "OCMF|" + "x" * 2500
    async with bench.dial() as wire:
        await wire.ask([2, "1", "MeterValues", meter({"value": signed, "format": "SignedData"})])
    (sample,) = bench.engine.readings[0].readings[0].samples
    assert sample.signed_data == signed.encode()


async def test_a_value_that_is_no_number_does_not_lose_the_rest(bench: Bench) -> None:
    odd = [{"value": v} for v in ("", "abc", "NaN", "Infinity", "1e30", "1" * 500)]
    async with bench.dial() as wire:
        assert (await wire.ask([2, "1", "MeterValues", meter(*odd, {"value": "5"})]))[2] == {}
        assert (await wire.ask([2, "2", "MeterValues", meter(*odd)]))[2] == {}
        assert (await wire.ask([2, "3", "MeterValues", meter()]))[2] == {}
    (item,) = bench.engine.readings
    assert [s.value_milli for s in item.readings[0].samples] == [5_000]


async def test_a_single_object_and_a_number_are_repaired(bench: Bench) -> None:
    text = (
        '[2,"1","MeterValues",{"connectorId":1,"meterValue":'
        f'{{"timestamp":"{AT}","sampledValue":{{"value":0.12345678901234567890}}}}}}]'
    )
    async with bench.dial() as wire:
        assert await wire.ask(text) == [3, "1", {}]
    assert bench.engine.readings[0].readings[0].samples[0].value_milli == 123


async def test_repeated_readings_are_stored_once(bench: Bench) -> None:
    payload = meter({"value": "5"})
    for n in range(2):
        async with bench.dial() as wire:
            await wire.ask([2, f"m{n}", "MeterValues", payload])
    assert len(bench.engine.readings) == 1
