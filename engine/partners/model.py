"""Partners and their life."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum

import msgspec

from engine.kernel.clock import SECOND, Micros
from engine.kernel.errors import StateConflict
from engine.kernel.outcome import require
from engine.kernel.party import PartyKey, Role

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
TOKEN_GRACE_US = 600 * SECOND


class State(StrEnum):
    """See `interwatt.partners.v1.Partner.State`."""

    PLANNED = "PLANNED"
    REGISTERED = "REGISTERED"
    SUSPENDED = "SUSPENDED"
    ENDED = "ENDED"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.PLANNED, State.REGISTERED, State.ENDED}),
    State.REGISTERED: frozenset({State.REGISTERED, State.SUSPENDED, State.ENDED}),
    State.SUSPENDED: frozenset({State.REGISTERED, State.ENDED}),
    State.ENDED: frozenset({State.PLANNED}),
}


class Party(msgspec.Struct, frozen=True):
    """One party that a platform speaks for, in one role."""

    key: PartyKey
    role: Role
    name: str


class Endpoint(msgspec.Struct, frozen=True):
    """One module of a partner's version details."""

    module: str
    interface_role: str
    url: str


class Partner(msgspec.Struct, frozen=True):
    """One partner.

    Attributes:
        first_token_hash: of TOKEN_A, "" when it is over.
        token_hash: of the token the partner uses, "" before the handshake.
        previous_token_hash: of the one before, which works until `previous_until_us`.
        our_token: the token we offer when our side makes the handshake; "" otherwise.
        their_token: the token we use.
        token_literal: send it as it is instead of Base64.
    """

    id: str
    state: str
    first_token_hash: str
    token_hash: str
    previous_token_hash: str
    previous_until_us: int
    our_token: str
    their_token: str
    token_literal: bool
    versions_url: str
    ocpi_version: str
    endpoints_json: str
    parties_json: str
    created_us: int
    updated_us: int

    def endpoints(self) -> list[Endpoint]:
        return msgspec.json.decode(self.endpoints_json, type=list[Endpoint])

    def parties(self) -> list[Party]:
        return msgspec.json.decode(self.parties_json, type=list[Party])

    def speaks_for(self, party: PartyKey) -> bool:
        return any(own.key == party for own in self.parties())

    def has_role(self, *roles: Role) -> bool:
        return any(own.role in roles for own in self.parties())

    def receives(self, module: str) -> bool:
        """Return whether it wants to be shown objects of `module`."""
        return self.state == State.REGISTERED and any(
            endpoint.module == module and endpoint.interface_role != "SENDER"
            for endpoint in self.endpoints()
        )

    def sends(self, module: str) -> bool:
        """Return whether it answers for objects of `module`."""
        return self.state == State.REGISTERED and any(
            endpoint.module == module and endpoint.interface_role != "RECEIVER"
            for endpoint in self.endpoints()
        )


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def check_id(id_: str) -> str:
    require(_ID.fullmatch(id_), "id", "1 to 64 characters of a-z, 0-9 and -, not beginning with -")
    return id_


def plan(
    *, id_: str, first_token: str, our_token: str, their_token: str, versions_url: str, now: Micros
) -> Partner:
    """Return a new partner, PLANNED."""
    return Partner(
        id=id_,
        state=State.PLANNED,
        first_token_hash=token_hash(first_token) if first_token else "",
        token_hash=token_hash(our_token) if our_token else "",
        previous_token_hash="",
        previous_until_us=0,
        our_token=our_token,
        their_token=their_token,
        token_literal=False,
        versions_url=versions_url,
        ocpi_version="",
        endpoints_json="[]",
        parties_json="[]",
        created_us=now,
        updated_us=now,
    )


def register(
    partner: Partner,
    *,
    token: str,
    their_token: str,
    token_literal: bool,
    versions_url: str,
    ocpi_version: str,
    endpoints: list[Endpoint],
    parties: list[Party],
    rotate: bool,
    now: Micros,
) -> Partner:
    """Return the partner after a handshake that gave it `token`.

    After a rotation the old token works a little longer.

    Raises:
        StateConflict: registered already and no rotation, or ended.
    """
    state = State(partner.state)
    if rotate and state is State.PLANNED:
        raise StateConflict(
            f"Partner {partner.id!r} has no credentials to rotate; make the handshake first.",
            kind="partner",
            id=partner.id,
            state=state,
        )
    if State.REGISTERED not in TRANSITIONS[state] or (state is State.REGISTERED and not rotate):
        raise StateConflict(
            f"Partner {partner.id!r} is {state}; the handshake was made already."
            if state is State.REGISTERED
            else f"Partner {partner.id!r} is {state}; make a new one.",
            kind="partner",
            id=partner.id,
            state=state,
        )
    return msgspec.structs.replace(
        partner,
        state=State.REGISTERED,
        first_token_hash="",
        token_hash=token_hash(token),
        previous_token_hash=partner.token_hash if rotate else "",
        previous_until_us=now + TOKEN_GRACE_US if rotate else 0,
        our_token="",
        their_token=their_token,
        token_literal=token_literal,
        versions_url=versions_url,
        ocpi_version=ocpi_version,
        endpoints_json=msgspec.json.encode(endpoints).decode(),
        parties_json=msgspec.json.encode(parties).decode(),
        updated_us=now,
    )


def end(partner: Partner, now: Micros) -> Partner:
    """Return the partner, ENDED, without any token; one that ended before is as it was."""
    if State.ENDED not in TRANSITIONS[State(partner.state)]:
        return partner
    return msgspec.structs.replace(
        partner,
        state=State.ENDED,
        first_token_hash="",
        token_hash="",
        previous_token_hash="",
        our_token="",
        their_token="",
        updated_us=now,
    )
