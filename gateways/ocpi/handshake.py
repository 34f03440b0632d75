"""Getting to know a partner: its versions list, the version both speak, that version's endpoints.

Made in both directions: while a partner's POST or PUT of credentials is open, and when we register
at a partner.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from interwatt.common.v1 import party_pb2
from interwatt.common.v1.party_pb2 import Role
from interwatt.partners.v1.partner_pb2 import Endpoint

from gateways.ocpi import codec, status
from gateways.ocpi.client import Answer, Credential, PartnerClient, Unreachable

CREDENTIALS = "credentials"

EXPECTED = {
    party_pb2.ROLE_CPO: {
        ("locations", "SENDER"),
        ("tariffs", "SENDER"),
        ("sessions", "SENDER"),
        ("cdrs", "SENDER"),
        ("tokens", "RECEIVER"),
        ("commands", "RECEIVER"),
    },
    party_pb2.ROLE_EMSP: {
        ("tokens", "SENDER"),
        ("commands", "SENDER"),
        ("locations", "RECEIVER"),
        ("tariffs", "RECEIVER"),
        ("sessions", "RECEIVER"),
        ("cdrs", "RECEIVER"),
    },
}
"""What a role can offer to us; a partner of that role must offer at least one of it."""

T = TypeVar("T")


class HandshakeFailed(Exception):
    """A partner cannot be registered; the text is for either side to read."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class _Version(msgspec.Struct, frozen=True):
    version: str
    url: str


class _Endpoint(msgspec.Struct, frozen=True):
    identifier: str
    url: str
    role: str = ""


class _Details(msgspec.Struct, frozen=True):
    endpoints: list[_Endpoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a partner offers."""

    version: str
    endpoints: Sequence[Endpoint]
    credential: Credential

    @property
    def credentials_url(self) -> str:
        """Where to send credentials."""
        return next(each.url for each in self.endpoints if each.module == CREDENTIALS)


async def discover(
    client: PartnerClient,
    *,
    versions_url: str,
    credential: Credential,
    supported: Iterable[str],
    correlation_id: str,
) -> Discovery:
    """Read a partner's versions and the details of the newest that both speak.

    A partner that does not accept the token as written is asked once more with the token written
    the other way.
    """
    credential, answer = await _first_answer(client, versions_url, credential, correlation_id)
    versions = _data(answer, list[_Version], what="versions list")
    newest = _newest(versions, supported)
    answer = await _get(client, newest.url, credential, correlation_id)
    details = _data(answer, _Details, what="version details")
    endpoints = [
        Endpoint(module=each.identifier, interface_role=each.role, url=each.url)
        for each in details.endpoints
    ]
    if not any(endpoint.module == CREDENTIALS for endpoint in endpoints):
        raise HandshakeFailed(
            status.NO_MATCHING_ENDPOINTS, "The version details have no credentials endpoint."
        )
    return Discovery(version=newest.version, endpoints=endpoints, credential=credential)


def check_endpoints(endpoints: Iterable[Endpoint], roles: Iterable[Role]) -> None:
    """Refuse a partner that offers nothing of what its roles can offer."""
    offered = {(each.module, each.interface_role) for each in endpoints}
    for role in roles:
        expected = EXPECTED.get(role)
        if expected and not expected & offered:
            listed = ", ".join(f"{module} {side}" for module, side in sorted(expected))
            raise HandshakeFailed(
                status.NO_MATCHING_ENDPOINTS,
                f"For the role {Role.Name(role).removeprefix('ROLE_')} expected one of: {listed}.",
            )


async def _first_answer(
    client: PartnerClient, url: str, credential: Credential, correlation_id: str
) -> tuple[Credential, Answer]:
    answer = await _get(client, url, credential, correlation_id)
    if answer.unauthorized:
        other = Credential(credential.token, literal=not credential.literal)
        second = await _get(client, url, other, correlation_id)
        if not second.unauthorized:
            return other, second
    return credential, answer


async def _get(
    client: PartnerClient, url: str, credential: Credential, correlation_id: str
) -> Answer:
    try:
        return await client.call("GET", url, credential=credential, correlation_id=correlation_id)
    except Unreachable as error:
        raise HandshakeFailed(
            status.UNABLE_TO_USE_API, f"No answer from the partner. {error}"
        ) from error


def _data(answer: Answer, kind: type[T], *, what: str) -> T:
    if not answer.succeeded or answer.data is None:
        raise HandshakeFailed(status.UNABLE_TO_USE_API, f"Expected the {what}, found {answer}.")
    try:
        return codec.decode(answer.data, kind)
    except (codec.NotJson, codec.NotUnderstood) as error:
        raise HandshakeFailed(
            status.UNABLE_TO_USE_API, f"The {what} cannot be read: {error}"
        ) from error


def _newest(versions: Sequence[_Version], supported: Iterable[str]) -> _Version:
    """Find the highest version both speak; "2.2.1" is above "2.2" and "2.10" above both."""
    ours = set(supported)
    mutual = [each for each in versions if each.version in ours]
    if not mutual:
        found = ", ".join(each.version for each in versions) or "none"
        raise HandshakeFailed(
            status.UNSUPPORTED_VERSION,
            f"Expected one of the versions {', '.join(sorted(ours))}, found {found}.",
        )
    return max(mutual, key=lambda each: [int(number) for number in each.version.split(".")])
