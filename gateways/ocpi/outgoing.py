"""A call to one of a partner's modules, as a version folder describes it and as it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

from interwatt.common.v1.party_pb2 import PartyId

from gateways.ocpi import urls
from gateways.ocpi.client import Answer, PartnerClient
from gateways.ocpi.connections import Connection
from gateways.ocpi.parties import Routing

Side = Literal["SENDER", "RECEIVER"]


class NoEndpoint(Exception):
    """A partner does not offer the module that the call is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerCall:
    """What to send; the URL comes from the partner's own version details."""

    method: str
    module: str
    side: Side
    segments: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to show an object to a partner: calls to try, each when the one before was refused."""

    calls: tuple[PartnerCall, ...]
    version: int
    owner: PartyId
    absent_is_done: bool = False
    """Whether a partner that does not know the object has what it should have."""
    session_id: str = ""
    """The charge that the object belongs to; log lines and the partner are told it."""


async def send(
    client: PartnerClient,
    connection: Connection,
    call: PartnerCall,
    *,
    routing: Routing,
    correlation_id: str,
) -> Answer:
    """Make a call; `NoEndpoint` and `Unreachable` say why there is no answer."""
    endpoint = connection.endpoint(call.module, call.side)
    if endpoint is None:
        raise NoEndpoint(f"The partner has no {call.module} {call.side} endpoint.")
    url = urls.join(endpoint, *call.segments)
    if call.query:
        url = f"{url}?{urlencode(call.query)}"
    return await client.call(
        call.method,
        url,
        credential=connection.credential,
        correlation_id=correlation_id,
        routing=routing,
        body=call.body,
    )
