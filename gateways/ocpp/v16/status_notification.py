"""StatusNotification.

The state of a connector, or with connector 0 of the station (section 4.9).
"""

from interwatt.stations.v1.stations_service_pb2 import RecordStatusItem

from gateways.common import request_ids
from gateways.ocpp import times
from gateways.ocpp.station import ConnectedStation, Payload
from gateways.ocpp.v16 import limits


async def handle(payload: Payload, station: ConnectedStation) -> Payload:
    """Store it; without a timestamp it holds from now."""
    item = RecordStatusItem(
        request_id=request_ids.fresh(),
        station_id=station.id,
        generation=station.generation,
        connector_number=limits.connector(payload["connectorId"]),
        status=payload["status"],
        error_code=payload["errorCode"],
    )
    at = payload.get("timestamp")
    item.at.FromDatetime(station.now() if at is None else times.parse(at))
    await station.engine.record_status(item)
    return {}
