"""SecurityEventNotification.

Something that bears on security happened (security white paper, section 5.15).
"""

import structlog

from gateways.ocpp.station import ConnectedStation, Payload

_LOG = structlog.get_logger()


async def handle(payload: Payload, station: ConnectedStation) -> Payload:
    """Acknowledge it; the log keeps it for the operator."""
    _LOG.info(
        "security_event.received", station=station.id, kind=payload["type"], at=payload["timestamp"]
    )
    return {}
