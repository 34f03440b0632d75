"""SignCertificate: the station wants a certificate (security white paper, section 5.17)."""

from gateways.ocpp.station import ConnectedStation, Payload


async def handle(_payload: Payload, _station: ConnectedStation) -> Payload:
    """Refuse: this platform runs no certificate authority."""
    return {"status": "Rejected"}
