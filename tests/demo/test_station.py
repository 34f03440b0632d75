"""The station against a central system of the package `ocpp`, also when an answer is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.demo.charge_plan import METER_START_WH, ChargePlan
from tests.demo.play_charge import play
from tests.demo.station import Station, StationError

NOW = "2026-01-01T00:00:00Z"


class Central:
    """Acknowledges everything, except that it drops the connection before some answers."""

    def __init__(self, drop_at: str | None = None) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.drop_at = drop_at

    async def serve(self, connection: ServerConnection) -> None:
        with suppress(ConnectionClosed, _DroppedError):
            await _Point(self, connection).start()

    def take(self, action: str, payload: dict[str, Any]) -> None:
        self.received.append((action, payload))
        if action == self.drop_at:
            self.drop_at = None
            raise _DroppedError

    def payloads(self, action: str) -> list[dict[str, Any]]:
        return [payload for name, payload in self.received if name == action]


class _DroppedError(BaseException):
    """Ends the connection without an answer."""


class _Point(ChargePoint):
    def __init__(self, central: Central, connection: ServerConnection) -> None:
        super().__init__("CP1", connection)
        self.central = central

    @on("BootNotification")
    async def boot(self, **payload: Any) -> Any:
        self.central.take("BootNotification", payload)
        return call_result.BootNotification(current_time=NOW, interval=300, status="Accepted")

    @on("StatusNotification")
    async def status(self, **payload: Any) -> Any:
        self.central.take("StatusNotification", payload)
        return call_result.StatusNotification()

    @on("Authorize")
    async def authorize(self, **payload: Any) -> Any:
        self.central.take("Authorize", payload)
        status = "Accepted" if payload["id_tag"] == "GOOD" else "Invalid"
        return call_result.Authorize(id_tag_info={"status": status})

    @on("StartTransaction")
    async def start_transaction(self, **payload: Any) -> Any:
        self.central.take("StartTransaction", payload)
        return call_result.StartTransaction(transaction_id=7, id_tag_info={"status": "Accepted"})

    @on("MeterValues")
    async def meter_values(self, **payload: Any) -> Any:
        self.central.take("MeterValues", payload)
        return call_result.MeterValues()

    @on("StopTransaction")
    async def stop_transaction(self, **payload: Any) -> Any:
        self.central.take("StopTransaction", payload)
        return call_result.StopTransaction()


@asynccontextmanager
async def connected(central: Central) -> AsyncIterator[Station]:
    async with serve(central.serve, "127.0.0.1", 0, subprotocols=["ocpp1.6"]) as server:
        port = server.sockets[0].getsockname()[1]
        station = Station(f"ws://127.0.0.1:{port}/ocpp", "CP1", "secret", answer_seconds=2)
        yield station
        await station.close()


async def test_charge_is_told_in_order() -> None:
    central = Central()
    async with connected(central) as station:
        await play(station, "GOOD", pause=0)

    told = [action for action, _ in central.received if action != "StatusNotification"]
    metered = ["MeterValues"] * 8
    assert told == [
        "BootNotification",
        "Authorize",
        "StartTransaction",
        *metered,
        "StopTransaction",
    ]
    assert [status["status"] for status in central.payloads("StatusNotification")] == [
        "Available",
        "Preparing",
        "Charging",
        "SuspendedEV",
        "Finishing",
        "Available",
    ]
    (stop,) = central.payloads("StopTransaction")
    assert (stop["transaction_id"], stop["meter_stop"]) == (7, METER_START_WH + 21_960)


@pytest.mark.parametrize("action", ["StartTransaction", "MeterValues", "StopTransaction"])
async def test_message_without_answer_is_sent_again_unchanged(action: str) -> None:
    central = Central(drop_at=action)
    plan = ChargePlan(datetime(2026, 1, 1, 16, 15, tzinfo=UTC))
    async with connected(central) as station:
        await station.boot(plan.started_at)
        await station.start("GOOD", plan)
        await station.sample(next(plan.samples()))
        await station.stop("GOOD", plan)

    first, second = central.payloads(action)
    assert first == second


async def test_refused_card_does_not_charge() -> None:
    central = Central()
    async with connected(central) as station:
        with pytest.raises(StationError, match="BAD was refused"):
            await play(station, "BAD", pause=0)

    assert central.payloads("StartTransaction") == []
