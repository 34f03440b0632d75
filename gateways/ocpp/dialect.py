"""A version of OCPP, as the parts that all versions share see it.

Each version is a folder with one `Dialect`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from interwatt.commands.v1.command_pb2 import StartCharge, StopCharge

from gateways.ocpp.faults import Fault
from gateways.ocpp.schemas import Schema
from gateways.ocpp.station import Handler, Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How one action of the station is handled."""

    handle: Handler
    transactional: bool = False
    """Whether it tells of a transaction.

    Answered when stored, refused only for its content.
    """
    last_resort: Payload | None = None
    """The answer once a message that nobody can read was kept as it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A call to a station that asks it to do something."""

    action: str
    payload: Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Everything that differs between versions."""

    subprotocol: str
    routes: Mapping[str, Route]
    outgoing: frozenset[str]
    """Actions that only we may send, or both."""
    requests: Mapping[str, Schema]
    responses: Mapping[str, Schema]
    """Of every action that a station can be asked for."""
    agreements: frozenset[str]
    """The statuses by which a station agrees; every other one says no."""
    spelling: Mapping[Fault, str]
    unreadable_id: str | None
    """The message id to answer a frame whose own cannot be read; None answers nothing."""
    start_charge: Callable[[StartCharge], Outgoing]
    stop_charge: Callable[[StopCharge], Outgoing]
