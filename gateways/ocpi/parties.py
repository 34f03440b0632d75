"""Who a message is from and to: parties, compared without regard to case, and routing headers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from interwatt.common.v1.party_pb2 import PartyId, Role
from interwatt.partners.v1.partner_pb2 import Partner, PartnerParty

FROM_COUNTRY = "OCPI-from-country-code"
FROM_PARTY = "OCPI-from-party-id"
TO_COUNTRY = "OCPI-to-country-code"
TO_PARTY = "OCPI-to-party-id"


@dataclass(frozen=True, slots=True)
class Routing:
    """Sender and receiver of one message, where known."""

    sender: PartyId | None
    receiver: PartyId | None

    def headers(self) -> dict[str, str]:
        """Write the headers that are known."""
        headers: dict[str, str] = {}
        if self.sender is not None:
            headers[FROM_COUNTRY] = self.sender.country_code
            headers[FROM_PARTY] = self.sender.party_id
        if self.receiver is not None:
            headers[TO_COUNTRY] = self.receiver.country_code
            headers[TO_PARTY] = self.receiver.party_id
        return headers


def read(headers: Mapping[str, str]) -> Routing:
    """Read the headers of a request; half a pair counts as none."""
    return Routing(
        sender=_party(headers.get(FROM_COUNTRY), headers.get(FROM_PARTY)),
        receiver=_party(headers.get(TO_COUNTRY), headers.get(TO_PARTY)),
    )


def same(one: PartyId, other: PartyId) -> bool:
    """Compare two parties without regard to case."""
    return name(one).casefold() == name(other).casefold()


def name(party: PartyId) -> str:
    """Write a party for people, e.g. "NL-IWT"."""
    return f"{party.country_code}-{party.party_id}"


def speaks_for(partner: Partner, party: PartyId) -> bool:
    """Tell whether a partner carries this party."""
    return any(same(entry.party, party) for entry in partner.parties)


def with_role(entries: Iterable[PartnerParty], role: Role) -> PartyId | None:
    """Find the first party with a role, else the first of all."""
    listed = list(entries)
    return first(entry for entry in listed if entry.role == role) or first(listed)


def first(entries: Iterable[PartnerParty]) -> PartyId | None:
    """Find the first party."""
    return next((entry.party for entry in entries), None)


def _party(country_code: str | None, party_id: str | None) -> PartyId | None:
    if not country_code or not party_id:
        return None
    return PartyId(country_code=country_code, party_id=party_id)
