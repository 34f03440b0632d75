"""Discrepancies and runs."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from engine.kernel.ids import natural_id


class State(StrEnum):
    """See `interwatt.reconciliation.v1.Discrepancy.State`."""

    OPEN = "OPEN"
    RESOLVED = "RESOLVED"
    GONE = "GONE"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.RESOLVED, State.GONE}),
    State.GONE: frozenset({State.OPEN}),
    State.RESOLVED: frozenset(),
}


class Code(StrEnum):
    """What can be found."""

    CDR_MISSING = "CDR_MISSING"
    MATCH_NONE_SESSION = "MATCH_NONE_SESSION"
    SESSION_MULTI_CDR = "SESSION_MULTI_CDR"
    ENERGY_VS_SESSION = "ENERGY_VS_SESSION"
    DST_SHIFT = "DST_SHIFT"
    TIME_VS_SESSION = "TIME_VS_SESSION"
    TOKEN_VS_SESSION = "TOKEN_VS_SESSION"  # noqa: S105 - a code, not a secret
    AUTH_REF_DIFF = "AUTH_REF_DIFF"


class Difference(msgspec.Struct, frozen=True):
    """A difference between a session and its CDR, or the want of one of them.

    Attributes:
        observed: what the CDR says.
        expected: what the session says.
        tolerance: by how much they may differ; "" for not at all.
    """

    code: Code
    owner: str
    session_id: str
    cdr_id: str
    observed: str
    expected: str
    tolerance: str
    message: str

    @property
    def id(self) -> str:
        return natural_id("discrepancy", self.code, self.owner, self.session_id, self.cdr_id)


class Discrepancy(msgspec.Struct, frozen=True):
    """A difference, kept."""

    id: str
    code: str
    state: str
    partner_id: str
    owner: str
    session_id: str
    cdr_id: str
    observed: str
    expected: str
    tolerance: str
    message: str
    started_us: int
    opened_us: int
    resolution: str


class Run(msgspec.Struct, frozen=True):
    """One comparison of a partner's sessions and CDRs that started in [from, to)."""

    id: str
    partner_id: str
    started_from_us: int
    started_to_us: int
    sessions: int
    cdrs: int
    matched: int
    discrepancies_json: str
    ran_us: int

    def discrepancies(self) -> dict[str, int]:
        return msgspec.json.decode(self.discrepancies_json, type=dict[str, int])
