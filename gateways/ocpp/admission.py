"""Who may connect: asked of the engine before the upgrade, so that a refusal is an HTTP status."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace

from interwatt.stations.v1.station_pb2 import Station
from interwatt.stations.v1.stations_service_pb2 import ConnectStationItem, ConnectStationOutcome

from gateways.common import request_ids
from gateways.ocpp import credentials
from gateways.ocpp.engine_calls import EngineCalls

FREE_REFUSALS = 20
REFUSAL_WINDOW = 60.0
REFUSAL_DELAY = 1.0
MAX_ADDRESSES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What a station showed in its handshake."""

    identity: str
    password: bytes | None
    subprotocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A visitor that may connect, with the password in the spelling that the engine knows."""

    visitor: Visitor
    station: Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A visitor that may not, and the HTTP status that says so."""

    status: int
    reason: str


class Admission:
    """Asks the engine about visitors."""

    def __init__(self, engine: EngineCalls) -> None:
        self._engine = engine

    async def check(self, visitor: Visitor) -> Admitted | Turned:
        """Say whether it may connect; nothing changes. A key sent decoded is also tried as its
        digits.

        Raises `EngineUnavailable`.
        """
        outcome = await self._ask(visitor, check_only=True)
        if outcome.admission == ConnectStationOutcome.ADMISSION_ADMITTED:
            return Admitted(visitor=visitor, station=outcome.station)
        if outcome.admission == ConnectStationOutcome.ADMISSION_UNKNOWN_STATION:
            return Turned(status=404, reason="unknown_station")
        for spelling in credentials.other_spellings(visitor.password or b""):
            respelled = replace(visitor, password=spelling)
            outcome = await self._ask(respelled, check_only=True)
            if outcome.admission == ConnectStationOutcome.ADMISSION_ADMITTED:
                return Admitted(visitor=respelled, station=outcome.station)
        return Turned(status=401, reason="wrong_password")

    async def connect(self, visitor: Visitor) -> Station | None:
        """Become the holder of the station's connection; None when it may no longer connect.

        Raises `EngineUnavailable`.
        """
        outcome = await self._ask(visitor, check_only=False)
        if outcome.admission == ConnectStationOutcome.ADMISSION_ADMITTED:
            return outcome.station
        return None

    async def _ask(self, visitor: Visitor, *, check_only: bool) -> ConnectStationOutcome:
        return await self._engine.connect(
            ConnectStationItem(
                request_id=request_ids.fresh(),
                station_id=visitor.identity,
                password=visitor.password or b"",
                has_password=visitor.password is not None,
                gateway_id=self._engine.gateway_id,
                subprotocol=visitor.subprotocol,
                check_only=check_only,
            )
        )


class Slowdown:
    """Slows the answers to an address that keeps being refused; nobody else waits."""

    def __init__(self) -> None:
        self._refusals: OrderedDict[str, tuple[float, int]] = OrderedDict()

    async def refuse(self, address: str) -> None:
        """Count a refusal of this address and wait as long as it deserves."""
        now = asyncio.get_running_loop().time()
        since, count = self._refusals.pop(address, (now, 0))
        if now - since > REFUSAL_WINDOW:
            since, count = now, 0
        self._refusals[address] = (since, count + 1)
        if len(self._refusals) > MAX_ADDRESSES:
            self._refusals.popitem(last=False)
        if count >= FREE_REFUSALS:
            await asyncio.sleep(REFUSAL_DELAY)
