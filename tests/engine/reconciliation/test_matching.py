"""Which CDR belongs to which session, and how a pair may differ."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cdrs.model import Cdr, CdrToken
from engine.kernel.clock import SECOND
from engine.reconciliation.matching import ENERGY_MWH, compare
from engine.reconciliation.model import Code
from engine.sessions.model import Session, State
from tests.engine.cdrs.builders import EMSP, STARTED, credit_of
from tests.engine.reconciliation.builders import KWH, REFERENCE, bill, make_session


def codes(sessions: list[Session], cdrs: list[Cdr]) -> list[str]:
    return [str(difference.code) for difference in compare(sessions, cdrs).differences]


def test_session_and_its_cdr_match_without_a_difference() -> None:
    session = make_session()
    found = compare([session], [bill(session)])
    assert (found.matched, found.differences) == (1, [])


def test_cdr_without_session_id_matches_by_authorization_reference() -> None:
    session = make_session()
    assert compare([session], [bill(session, session_id="")]).matched == 1


def test_two_sessions_with_one_reference_are_not_guessed() -> None:
    sessions = [make_session("S-1"), make_session("S-2")]
    cdr = bill(sessions[0], session_id="")
    assert sorted(codes(sessions, [cdr])) == [
        Code.CDR_MISSING,
        Code.CDR_MISSING,
        Code.MATCH_NONE_SESSION,
    ]


@pytest.mark.parametrize("state", [State.ACTIVE, State.PENDING, State.INVALID])
def test_session_that_is_not_over_needs_no_cdr(state: State) -> None:
    assert codes([make_session(state=state)], []) == []


def test_refused_token_needs_no_cdr() -> None:
    refused = msgspec.structs.replace(make_session().token(), status="BLOCKED")
    assert codes([make_session(token=refused)], []) == []


def test_two_cdrs_of_one_session_are_told() -> None:
    session = make_session()
    assert codes([session], [bill(session, "A"), bill(session, "B")]) == [Code.SESSION_MULTI_CDR]


def test_credited_cdr_and_its_replacement_are_one() -> None:
    session = make_session()
    wrong, right = bill(session, "A", energy_mwh=99 * KWH), bill(session, "B")
    assert codes([session], [wrong, credit_of(wrong), right]) == []


@pytest.mark.parametrize(
    ("more_mwh", "expected"),
    [
        (ENERGY_MWH * 2, []),
        (KWH // 5 + 5_001, [Code.ENERGY_VS_SESSION]),
        (-KWH, [Code.ENERGY_VS_SESSION]),
    ],
)
def test_energy_may_differ_by_a_hundredth(more_mwh: int, expected: list[str]) -> None:
    session = make_session()
    assert codes([session], [bill(session, energy_mwh=session.energy_mwh + more_mwh)]) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (60, []),
        (61, [Code.TIME_VS_SESSION]),
        (3_600, [Code.DST_SHIFT]),
        (-3_600, [Code.DST_SHIFT]),
        (7_200, [Code.TIME_VS_SESSION]),
    ],
)
def test_start_may_differ_by_a_minute(seconds: int, expected: list[str]) -> None:
    session = make_session()
    cdr = bill(session, started_us=STARTED + seconds * SECOND)
    assert codes([session], [cdr]) == expected


def test_other_token_and_other_authorization_are_told() -> None:
    session = make_session()
    other = CdrToken(EMSP, "TOKEN-2", "RFID", "NL-IWT-C2", "WHITELIST", "ref-2")
    found = codes([session], [bill(session, token=other)])
    assert sorted(found) == [Code.AUTH_REF_DIFF, Code.TOKEN_VS_SESSION]


def test_token_is_compared_without_case() -> None:
    session = make_session()
    same = CdrToken(EMSP, "token-1", "RFID", "NL-IWT-C1", "WHITELIST", REFERENCE)
    assert codes([session], [bill(session, token=same)]) == []


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_invariant_1_order_does_not_matter(seed: int) -> None:
    shuffle = random.Random(seed)
    sessions = [make_session(f"S-{n}", started_us=STARTED + n) for n in range(6)]
    cdrs = [
        bill(session, energy_mwh=session.energy_mwh + n * KWH // 10)
        for n, session in enumerate(sessions[1:])
    ]
    cdrs += [bill(sessions[2], "TWICE"), bill(make_session("LOST"), token=cdrs[0].token)]
    expected = compare(sessions, cdrs)
    shuffle.shuffle(sessions)
    shuffle.shuffle(cdrs)
    assert compare(sessions, cdrs) == expected
