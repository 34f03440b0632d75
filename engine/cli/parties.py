"""Parties as people write them: `NL-IWT`."""

from __future__ import annotations

from interwatt.common.v1.party_pb2 import ROLE_CPO, ROLE_EMSP, PartyId, Role
from interwatt.partners.v1.partners_service_pb2 import GetOurPartiesRequest
from interwatt.partners.v1.partners_service_pb2_grpc import PartnersServiceStub

from engine.cli.client import Client
from engine.cli.errors import CommandError
from engine.kernel.party import parse_party, split_party


def read_party(text: str) -> PartyId:
    """Read `"NL-IWT"`.

    Raises:
        CommandError: it has another shape.
    """
    try:
        country_code, party_id = split_party(parse_party(text))
    except ValueError as error:
        raise CommandError(f'Expected a party such as "NL-IWT", found "{text}".') from error
    return PartyId(country_code=country_code, party_id=party_id)


def our_cpo(client: Client) -> PartyId:
    """Return the first party of ours that runs charging stations."""
    return _ours(client, ROLE_CPO)


def our_emsp(client: Client) -> PartyId:
    """Return the first party of ours that serves drivers."""
    return _ours(client, ROLE_EMSP)


def _ours(client: Client, role: Role) -> PartyId:
    stub = client.stub(PartnersServiceStub)
    for entry in client.call(stub.GetOurParties, GetOurPartiesRequest()).parties:
        if entry.role == role:
            return entry.party
    raise CommandError(f"None of our parties is a {Role.Name(role).removeprefix('ROLE_')}.")
