"""StartTransaction: a charge began (section 4.8).

A refused token still gets a transaction: it has begun, and a station without one sends the message
for ever. One whose register cannot be read is a start all the same: its bill says so.
"""

from datetime import timedelta

import structlog
from interwatt.sessions.v1.sessions_service_pb2 import StartSessionItem

from gateways.common import request_ids
from gateways.ocpp import times
from gateways.ocpp.station import ConnectedStation, Payload
from gateways.ocpp.v16 import limits
from gateways.ocpp.v16.id_tag_info import id_tag_info

_LOG = structlog.get_logger()

HISTORICAL_BEFORE_CONNECT = timedelta(seconds=60)


async def handle(payload: Payload, station: ConnectedStation) -> Payload:
    """Store the start and answer with its transaction and the decision on its token."""
    outcome = await station.engine.start(_item(payload, station))
    _LOG.info(
        "session.started",
        station=station.id,
        session_id=outcome.session.id,
        transaction=outcome.session.transaction_id,
        replayed=outcome.replayed,
    )
    return {
        "transactionId": outcome.session.transaction_id,
        "idTagInfo": id_tag_info(outcome.authorization),
    }


def _item(payload: Payload, station: ConnectedStation) -> StartSessionItem:
    """The start as the engine takes it.

    Its id comes from what the station said and never from the message id: a station that lost our
    answer says it again, perhaps on another connection with another message id, and must get the
    same transaction.
    """
    connector = limits.connector(payload["connectorId"])
    meter_start = limits.register_mwh(payload.get("meterStart"))
    if meter_start is None:
        station.repaired("meter_start_unknown")
    started_at = times.parse(payload["timestamp"])
    item = StartSessionItem(
        station_id=station.id,
        generation=station.generation,
        connector_number=connector,
        token_uid=payload["idTag"],
        meter_start_mwh=meter_start or 0,
        meter_start_unknown=meter_start is None,
        historical=started_at < station.connected_at - HISTORICAL_BEFORE_CONNECT,
    )
    item.started_at.FromDatetime(started_at)
    item.request_id = request_ids.derive_at(
        item.started_at.ToMilliseconds(),
        "StartTransaction",
        station.id,
        connector,
        payload["idTag"],
        meter_start,
    )
    return item
