"""The handshake (section 7): each side learns the other's endpoints and the token to send."""

from collections.abc import Iterable, Sequence

from interwatt.common.v1 import error_reason_pb2 as reasons
from interwatt.common.v1.party_pb2 import PartyId
from interwatt.partners.v1.partner_pb2 import Partner, PartnerParty
from interwatt.partners.v1.partners_service_pb2 import EndPartnerRequest, RegisterPartnerRequest

from gateways.common import request_ids
from gateways.common.errors import EngineError
from gateways.common.telemetry import correlation_id
from gateways.ocpi import handshake, status
from gateways.ocpi.client import Credential
from gateways.ocpi.exchange import Exchange, Reply
from gateways.ocpi.handshake import HandshakeFailed
from gateways.ocpi.status import OcpiError
from gateways.ocpi.urls import Urls
from gateways.ocpi.v221 import VERSION, names, wire


def ours(token: str, entries: Iterable[PartnerParty], urls: Urls) -> wire.Credentials:
    """Write our credentials: the token that the partner must send from now on, and our parties."""
    return wire.Credentials(
        token=token,
        url=urls.versions,
        roles=[
            wire.CredentialsRole(
                role=names.role(entry.role),
                business_details=wire.BusinessDetails(name=entry.name),
                party_id=entry.party.party_id,
                country_code=entry.party.country_code,
            )
            for entry in entries
        ],
    )


def parties_to_proto(roles: Sequence[wire.CredentialsRole]) -> list[PartnerParty]:
    """Convert a partner's roles."""
    return [
        PartnerParty(
            party=PartyId(country_code=each.country_code, party_id=each.party_id),
            role=names.ROLES[each.role],
            name=each.business_details.name,
        )
        for each in roles
    ]


async def get(exchange: Exchange) -> Reply:
    """Answer with our credentials; the token is the one that the caller just sent."""
    return Reply(data=ours(exchange.caller.token, exchange.ours.entries, exchange.platform.urls))


async def post(exchange: Exchange) -> Reply:
    """Register the caller."""
    if exchange.partner.state == Partner.STATE_REGISTERED:
        raise _not_allowed("You are registered already; use PUT to change your credentials.")
    return await _register(exchange, rotate=False)


async def put(exchange: Exchange) -> Reply:
    """Change the caller's credentials and answer with a new token."""
    if not exchange.caller.registered:
        raise _not_allowed("You are not registered; use POST.")
    return await _register(exchange, rotate=True)


async def delete(exchange: Exchange) -> Reply:
    """End the connection with the caller."""
    if not exchange.caller.registered:
        raise _not_allowed("You are not registered.")
    await exchange.calls.partners.EndPartner(
        EndPartnerRequest(request_id=request_ids.fresh(), partner_id=exchange.partner.id)
    )
    _forget(exchange)
    return Reply()


async def _register(exchange: Exchange, *, rotate: bool) -> Reply:
    """Read the caller's endpoints while it waits, with the token it gives us, then record both."""
    theirs = exchange.read(wire.Credentials)
    entries = parties_to_proto(theirs.roles)
    try:
        found = await handshake.discover(
            exchange.platform.client,
            versions_url=theirs.url,
            credential=Credential(theirs.token, literal=exchange.caller.literal),
            supported=[VERSION],
            correlation_id=correlation_id.get(),
        )
        handshake.check_endpoints(found.endpoints, (entry.role for entry in entries))
    except HandshakeFailed as error:
        raise OcpiError(200, error.code, error.message) from error
    registration = RegisterPartnerRequest(
        request_id=request_ids.fresh(),
        partner_id=exchange.partner.id,
        their_token=theirs.token,
        versions_url=theirs.url,
        ocpi_version=found.version,
        endpoints=found.endpoints,
        parties=entries,
        rotate=rotate,
        token_literal=found.credential.literal,
    )
    try:
        response = await exchange.calls.partners.RegisterPartner(registration)
    except EngineError as error:
        raise _not_registered(error) from error
    _forget(exchange)
    return Reply(data=ours(response.token, exchange.ours.entries, exchange.platform.urls))


def _forget(exchange: Exchange) -> None:
    exchange.platform.authenticator.forget()
    exchange.platform.connections.forget(exchange.partner.id)


def _not_registered(error: EngineError) -> OcpiError:
    """Refuse a second handshake, begun before the first was done, and parties of somebody else."""
    match error.reason:
        case reasons.ERROR_REASON_STATE_CONFLICT:
            return _not_allowed("You are registered already; use PUT to change your credentials.")
        case reasons.ERROR_REASON_WRONG_PARTY:
            return OcpiError(200, status.INVALID_PARAMETERS, error.message)
        case _:
            return status.of_engine(error)


def _not_allowed(message: str) -> OcpiError:
    return OcpiError(405, status.CLIENT_ERROR, message)
