"""Which station of ours stands at a location, EVSE and connector."""

from collections.abc import Iterable
from typing import NamedTuple

from interwatt.stations.v1.station_pb2 import Station
from interwatt.stations.v1.stations_service_pb2 import ListStationsRequest

from gateways.ocpi.engine_calls import EngineCalls

PAGE_SIZE = 1000  # more than stand at any location
ANY_CONNECTOR = 0


class Outlet(NamedTuple):
    """A connector of a station; number 0 lets the station choose."""

    station_id: str
    connector_number: int


class Stations:
    """Asks the engine for our stations."""

    def __init__(self, calls: EngineCalls) -> None:
        self._calls = calls

    async def find(
        self, *, location_id: str, evse_uid: str | None, connector_id: str | None
    ) -> Outlet | None:
        """Find where to start a charge, a station that is online first."""
        request = ListStationsRequest(page_size=PAGE_SIZE, location_id=location_id)
        page = await self._calls.stations.ListStations(request)
        return choose(page.stations, evse_uid=evse_uid, connector_id=connector_id)


def choose(
    stations: Iterable[Station], *, evse_uid: str | None, connector_id: str | None
) -> Outlet | None:
    """Choose among the stations of one location; without an EVSE any will do."""
    for station in sorted(stations, key=lambda each: (not each.online, each.id)):
        if not evse_uid:
            return Outlet(station.id, ANY_CONNECTOR)
        for connector in station.connectors:
            right_evse = connector.evse_uid.casefold() == evse_uid.casefold()
            if right_evse and (connector_id or connector.connector_id) == connector.connector_id:
                return Outlet(station.id, connector.number)
    return None
