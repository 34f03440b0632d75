"""Events as they are read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec


class Event(msgspec.Struct, frozen=True):
    """One thing that happened.

    Attributes:
        seq: position in the order of all, from 1.
        payload_json: facts, JSON.
    """

    seq: int
    kind: str
    subject: str
    partner_id: str
    correlation_id: str
    recorded_us: int
    payload_json: str


class Filter(msgspec.Struct, frozen=True):
    """Which events to read.

    Attributes:
        kinds: exact kinds, or beginnings that end in `*`; none means all.
        partner_id: only those that concern this partner; "" means all.
    """

    kinds: tuple[str, ...] = ()
    partner_id: str = ""

    def admits(self, event: Event) -> bool:
        if self.partner_id and event.partner_id != self.partner_id:
            return False
        return not self.kinds or _is_among(event.kind, self.kinds)


def select(events: Sequence[Event], wanted: Filter) -> list[Event]:
    return [event for event in events if wanted.admits(event)]


@lru_cache(maxsize=4_096)
def _is_among(kind: str, wanted: tuple[str, ...]) -> bool:
    return any(_matches(kind, one) for one in wanted)


def _matches(kind: str, wanted: str) -> bool:
    return kind.startswith(wanted[:-1]) if wanted.endswith("*") else kind == wanted
