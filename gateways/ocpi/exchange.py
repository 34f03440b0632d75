"""One request of a partner: what every handler is given and gives back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from google.protobuf.message import Message
from interwatt.common.v1.party_pb2 import PartyId
from interwatt.partners.v1.partner_pb2 import Partner

from gateways.ocpi import codec, paging, parties
from gateways.ocpi.auth import Authenticator, Caller
from gateways.ocpi.background import Background
from gateways.ocpi.client import PartnerClient
from gateways.ocpi.connections import Connections
from gateways.ocpi.engine_calls import EngineCalls, OurParties
from gateways.ocpi.envelope import NO_DATA
from gateways.ocpi.locks import KeyedLocks
from gateways.ocpi.stations import Stations
from gateways.ocpi.status import INVALID_PARAMETERS, SUCCESS, OcpiError
from gateways.ocpi.urls import Urls

T = TypeVar("T")
R = TypeVar("R", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What all exchanges of this process share."""

    calls: EngineCalls
    authenticator: Authenticator
    client: PartnerClient
    connections: Connections
    background: Background
    stations: Stations
    locks: KeyedLocks
    urls: Urls


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request whose sender is known."""

    platform: Platform
    caller: Caller
    ours: OurParties
    path: Mapping[str, str]
    query: Mapping[str, str]
    url: str
    body: bytes

    @property
    def calls(self) -> EngineCalls:
        """The engine."""
        return self.platform.calls

    @property
    def partner(self) -> Partner:
        """Who calls."""
        return self.caller.partner

    def read(self, kind: type[T]) -> T:
        """Read the body as an object of this kind; 400 when it is not JSON, else 2001."""
        try:
            return codec.decode(self.body, kind)
        except codec.NotUnderstood as error:
            raise OcpiError(200, INVALID_PARAMETERS, str(error)) from error
        except codec.NotJson as error:
            raise OcpiError(400, INVALID_PARAMETERS, str(error)) from error

    def read_changes(self) -> dict[str, codec.Json]:
        """Read the body of a PATCH as a tree; without last_updated it is refused."""
        try:
            changes = codec.decode_object(self.body)
        except codec.NotUnderstood as error:
            raise OcpiError(200, INVALID_PARAMETERS, str(error)) from error
        except codec.NotJson as error:
            raise OcpiError(400, INVALID_PARAMETERS, str(error)) from error
        if changes.get("last_updated") is None:
            raise OcpiError(
                200, INVALID_PARAMETERS, "A PATCH needs the required field `last_updated`."
            )
        return changes

    def understand(self, tree: Mapping[str, codec.Json], kind: type[T]) -> T:
        """Read a tree, changed by a PATCH, as an object of this kind."""
        try:
            return codec.decode(codec.encode(tree), kind)
        except codec.NotUnderstood as error:
            raise OcpiError(200, INVALID_PARAMETERS, str(error)) from error

    async def page(
        self,
        method: Callable[[R], Awaitable[Any]],
        wanted: R,
        items: str,
        convert: Callable[[Any], object],
    ) -> "Reply":
        """Answer with a page of a list of the engine's.

        `wanted` has the filters that are not the partner's to choose, `items` names the field of
        the answer.
        """
        asked = paging.PageRequest.read(self.query)
        make: Any = type(wanted)

        async def fetch(size: int, token: str) -> paging.Page[Any]:
            request = make(
                page_size=size,
                page_token=token,
                updated_from=asked.updated_from,
                updated_to=asked.updated_to,
            )
            request.MergeFrom(wanted)
            response = await method(request)
            return paging.Page(
                getattr(response, items), response.next_page_token, response.total_size
            )

        page = await paging.read_page(asked, fetch)
        return Reply(
            data=[convert(item) for item in page.items],
            headers=paging.headers(asked, page, url=self.url, query=self.query),
        )

    def owner(self) -> PartyId:
        """The party in the URL, which must be one of the caller's."""
        owner = PartyId(country_code=self.path["country_code"], party_id=self.path["party_id"])
        self.must_own(owner)
        return owner

    def must_own(self, owner: PartyId, *, http: int = 404) -> None:
        """Refuse what another party owns."""
        if not parties.speaks_for(self.partner, owner):
            raise OcpiError(
                http, INVALID_PARAMETERS, f"{parties.name(owner)} is not one of your parties."
            )

    def must_match(self, **pairs: tuple[str | None, str]) -> None:
        """Compare what the body says with what the URL says, without regard to case."""
        for name, (said, expected) in pairs.items():
            if said is not None and said.casefold() != expected.casefold():
                raise OcpiError(
                    200,
                    INVALID_PARAMETERS,
                    f'Expected {name} to be "{expected}" as in the URL, found "{said}".',
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to answer; without data the envelope has none."""

    data: Any = NO_DATA
    http: int = 200
    code: int = SUCCESS
    message: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Exchange], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path and what its methods do.

    `functional` routes carry routing headers and need a finished handshake; versions and
    credentials do not.
    """

    path: str
    methods: Mapping[str, Handler]
    functional: bool = True
