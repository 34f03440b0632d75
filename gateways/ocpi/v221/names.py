"""OCPI 2.2.1's enum names and the contract's, side by side."""

from collections.abc import Mapping

from interwatt.common.v1 import party_pb2
from interwatt.common.v1.party_pb2 import Role
from interwatt.locations.v1.location_pb2 import Evse
from interwatt.sessions.v1.session_pb2 import Session
from interwatt.tokens.v1 import token_pb2
from interwatt.tokens.v1.token_pb2 import TokenType, Whitelist
from interwatt.tokens.v1.tokens_service_pb2 import Authorization

from gateways.ocpi.v221 import wire

TOKEN_TYPES: Mapping[wire.TokenType, TokenType] = {
    "RFID": token_pb2.TOKEN_TYPE_RFID,
    "APP_USER": token_pb2.TOKEN_TYPE_APP_USER,
    "AD_HOC_USER": token_pb2.TOKEN_TYPE_AD_HOC_USER,
    "OTHER": token_pb2.TOKEN_TYPE_OTHER,
}
"""2.2.1 has no word for a contract certificate; it is written as OTHER."""

WHITELISTS: Mapping[wire.WhitelistType, Whitelist] = {
    "ALWAYS": token_pb2.WHITELIST_ALWAYS,
    "ALLOWED": token_pb2.WHITELIST_ALLOWED,
    "ALLOWED_OFFLINE": token_pb2.WHITELIST_ALLOWED_OFFLINE,
    "NEVER": token_pb2.WHITELIST_NEVER,
}

SESSION_STATES: Mapping[wire.SessionStatus, Session.State] = {
    "ACTIVE": Session.STATE_ACTIVE,
    "COMPLETED": Session.STATE_COMPLETED,
    "INVALID": Session.STATE_INVALID,
    "PENDING": Session.STATE_PENDING,
    "RESERVATION": Session.STATE_PENDING,
}

EVSE_STATUSES: Mapping[wire.EvseStatus, Evse.Status] = {
    "AVAILABLE": Evse.STATUS_AVAILABLE,
    "BLOCKED": Evse.STATUS_BLOCKED,
    "CHARGING": Evse.STATUS_CHARGING,
    "INOPERATIVE": Evse.STATUS_INOPERATIVE,
    "OUTOFORDER": Evse.STATUS_OUT_OF_ORDER,
    "PLANNED": Evse.STATUS_PLANNED,
    "REMOVED": Evse.STATUS_REMOVED,
    "RESERVED": Evse.STATUS_RESERVED,
    "UNKNOWN": Evse.STATUS_UNKNOWN,
}

ROLES: Mapping[wire.RoleName, Role] = {
    "CPO": party_pb2.ROLE_CPO,
    "EMSP": party_pb2.ROLE_EMSP,
    "HUB": party_pb2.ROLE_HUB,
    "NSP": party_pb2.ROLE_NSP,
    "NAP": party_pb2.ROLE_OTHER,
    "SCSP": party_pb2.ROLE_OTHER,
    "OTHER": party_pb2.ROLE_OTHER,
}

DECISIONS: Mapping[Authorization.Status, wire.AllowedType] = {
    Authorization.STATUS_ACCEPTED: "ALLOWED",
    Authorization.STATUS_BLOCKED: "BLOCKED",
    Authorization.STATUS_EXPIRED: "EXPIRED",
    Authorization.STATUS_NO_CREDIT: "NO_CREDIT",
    Authorization.STATUS_NOT_ALLOWED: "NOT_ALLOWED",
}


def token_type(value: TokenType) -> wire.TokenType:
    """Name a token type."""
    return next((name for name, known in TOKEN_TYPES.items() if known == value), "OTHER")


def whitelist(value: Whitelist) -> wire.WhitelistType:
    """Name a whitelist; unset means that the issuer must be asked."""
    return next((name for name, known in WHITELISTS.items() if known == value), "NEVER")


def session_status(value: Session.State) -> wire.SessionStatus:
    """Name a session's state."""
    return next((name for name, known in SESSION_STATES.items() if known == value), "PENDING")


def evse_status(value: Evse.Status) -> wire.EvseStatus:
    """Name an EVSE's status."""
    return next((name for name, known in EVSE_STATUSES.items() if known == value), "UNKNOWN")


def role(value: Role) -> wire.RoleName:
    """Name a role."""
    return next((name for name, known in ROLES.items() if known == value), "OTHER")
