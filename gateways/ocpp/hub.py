"""The connections of this process, one for each station."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from gateways.ocpp.connection import Connection

ARRIVAL_TIMEOUT = 2.0
"""A command may overtake the answer that made us the holder of its station, by so much at most."""


class Hub:
    """Knows which connection is a station's; the newest generation wins."""

    def __init__(self) -> None:
        self._held: dict[str, Connection] = {}
        self._expected: defaultdict[str, list[asyncio.Future[None]]] = defaultdict(list)

    def hold(self, connection: Connection) -> Connection | None:
        """Hold a new connection.

        Answer with the one that must close: the older of the two, if any.
        """
        station = connection.station
        held = self._held.get(station.id)
        if held is not None and held.station.generation > station.generation:
            return connection
        self._held[station.id] = connection
        for expected in self._expected.pop(station.id, ()):
            if not expected.done():
                expected.set_result(None)
        return held

    def release(self, connection: Connection) -> None:
        """Forget a connection that ended; one that was replaced changes nothing."""
        if self._held.get(connection.station.id) is connection:
            del self._held[connection.station.id]

    async def find(self, station_id: str, *, generation: int) -> Connection | None:
        """The connection of a station with this generation; 0 means whichever is held.

        One that the engine knows already and we do not yet is waited for.
        """
        held = self._held.get(station_id)
        if generation and (held is None or held.station.generation < generation):
            await self._arrival(station_id)
            held = self._held.get(station_id)
        if held is None or generation not in (0, held.station.generation):
            return None
        return held

    async def _arrival(self, station_id: str) -> None:
        expected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._expected[station_id].append(expected)
        await asyncio.wait([expected], timeout=ARRIVAL_TIMEOUT)
        if not expected.done():
            self._expected[station_id].remove(expected)
            if not self._expected[station_id]:
                del self._expected[station_id]

    def all(self) -> Iterable[Connection]:
        """Every connection held now."""
        return tuple(self._held.values())
