"""Who calls: an Authorization header and the partner behind it.

OCPI 2.2.1 sends the token in Base64; many partners send it literally, and some encode a newline
along. The engine is given every reading and says which matched. A match is remembered for a moment
only, so that an ended or rotated token soon opens nothing.
"""

import base64
import binascii
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from time import monotonic

from interwatt.partners.v1.partner_pb2 import Partner
from interwatt.partners.v1.partners_service_pb2 import AuthenticatePartnerRequest

from gateways.ocpi.engine_calls import EngineCalls
from gateways.ocpi.status import CLIENT_ERROR, OcpiError

KEPT_SECONDS = 2.0
MOST_KEPT = 1000
MAX_HEADER = 512
CHALLENGE = {"WWW-Authenticate": "Token"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The partner that calls and the token it proved itself by."""

    partner: Partner
    token: str = field(repr=False)
    literal: bool
    first_token: bool

    @property
    def registered(self) -> bool:
        """Whether the handshake is done and this token is its outcome."""
        return self.partner.state == Partner.STATE_REGISTERED and not self.first_token


class Authenticator:
    """Asks the engine who sent a token."""

    def __init__(self, calls: EngineCalls) -> None:
        self._calls = calls
        self._kept: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    async def caller(self, header: str | None) -> Caller:
        """Find the caller; 401 when there is none."""
        literal = _token(header)
        if not literal:
            raise _unauthorized('Expected the header "Authorization: Token ...".')
        key = hashlib.sha256(literal.encode()).digest()
        kept = self._kept.get(key)
        if kept is not None and kept[0] > monotonic():
            return kept[1]
        caller = await self._ask(literal)
        self._kept[key] = (monotonic() + KEPT_SECONDS, caller)
        self._kept.move_to_end(key)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return caller

    def forget(self) -> None:
        """Ask again from now on: some token was made or ended."""
        self._kept.clear()

    async def _ask(self, literal: str) -> Caller:
        readings = read_token(literal)
        response = await self._calls.partners.AuthenticatePartner(
            AuthenticatePartnerRequest(token_candidates=readings)
        )
        if not response.HasField("partner"):
            raise _unauthorized("This token is not known here.")
        token = readings[response.matched_candidate]
        return Caller(
            partner=response.partner,
            token=token,
            literal=token == literal,
            first_token=response.first_token,
        )


def read_token(literal: str) -> list[str]:
    """Read a token every way that partners write one: Base64 as specified, then as it stands."""
    readings = []
    try:
        padded = literal + "=" * (-len(literal) % 4)
        decoded = base64.b64decode(padded, validate=True).decode().rstrip()
        if decoded and decoded.isascii() and decoded.isprintable():
            readings.append(decoded)
    except (binascii.Error, UnicodeDecodeError):
        pass
    if literal not in readings:
        readings.append(literal)
    return readings


def _token(header: str | None) -> str:
    scheme, _, token = (header or "").strip().partition(" ")
    if scheme.casefold() != "token" or len(token) > MAX_HEADER:
        return ""
    token = token.strip()
    return token if token.isascii() and token.isprintable() else ""


def _unauthorized(message: str) -> OcpiError:
    return OcpiError(401, CLIENT_ERROR, message, headers=CHALLENGE)
