"""A whole charge, told by the charge point of the `ocpp` package with its own schemas."""

from interwatt.sessions.v1.session_pb2 import Session
from ocpp.v16 import call
from ocpp.v16.enums import ChargePointErrorCode, ChargePointStatus, Measurand, UnitOfMeasure

from tests.fakes.engine_for_stations import Status
from tests.gateways.ocpp.bench import PASSWORD, Bench


async def test_authorise_start_meter_stop(bench: Bench) -> None:
    bench.engine.add_station("SAFE", security_profile=1)
    bench.engine.tokens["tag"] = Status.STATUS_ACCEPTED
    async with bench.station("SAFE", password=PASSWORD) as station:
        await station.call(call.BootNotification(charge_point_vendor="V", charge_point_model="M"))
        asked = await station.call(call.Authorize(id_tag="tag"))
        assert asked.id_tag_info["status"] == "Accepted"
        started = await station.call(
            call.StartTransaction(
                connector_id=1, id_tag="TAG", meter_start=100, timestamp="2026-01-02T10:00:00Z"
            )
        )
        assert started.transaction_id == 1
        for minute, watt_hours in enumerate((1100, 2100, 3100), start=1):
            await station.call(
                call.MeterValues(
                    connector_id=1,
                    transaction_id=started.transaction_id,
                    meter_value=[
                        {
                            "timestamp": f"2026-01-02T10:0{minute}:00Z",
                            "sampledValue": [
                                {
                                    "value": str(watt_hours),
                                    "measurand": Measurand.energy_active_import_register,
                                    "unit": UnitOfMeasure.wh,
                                }
                            ],
                        }
                    ],
                )
            )
        await station.call(
            call.StatusNotification(
                connector_id=1,
                error_code=ChargePointErrorCode.no_error,
                status=ChargePointStatus.finishing,
            )
        )
        stopped = await station.call(
            call.StopTransaction(
                transaction_id=started.transaction_id,
                meter_stop=4100,
                timestamp="2026-01-02T10:30:00Z",
                id_tag="TAG",
                reason="Local",
            )
        )
        assert stopped.id_tag_info is None
    session = bench.engine.sessions[1]
    assert session.state == Session.STATE_COMPLETED
    assert session.energy_mwh == 4_000_000
    assert len(bench.engine.readings) == 3
