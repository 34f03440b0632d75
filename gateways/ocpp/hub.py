"""The connections of this process, one for each station."""

from collections.abc import Iterable

from gateways.ocpp.connection import Connection


class Hub:
    """Knows which connection is a station's; the newest generation wins."""

    def __init__(self) -> None:
        self._held: dict[str, Connection] = {}

    def hold(self, connection: Connection) -> Connection | None:
        """Hold a new connection.

        Answer with the one that must close: the older of the two, if any.
        """
        station = connection.station
        held = self._held.get(station.id)
        if held is not None and held.station.generation > station.generation:
            return connection
        self._held[station.id] = connection
        return held

    def release(self, connection: Connection) -> None:
        """Forget a connection that ended; one that was replaced changes nothing."""
        if self._held.get(connection.station.id) is connection:
            del self._held[connection.station.id]

    def find(self, station_id: str) -> Connection | None:
        """The connection of a station."""
        return self._held.get(station_id)

    def all(self) -> Iterable[Connection]:
        """Every connection held now."""
        return tuple(self._held.values())
