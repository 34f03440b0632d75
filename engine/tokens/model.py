"""Tokens, and what can be decided about one."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from engine.kernel.party import PartyKey, ci


class TokenType(StrEnum):
    """See `interwatt.tokens.v1.TokenType`."""

    RFID = "RFID"
    APP_USER = "APP_USER"
    AD_HOC_USER = "AD_HOC_USER"
    OTHER = "OTHER"
    EMAID = "EMAID"


class Whitelist(StrEnum):
    """See `interwatt.tokens.v1.Whitelist`."""

    ALWAYS = "ALWAYS"
    ALLOWED = "ALLOWED"
    ALLOWED_OFFLINE = "ALLOWED_OFFLINE"
    NEVER = "NEVER"


class Status(StrEnum):
    """See `interwatt.tokens.v1.Authorization.Status`."""

    ACCEPTED = "ACCEPTED"
    BLOCKED = "BLOCKED"
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"
    NO_CREDIT = "NO_CREDIT"
    NOT_ALLOWED = "NOT_ALLOWED"
    PENDING = "PENDING"


class AuthMethod(StrEnum):
    """How a charge was allowed (OCPI 2.2.1, CDRs, AuthMethod)."""

    AUTH_REQUEST = "AUTH_REQUEST"
    COMMAND = "COMMAND"
    WHITELIST = "WHITELIST"


class Token(msgspec.Struct, frozen=True):
    """One token. `partner_id` is "" for ours; `version` grows with each change."""

    key: str
    owner: str
    uid: str
    uid_key: str
    type: str
    contract_id: str
    visual_number: str
    issuer: str
    group_id: str
    valid: bool
    whitelist: str
    language: str
    last_updated_us: int
    partner_id: str
    version: int
    created_us: int


class Authorization(msgspec.Struct, frozen=True):
    """One decision.

    Attributes:
        token_json: the token as it was, "" when nobody knows it.
        command_id: the question to the issuer, when one was asked.
    """

    id: str
    station_id: str
    uid_key: str
    token_json: str
    status: str
    reference: str
    auth_method: str
    command_id: str
    info: str
    decided_us: int

    def token(self) -> Token | None:
        return msgspec.json.decode(self.token_json, type=Token) if self.token_json else None


class Grant(msgspec.Struct, frozen=True):
    """Leave for a token to charge at a station without asking, made by a remote start.

    Attributes:
        id_tag_key: what the station will report, which may be an alias of the token.
        partner_id: who asked for the start; "" for ourselves.
    """

    id: str
    station_id: str
    id_tag_key: str
    token_json: str
    reference: str
    partner_id: str
    expires_us: int
    used: bool

    def token(self) -> Token:
        return msgspec.json.decode(self.token_json, type=Token)


def token_key(owner: PartyKey, type_: str, uid: str) -> str:
    return f"{owner}/{type_}/{ci(uid)}"


def encode(token: Token | None) -> str:
    return msgspec.json.encode(token).decode() if token is not None else ""
