"""BootNotification: what the station is (section 4.2)."""

from interwatt.stations.v1.station_pb2 import BootReport
from interwatt.stations.v1.stations_service_pb2 import RecordBootItem

from gateways.common import request_ids
from gateways.ocpp import times
from gateways.ocpp.station import ConnectedStation, Payload


async def handle(payload: Payload, station: ConnectedStation) -> Payload:
    """Store it and accept the station: it was admitted when it connected."""
    now = station.now()
    boot = BootReport(
        vendor=payload["chargePointVendor"],
        model=payload["chargePointModel"],
        serial_number=payload.get(
            "chargePointSerialNumber", payload.get("chargeBoxSerialNumber", "")
        ),
        firmware_version=payload.get("firmwareVersion", ""),
    )
    boot.received_at.FromDatetime(now)
    await station.engine.record_boot(
        RecordBootItem(
            request_id=request_ids.fresh(),
            station_id=station.id,
            generation=station.generation,
            boot=boot,
        )
    )
    return {
        "status": "Accepted",
        "currentTime": times.write(now),
        "interval": station.heartbeat_interval,
    }
