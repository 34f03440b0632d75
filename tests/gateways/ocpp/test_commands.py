"""Commands of the engine at stations."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from interwatt.commands.v1.command_pb2 import Command, StartCharge, StationCall, StopCharge
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from ocpp.v16.enums import AvailabilityStatus, RemoteStartStopStatus, ResetStatus

from tests.gateways.ocpp.bench import GATEWAY_ID, Bench


class Obedient(ChargePoint):
    """A station that does as it is told and remembers what."""

    asked: list[Any]
    status = RemoteStartStopStatus.accepted

    @on("RemoteStartTransaction")
    def start_charge(self, **asked: Any) -> call_result.RemoteStartTransaction:
        self.asked = [asked]
        return call_result.RemoteStartTransaction(status=self.status)

    @on("RemoteStopTransaction")
    def stop_charge(self, **asked: Any) -> call_result.RemoteStopTransaction:
        self.asked = [asked]
        return call_result.RemoteStopTransaction(status=self.status)

    @on("GetConfiguration")
    def configuration(self, **_: Any) -> call_result.GetConfiguration:
        return call_result.GetConfiguration(
            configuration_key=[{"key": "k", "readonly": True, "value": "v"}], unknown_key=["x"]
        )

    @on("Reset")
    def reset(self, **_: Any) -> call_result.Reset:
        return call_result.Reset(status=ResetStatus.accepted)

    @on("ChangeAvailability")
    def availability(self, **_: Any) -> call_result.ChangeAvailability:
        return call_result.ChangeAvailability(status=AvailabilityStatus.scheduled)


class Unwilling(Obedient):
    """A station that says no."""

    status = RemoteStartStopStatus.rejected

    @on("Reset")
    def reset(self, **_: Any) -> call_result.Reset:
        return call_result.Reset(status=ResetStatus.rejected)


def start(identifier: str = "c1", **asked: Any) -> Command:
    return Command(id=identifier, channel="station/CP1", start_charge=StartCharge(**asked))


def raw(action: str, payload: bytes = b"{}") -> Command:
    call = StationCall(action=action, payload=payload)
    return Command(id="c1", channel="station/CP1", station_call=call)


async def test_a_remote_start_names_token_and_connector(bench: Bench) -> None:
    async with bench.station(role=Obedient) as station:
        command = await bench.engine.command(start(id_tag="TAG", connector_number=2))
        assert station.asked == [{"id_tag": "TAG", "connector_id": 2}]
        assert command.state == Command.STATE_DONE
        assert command.result.code == "Accepted"
        await bench.engine.command(start("c2", id_tag="TAG"))
        assert station.asked == [{"id_tag": "TAG"}]


async def test_a_remote_stop_names_the_transaction(bench: Bench) -> None:
    async with bench.station(role=Obedient) as station:
        command = await bench.engine.command(
            Command(id="c1", channel="station/CP1", stop_charge=StopCharge(transaction_id=7))
        )
        assert station.asked == [{"transaction_id": 7}]
        assert command.state == Command.STATE_DONE


async def test_a_station_that_says_no_refuses(bench: Bench) -> None:
    async with bench.station(role=Unwilling):
        command = await bench.engine.command(start(id_tag="TAG"))
    assert command.state == Command.STATE_REFUSED
    assert command.result.code == "Rejected"


@pytest.mark.parametrize(
    ("role", "command", "state"),
    [
        (Obedient, raw("Reset", b'{"type":"Soft"}'), Command.STATE_DONE),
        (Unwilling, raw("Reset", b'{"type":"Soft"}'), Command.STATE_REFUSED),
        (
            Obedient,
            raw("ChangeAvailability", b'{"connectorId":0,"type":"Inoperative"}'),
            Command.STATE_DONE,
        ),
    ],
)
async def test_a_raw_call_ends_as_its_status_says(
    bench: Bench, role: type[ChargePoint], command: Command, state: Command.State
) -> None:
    async with bench.station(role=role):
        ended = await bench.engine.command(command)
    assert ended.state == state
    assert ended.result.payload == b'{"status":"%s"}' % ended.result.code.encode()


async def test_a_raw_call_without_a_status_is_done_with_what_came_back(bench: Bench) -> None:
    async with bench.station(role=Obedient):
        command = await bench.engine.command(raw("GetConfiguration", b'{"key":["k","x"]}'))
    assert command.state == Command.STATE_DONE
    assert b'"unknownKey":["x"]' in command.result.payload


async def test_an_error_of_the_station_fails_with_its_code(bench: Bench) -> None:
    async with bench.station():
        command = await bench.engine.command(start(id_tag="TAG"))
    assert command.state == Command.STATE_FAILED
    assert command.result.code in {"NotImplemented", "NotSupported"}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (raw("MakeCoffee"), "NotImplemented"),
        (raw("Heartbeat"), "NotSupported"),
        (raw("Reset", b"{}"), "FormationViolation"),
        (raw("Reset", b"{"), "FormationViolation"),
        (start(id_tag="x" * 21), "FormationViolation"),
        (Command(id="c1", channel="station/CP1"), "NotSupported"),
    ],
)
async def test_what_cannot_be_sent_fails_unsent(bench: Bench, command: Command, code: str) -> None:
    async with bench.dial() as wire:
        assert await wire.lives()
        ended = await bench.engine.command(command)
        assert (ended.state, ended.result.code) == (Command.STATE_FAILED, code)
        assert await wire.lives()


async def test_an_action_that_stations_send_is_refused_with_those_that_we_may(
    bench: Bench,
) -> None:
    async with bench.dial() as wire:
        assert await wire.lives()
        ended = await bench.engine.command(raw("Heartbeat"))
    assert "Stations send Heartbeat to us." in ended.result.message
    assert "GetConfiguration, " in ended.result.message
    assert "Heartbeat, " not in ended.result.message


async def test_a_station_that_is_not_here_fails_at_once(bench: Bench) -> None:
    held = bench.engine.stations["CP1"]
    held.gateway_id, held.station.online = GATEWAY_ID, True
    command = await bench.engine.command(start(id_tag="TAG"))
    assert (command.state, command.result.code) == (Command.STATE_FAILED, "Offline")


async def test_a_command_for_an_older_connection_is_not_sent(bench: Bench) -> None:
    async with bench.dial() as older:
        assert await older.lives()
    async with bench.dial() as wire:
        assert await wire.lives()
        command = start(id_tag="TAG")
        command.generation = 1
        ended = await bench.engine.command(command)
        assert (ended.state, ended.result.code) == (Command.STATE_FAILED, "Offline")
        assert await wire.lives()


async def test_a_command_that_overtakes_its_connection_waits_for_it(bench: Bench) -> None:
    held = bench.engine.stations["CP1"]
    held.gateway_id, held.station.online = GATEWAY_ID, True
    command = start(id_tag="TAG")
    command.generation = 1
    bench.engine.send(command)
    async with bench.station(role=Obedient):
        async with asyncio.timeout(5):
            await bench.engine.results["c1"].wait()
    assert command.state == Command.STATE_DONE


async def test_a_command_for_a_connection_that_never_comes_fails(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateways.ocpp.hub.ARRIVAL_TIMEOUT", 0.01)
    held = bench.engine.stations["CP1"]
    held.gateway_id, held.station.online = GATEWAY_ID, True
    command = start(id_tag="TAG")
    command.generation = 1
    ended = await bench.engine.command(command)
    assert (ended.state, ended.result.code) == (Command.STATE_FAILED, "Offline")


async def test_a_disconnect_mid_command_fails_it_once_and_it_is_not_sent_again(
    bench: Bench,
) -> None:
    async with bench.dial() as wire:
        ended = asyncio.create_task(bench.engine.command(start(id_tag="TAG")))
        assert (await wire.receive())[2] == "RemoteStartTransaction"
    command = await ended
    assert (command.state, command.result.code) == (Command.STATE_FAILED, "Offline")
    async with bench.dial() as wire:
        assert await wire.lives()
    assert bench.engine.count("ReportResults") == 1


async def test_no_answer_before_the_deadline_frees_the_way_and_a_late_one_is_dropped(
    bench: Bench,
) -> None:
    async with bench.dial() as wire:
        late = start("late", id_tag="TAG")
        late.deadline.FromDatetime(datetime.now(UTC) + timedelta(milliseconds=50))
        await bench.engine.until(lambda: bench.engine.stations["CP1"].station.online)
        bench.engine.send(late)
        call = await wire.receive()
        ended = asyncio.create_task(bench.engine.command(raw("ClearCache")))
        assert (await wire.receive())[1] == "c1"
        await wire.send([3, call[1], {"status": "Accepted"}])
        await wire.send([3, "c1", {"status": "Rejected"}])
        assert (await ended).result.code == "Rejected"
    assert late.state == Command.STATE_SENT


async def test_the_stream_is_followed_again_after_the_engine_restarts(bench: Bench) -> None:
    async with bench.station(role=Obedient):
        await bench.engine.stop()
        await bench.engine.start()
        command = await bench.engine.command(start(id_tag="TAG"))
        assert command.state == Command.STATE_DONE
