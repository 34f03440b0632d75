"""DataTransfer: a vendor's own message (section 4.3)."""

import structlog

from gateways.ocpp.station import ConnectedStation, Payload

_LOG = structlog.get_logger()


async def handle(payload: Payload, station: ConnectedStation) -> Payload:
    """Say that this vendor is not known here; the log tells the operator who asked for what."""
    _LOG.info(
        "data_transfer.received",
        station=station.id,
        vendor=payload["vendorId"],
        message=payload.get("messageId", ""),
    )
    return {"status": "UnknownVendorId"}
