"""MeterValues: what the meter says, during a transaction or outside (section 4.7)."""

from interwatt.sessions.v1.sessions_service_pb2 import RecordMeterReadingsItem

from gateways.common import request_ids
from gateways.ocpp.station import ConnectedStation, Payload
from gateways.ocpp.v16 import limits, readings
from gateways.ocpp.v16.content import canonical


async def handle(payload: Payload, station: ConnectedStation) -> Payload:
    """Store the readings, of whatever transaction.

    A message without any readable one is only acknowledged.
    """
    connector = limits.connector(payload["connectorId"])
    found = readings.read(payload["meterValue"], station.repaired)
    if found:
        await station.engine.record_readings(
            RecordMeterReadingsItem(
                request_id=request_ids.derive_at(
                    found[0].at.ToMilliseconds(), "MeterValues", station.id, canonical(payload)
                ),
                station_id=station.id,
                generation=station.generation,
                connector_number=connector,
                transaction_id=limits.transaction(payload.get("transactionId", 0)),
                readings=found,
            )
        )
    return {}
