"""Matching CDRs to sessions, and comparing each pair. Pure; order-independent.

A CDR belongs to the session it names, else to the only one with its authorization reference. Ties
are not guessed. Credits and what they credit are left out: together they bill nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from engine.cdrs.model import Cdr
from engine.kernel.clock import SECOND, to_rfc3339
from engine.kernel.money import kwh_text
from engine.kernel.party import ci
from engine.reconciliation.model import Code, Difference
from engine.sessions.model import Session, State, session_key

ENERGY_MWH = 100_000
"""A tenth of a kilowatt-hour may always lie between a session's last reading and its CDR."""
ENERGY_PERCENT = 1
TIME_US = 60 * SECOND
HOUR_US = 3_600 * SECOND


class Comparison(msgspec.Struct, frozen=True):
    """What a comparison found: how many pairs, and how they differ, in order of id."""

    matched: int
    differences: list[Difference]


def compare(sessions: Sequence[Session], cdrs: Sequence[Cdr]) -> Comparison:
    """Match and compare. Sessions that are not over, or whose token was refused, need no CDR."""
    index = _Index(sessions)
    pairs: dict[str, list[Cdr]] = {}
    lonely: list[Cdr] = []
    for cdr in _without_credited(cdrs):
        session = index.session_of(cdr)
        if session is None:
            lonely.append(cdr)
        else:
            pairs.setdefault(session.key, []).append(cdr)
    found: list[Difference] = [_no_session(cdr) for cdr in lonely]
    for session in sessions:
        billed = sorted(pairs.get(session.key, []), key=lambda cdr: cdr.key)
        found.extend(_differences(session, billed))
    matched = sum(len(billed) == 1 for billed in pairs.values())
    return Comparison(matched, sorted(found, key=lambda difference: difference.id))


def _without_credited(cdrs: Iterable[Cdr]) -> list[Cdr]:
    """Return the CDRs that still bill something."""
    known = list(cdrs)
    credited = {(cdr.owner, ci(cdr.credit_reference_id)) for cdr in known if cdr.credit}
    return [cdr for cdr in known if not cdr.credit and (cdr.owner, ci(cdr.id)) not in credited]


class _Index:
    """The sessions by what a CDR may name them by."""

    def __init__(self, sessions: Iterable[Session]) -> None:
        self._by_key: dict[str, Session] = {}
        self._by_reference: dict[tuple[str, str], list[Session]] = {}
        for session in sessions:
            self._by_key[session.key] = session
            reference = (session.owner, session.token().authorization_reference)
            self._by_reference.setdefault(reference, []).append(session)

    def session_of(self, cdr: Cdr) -> Session | None:
        named = self._by_key.get(session_key(cdr.owner, cdr.session_id))
        reference = cdr.token.authorization_reference
        if named is not None or not reference:
            return named
        candidates = self._by_reference.get((cdr.owner, reference), [])
        return candidates[0] if len(candidates) == 1 else None


def _no_session(cdr: Cdr) -> Difference:
    return Difference(
        code=Code.MATCH_NONE_SESSION,
        owner=cdr.owner,
        session_id="",
        cdr_id=cdr.id,
        observed=f"session {cdr.session_id!r}",
        expected="",
        tolerance="",
        message="The CDR bills a session that we have never seen.",
    )


def _differences(session: Session, billed: Sequence[Cdr]) -> Iterator[Difference]:
    if not billed:
        if session.state == State.COMPLETED and session.token().accepted:
            yield _of(
                Code.CDR_MISSING,
                session,
                None,
                expected=f"{kwh_text(session.energy_mwh)} kWh",
                message="The session is over and nobody has billed it.",
            )
        return
    if len(billed) > 1:
        yield _of(
            Code.SESSION_MULTI_CDR,
            session,
            None,
            observed=", ".join(cdr.id for cdr in billed),
            message=f"{len(billed)} CDRs bill the same session.",
        )
        return
    cdr = billed[0]
    yield from _energy(session, cdr)
    yield from _time(session, cdr)
    yield from _token(session, cdr)


def _energy(session: Session, cdr: Cdr) -> Iterator[Difference]:
    tolerance = max(ENERGY_MWH, abs(session.energy_mwh) * ENERGY_PERCENT // 100)
    if session.state == State.COMPLETED and abs(cdr.energy_mwh - session.energy_mwh) > tolerance:
        yield _of(
            Code.ENERGY_VS_SESSION,
            session,
            cdr,
            observed=f"{kwh_text(cdr.energy_mwh)} kWh",
            expected=f"{kwh_text(session.energy_mwh)} kWh",
            tolerance=f"{kwh_text(tolerance)} kWh",
            message="The CDR bills other energy than the session showed.",
        )


def _time(session: Session, cdr: Cdr) -> Iterator[Difference]:
    shift = cdr.started_us - session.started_us
    if abs(shift) <= TIME_US:
        return
    whole_hour = abs(abs(shift) - HOUR_US) <= TIME_US
    yield _of(
        Code.DST_SHIFT if whole_hour else Code.TIME_VS_SESSION,
        session,
        cdr,
        observed=to_rfc3339(cdr.started_us),
        expected=to_rfc3339(session.started_us),
        tolerance="60 s",
        message="The CDR starts an hour beside the session: a zone or summer time was mixed up."
        if whole_hour
        else "The CDR starts at another time than the session.",
    )


def _token(session: Session, cdr: Cdr) -> Iterator[Difference]:
    token = session.token()
    if ci(token.uid) != ci(cdr.token.uid):
        yield _of(
            Code.TOKEN_VS_SESSION,
            session,
            cdr,
            observed=cdr.token.uid,
            expected=token.uid,
            message="The CDR names another token than the session.",
        )
    ours, theirs = token.authorization_reference, cdr.token.authorization_reference
    if ours and theirs and ours != theirs:
        yield _of(
            Code.AUTH_REF_DIFF,
            session,
            cdr,
            observed=theirs,
            expected=ours,
            message="The CDR names another authorization than the session.",
        )


def _of(
    code: Code,
    session: Session,
    cdr: Cdr | None,
    *,
    observed: str = "",
    expected: str = "",
    tolerance: str = "",
    message: str,
) -> Difference:
    return Difference(
        code=code,
        owner=session.owner,
        session_id=session.id,
        cdr_id=cdr.id if cdr is not None else "",
        observed=observed,
        expected=expected,
        tolerance=tolerance,
        message=message,
    )
