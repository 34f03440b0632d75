"""StatusNotification."""

from datetime import UTC, datetime, timedelta

import pytest
from ocpp.v16 import call
from ocpp.v16.enums import ChargePointErrorCode, ChargePointStatus

from tests.gateways.ocpp.bench import Bench


async def test_every_state_of_every_connector_is_stored(bench: Bench) -> None:
    async with bench.station() as station:
        for connector in (0, 1, 7):
            for state in ChargePointStatus:
                answer = await station.call(
                    call.StatusNotification(
                        connector_id=connector,
                        error_code=ChargePointErrorCode.no_error,
                        status=state,
                    )
                )
                assert answer is not None
    stored = bench.engine.stations["CP1"].statuses
    assert len(stored) == 3 * len(ChargePointStatus)
    assert {(s.connector_number, s.status) for s in stored} == {
        (connector, state.value) for connector in (0, 1, 7) for state in ChargePointStatus
    }
    assert {s.generation for s in stored} == {1}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2099-01-01T00:00:00Z", datetime(2099, 1, 1, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ],
)
async def test_odd_clocks_are_acknowledged(bench: Bench, sent: str, stored: datetime) -> None:
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": sent}
    async with bench.dial() as wire:
        assert await wire.ask([2, "1", "StatusNotification", status]) == [3, "1", {}]
    assert bench.engine.stations["CP1"].statuses[0].at.ToDatetime(tzinfo=UTC) == stored


async def test_without_a_timestamp_it_holds_from_now(bench: Bench) -> None:
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    async with bench.dial() as wire:
        await wire.ask([2, "1", "StatusNotification", status])
    at = bench.engine.stations["CP1"].statuses[0].at.ToDatetime(tzinfo=UTC)
    assert abs(at - datetime.now(UTC)) < timedelta(seconds=5)
