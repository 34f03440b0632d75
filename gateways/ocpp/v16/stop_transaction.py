"""StopTransaction: a charge ended (section 4.10)."""

import structlog
from interwatt.sessions.v1.sessions_service_pb2 import StopSessionItem

from gateways.common import request_ids
from gateways.ocpp import times
from gateways.ocpp.station import ConnectedStation, Payload
from gateways.ocpp.v16 import limits, readings
from gateways.ocpp.v16.content import canonical

_LOG = structlog.get_logger()

DEFAULT_REASON = "Local"


async def handle(payload: Payload, station: ConnectedStation) -> Payload:
    """Store the stop, of whatever transaction. The answer tells nothing of a token: the charge is
    over, and a station that must know asks by Authorize."""
    meter_stop = limits.register_mwh(payload.get("meterStop"))
    if meter_stop is None:
        station.repaired("meter_stop_unknown")
    item = StopSessionItem(
        station_id=station.id,
        generation=station.generation,
        transaction_id=limits.transaction(payload["transactionId"]),
        meter_stop_mwh=meter_stop or 0,
        meter_stop_unknown=meter_stop is None,
        reason=payload.get("reason", DEFAULT_REASON),
        token_uid=payload.get("idTag", ""),
        readings=readings.read(payload.get("transactionData", ()), station.repaired),
    )
    item.stopped_at.FromDatetime(times.parse(payload["timestamp"]))
    item.request_id = request_ids.derive_at(
        item.stopped_at.ToMilliseconds(), "StopTransaction", station.id, canonical(payload)
    )
    outcome = await station.engine.stop(item)
    _LOG.info(
        "session.stopped",
        station=station.id,
        session_id=outcome.session.id,
        orphan_id=outcome.orphan_id,
        transaction=item.transaction_id,
        replayed=outcome.replayed,
    )
    return {}
