"""A connected station, as the handlers of its messages see it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateways.ocpp.engine_calls import EngineCalls

Payload = Mapping[str, Any]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedStation:
    """What stays the same during one connection."""

    id: str
    generation: int
    connected_at: datetime
    heartbeat_interval: int
    engine: EngineCalls
    now: Clock
    repaired: Callable[[str], None]
    """Called with the name of each repair that a handler makes."""


Handler = Callable[[Payload, ConnectedStation], Awaitable[Payload]]
