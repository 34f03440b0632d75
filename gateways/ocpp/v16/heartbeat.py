"""Heartbeat: the station lives and wants the time (section 4.6)."""

from gateways.ocpp import times
from gateways.ocpp.station import ConnectedStation, Payload


async def handle(_payload: Payload, station: ConnectedStation) -> Payload:
    """Answer with the time; the open connection says all that the engine needs to know."""
    return {"currentTime": times.write(station.now())}
