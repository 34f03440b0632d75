"""Which partners' CDRs may bill the same charge though their ids differ.

A CDR that names no session, or a new one each time it is sent, can be told from its twin only by
where, when and by whom energy was taken. Judged CDRs are found again by these, to the minute;
`engine.cdrs.checks` then looks closer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from engine.cdrs import store
from engine.cdrs.model import Cdr
from engine.db.port import Transaction
from engine.db.schema import Mapped, any_of, text
from engine.kernel.clock import SECOND
from engine.kernel.party import ci

_MINUTE_US = 60 * SECOND


class _Row(msgspec.Struct, frozen=True):
    place_and_minute: str
    cdr_key: str


_table = Mapped(
    "cdr_place_and_minute",
    _Row,
    text("place_and_minute", key=True),
    text("cdr_key", key=True),
)
_FIND = sa.select(_table.c.place_and_minute, _table.c.cdr_key).where(
    any_of(_table.c.place_and_minute, "wanted")
)


async def remember(tx: Transaction, judged: Sequence[Cdr]) -> None:
    """Make CDRs that were judged findable."""
    rows = [_Row(_at(cdr, 0), cdr.key) for cdr in judged]
    await tx.insert(_table, rows, skip_existing=True)


async def near(tx: Transaction, cdrs: Sequence[Cdr]) -> list[Cdr]:
    """Return the judged CDRs that were taken where, when and by whom one of `cdrs` was, and those
    that credit them."""
    wanted = {_at(cdr, minutes) for cdr in cdrs for minutes in (-1, 0, 1)}
    found = await tx.fetch(_FIND, wanted=sorted(wanted))
    keys = {key for _, key in found} - {cdr.key for cdr in cdrs}
    if not keys:
        return []
    twins = await store.by_key(tx, list(keys))
    return [*twins.values(), *await store.related(tx, (), keys)]


def near_in_batch(cdr: Cdr, judged: Mapping[str, Cdr]) -> list[Cdr]:
    """Return those of `judged` that `near` would find once they are remembered."""
    wanted = {_at(cdr, minutes) for minutes in (-1, 0, 1)}
    return [other for other in judged.values() if _at(other, 0) in wanted]


def _at(cdr: Cdr, minutes: int) -> str:
    """Return where, by whom and in which minute a charge began, some `minutes` off."""
    place = cdr.location
    return "/".join(
        (
            cdr.owner,
            ci(place.id),
            ci(place.evse_uid or place.evse_id),
            ci(cdr.token.uid),
            str(cdr.started_us // _MINUTE_US + minutes),
        )
    )
