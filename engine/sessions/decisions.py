"""What was decided about the tokens of sessions, at their start or by an issuer since."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.commands import store as commands
from engine.db.port import Transaction
from engine.sessions.model import Session, encode_token
from engine.tokens import store as tokens
from engine.tokens.authorization import give_up, resolve
from engine.tokens.model import Authorization, Status


async def settle_tokens(tx: Transaction, done: Sequence[Session]) -> list[Session]:
    """Decide, at the latest now, about tokens whose issuer was asked and has not been heard."""
    waiting = [s for s in done if s.token().status == Status.PENDING]
    if not waiting:
        return list(done)
    decisions = await tokens.authorizations_by_id(tx, [s.authorization_id for s in waiting])
    asked = await commands.by_id(tx, [d.command_id for d in decisions.values() if d.command_id])
    settled = []
    for session in done:
        decision = decisions.get(session.authorization_id)
        if session.token().status != Status.PENDING or decision is None:
            settled.append(session)
            continue
        final = resolve(decision, asked.get(decision.command_id))
        if final.status == Status.PENDING:
            final = give_up(decision)
        settled.append(with_decision(session, final))
    return settled


def with_decision(session: Session, decision: Authorization) -> Session:
    """Return the session with what was decided about its token."""
    token = msgspec.structs.replace(
        session.token(),
        status=decision.status,
        auth_method=decision.auth_method,
        authorization_reference=decision.reference,
    )
    return msgspec.structs.replace(session, token_json=encode_token(token))
