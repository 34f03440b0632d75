"""The decision on a token, pure. Rules: OCPI 2.2.1, Tokens, WhitelistType and section "Real-time
authorization"."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from engine.commands.model import Command
from engine.commands.model import State as CommandState
from engine.kernel.clock import SECOND, Micros
from engine.tokens.model import AuthMethod, Authorization, Grant, Status, Token, Whitelist

RECENT_US = 15 * 60 * SECOND
"""How long an answer about a token at a station saves asking again."""


class Next(StrEnum):
    """What to do about a token."""

    DECIDED = "DECIDED"
    ASK_ISSUER = "ASK_ISSUER"


class Verdict(msgspec.Struct, frozen=True):
    """A decision, or that the issuer must be asked."""

    next: Next
    status: Status
    auth_method: AuthMethod


_ALLOWED = {
    "ALLOWED": Status.ACCEPTED,
    "BLOCKED": Status.BLOCKED,
    "EXPIRED": Status.EXPIRED,
    "NO_CREDIT": Status.NO_CREDIT,
    "NOT_ALLOWED": Status.NOT_ALLOWED,
}


class IssuerAnswer(msgspec.Struct, frozen=True):
    """What we read of OCPI's AuthorizationInfo."""

    allowed: str
    authorization_reference: str = ""
    info: str = ""


def choose(tokens: Sequence[Token], type_: str) -> Token | None:
    """Return the token that a reader's uid means: of the type presented, else any; ours before a
    partner's."""
    ranked = sorted(
        tokens, key=lambda token: (token.type != type_, token.partner_id != "", token.key)
    )
    return ranked[0] if ranked else None


def decide(token: Token | None, *, issuer_answers: bool) -> Verdict:
    """Decide on a token at a station of ours.

    Args:
        issuer_answers: whether its partner can be asked.
    """
    if token is None:
        return Verdict(Next.DECIDED, Status.UNKNOWN, AuthMethod.WHITELIST)
    if not token.partner_id:
        return Verdict(Next.DECIDED, _by_validity(token), AuthMethod.AUTH_REQUEST)
    if token.whitelist in (Whitelist.ALWAYS, Whitelist.ALLOWED):
        return Verdict(Next.DECIDED, _by_validity(token), AuthMethod.WHITELIST)
    if issuer_answers:
        return Verdict(Next.ASK_ISSUER, Status.PENDING, AuthMethod.AUTH_REQUEST)
    return Verdict(Next.DECIDED, unanswered(token), AuthMethod.WHITELIST)


def unanswered(token: Token) -> Status:
    """Return what holds when the issuer cannot be reached."""
    if token.whitelist == Whitelist.NEVER:
        return Status.NOT_ALLOWED
    return _by_validity(token)


def resolve(pending: Authorization, command: Command | None) -> Authorization:
    """Return the decision that the issuer's answer makes; still PENDING while it may come."""
    token = pending.token()
    if pending.status != Status.PENDING or token is None:
        return pending
    if command is not None and not command.final:
        return pending
    if command is not None and command.state == CommandState.DONE:
        answer = _read(command)
        return msgspec.structs.replace(
            pending,
            status=_ALLOWED.get(answer.allowed, Status.NOT_ALLOWED),
            reference=answer.authorization_reference,
            info=answer.info,
        )
    if command is not None and command.state == CommandState.REFUSED:
        return msgspec.structs.replace(pending, status=Status.UNKNOWN)
    return give_up(pending)


def give_up(pending: Authorization) -> Authorization:
    """Return the decision without the issuer's answer."""
    token = pending.token()
    status = unanswered(token) if token is not None else Status.UNKNOWN
    return msgspec.structs.replace(pending, status=status, auth_method=AuthMethod.WHITELIST)


def by_grant(grant: Grant, *, id_: str, uid_key: str, now: Micros) -> Authorization:
    """Return the decision that a remote start made beforehand."""
    return Authorization(
        id=id_,
        station_id=grant.station_id,
        uid_key=uid_key,
        token_json=grant.token_json,
        status=Status.ACCEPTED,
        reference=grant.reference,
        auth_method=AuthMethod.COMMAND,
        command_id="",
        info="",
        decided_us=now,
    )


def _by_validity(token: Token) -> Status:
    return Status.ACCEPTED if token.valid else Status.BLOCKED


def _read(command: Command) -> IssuerAnswer:
    try:
        return msgspec.json.decode(command.result_payload, type=IssuerAnswer)
    except msgspec.MsgspecError:
        return IssuerAnswer(allowed=command.result_code)
