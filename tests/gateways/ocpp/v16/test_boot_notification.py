"""BootNotification and Heartbeat."""

from datetime import UTC, datetime, timedelta

from ocpp.v16 import call

from tests.gateways.ocpp.bench import Bench


async def test_a_boot_is_stored_and_accepted_with_time_and_interval(bench: Bench) -> None:
    bench.engine.add_station("CP2", heartbeat_interval_seconds=77)
    async with bench.station("CP2") as station:
        answer = await station.call(
            call.BootNotification(
                charge_point_vendor="V", charge_point_model="M", firmware_version="1.0"
            )
        )
    assert (answer.status, answer.interval) == ("Accepted", 77)
    assert answer.current_time.endswith("Z")
    assert abs(datetime.fromisoformat(answer.current_time) - datetime.now(UTC)) < timedelta(
        seconds=1
    )
    (stored,) = bench.engine.stations["CP2"].boots
    assert (stored.boot.vendor, stored.boot.model) == ("V", "M")
    assert stored.boot.firmware_version == "1.0"
    assert stored.generation == 1


async def test_the_interval_is_300_unless_set(bench: Bench) -> None:
    async with bench.station() as station:
        answer = await station.call(
            call.BootNotification(charge_point_vendor="V", charge_point_model="M")
        )
    assert answer.interval == 300


async def test_a_heartbeat_tells_the_time_and_bothers_nobody(bench: Bench) -> None:
    async with bench.station() as station:
        await station.call(call.Heartbeat())
        before = len(bench.engine.calls)
        answer = await station.call(call.Heartbeat())
        assert len(bench.engine.calls) == before
    assert abs(datetime.fromisoformat(answer.current_time) - datetime.now(UTC)) < timedelta(
        seconds=1
    )


async def test_no_boot_is_needed_after_a_reconnect(bench: Bench) -> None:
    async with bench.station() as station:
        await station.call(call.BootNotification(charge_point_vendor="V", charge_point_model="M"))
    async with bench.station() as station:
        answer = await station.call(call.Authorize(id_tag="TAG"))
        assert answer.id_tag_info["status"] == "Invalid"
