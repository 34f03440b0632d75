"""LogStatusNotification: how an upload of a log goes (security white paper, section 5.13)."""

import structlog

from gateways.ocpp.station import ConnectedStation, Payload

_LOG = structlog.get_logger()


async def handle(payload: Payload, station: ConnectedStation) -> Payload:
    """Acknowledge it; the log keeps it for the operator."""
    _LOG.info("log.reported", station=station.id, status=payload["status"])
    return {}
