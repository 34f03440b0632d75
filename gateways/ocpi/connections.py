"""How to reach each partner: its endpoints and the token it knows us by, kept for a moment."""

from dataclasses import dataclass
from time import monotonic

from interwatt.partners.v1.partner_pb2 import Partner
from interwatt.partners.v1.partners_service_pb2 import GetPartnerConnectionRequest

from gateways.ocpi.client import Credential
from gateways.ocpi.engine_calls import EngineCalls

KEPT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One partner as we call it."""

    partner: Partner
    credential: Credential
    our_token: str

    def endpoint(self, module: str, side: str) -> str | None:
        """Find the URL of a module; `side` is "SENDER" or "RECEIVER"."""
        for endpoint in self.partner.endpoints:
            if endpoint.module == module and endpoint.interface_role in (side, ""):
                return endpoint.url
        return None


class Connections:
    """Asks the engine how to reach a partner."""

    def __init__(self, calls: EngineCalls) -> None:
        self._calls = calls
        self._kept: dict[str, tuple[float, Connection]] = {}

    async def get(self, partner_id: str) -> Connection:
        """Read a partner's connection, at most `KEPT_SECONDS` old."""
        kept = self._kept.get(partner_id)
        if kept is not None and kept[0] > monotonic():
            return kept[1]
        response = await self._calls.partners.GetPartnerConnection(
            GetPartnerConnectionRequest(partner_id=partner_id)
        )
        connection = Connection(
            partner=response.partner,
            credential=Credential(response.their_token, literal=response.token_literal),
            our_token=response.our_token,
        )
        self._kept[partner_id] = (monotonic() + KEPT_SECONDS, connection)
        return connection

    def forget(self, partner_id: str) -> None:
        """Ask again from now on: its credentials changed or it did not accept our token."""
        self._kept.pop(partner_id, None)
