"""What a version of OCPI has to provide: its routes, and how it says what we send."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from interwatt.commands.v1.command_pb2 import Command, CommandResult
from interwatt.deliveries.v1.deliveries_service_pb2 import Delivery
from interwatt.partners.v1.partner_pb2 import PartnerParty

from gateways.ocpi.client import Answer
from gateways.ocpi.engine_calls import EngineCalls
from gateways.ocpi.exchange import Route
from gateways.ocpi.outgoing import PartnerCall, Plan
from gateways.ocpi.urls import Urls


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer means for a command."""

    state: Command.State
    result: CommandResult


@dataclass(frozen=True, slots=True)
class TheirCredentials:
    """What a partner answers to our credentials."""

    token: str
    versions_url: str
    parties: Sequence[PartnerParty]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One version."""

    version: str
    routes: Sequence[Route]
    plan_push: Callable[[Delivery, EngineCalls], Awaitable[Plan]]
    """Read the object of a delivery and say how to show it."""
    command_call: Callable[[Command, Urls], PartnerCall]
    """Say how to send a command."""
    command_outcome: Callable[[Command, Answer], Outcome]
    """Read the answer to a command."""
    our_credentials: Callable[[str, Sequence[PartnerParty], Urls], bytes]
    """Write our credentials with this token."""
    their_credentials: Callable[[bytes], TheirCredentials]
    """Read a partner's credentials; `NotUnderstood` when they are not."""
