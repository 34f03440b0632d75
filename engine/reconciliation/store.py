"""Runs and discrepancies, stored; sessions and CDRs, read by when they started."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from engine.cdrs.model import Cdr
from engine.cdrs.store import cdrs, read
from engine.db.port import NewEvent, Transaction
from engine.db.schema import Mapped, any_of, integer, text
from engine.reconciliation.model import Discrepancy, Run, State
from engine.sessions.model import Session
from engine.sessions.store import sessions

discrepancies = Mapped(
    "discrepancy",
    Discrepancy,
    text("id", key=True),
    text("code"),
    text("state"),
    text("partner_id"),
    text("owner"),
    text("session_id"),
    text("cdr_id"),
    text("observed"),
    text("expected"),
    text("tolerance"),
    text("message"),
    integer("started_us"),
    integer("opened_us"),
    text("resolution"),
    sa.Index(None, "partner_id", "state", "id"),
)
runs = Mapped(
    "reconciliation_run",
    Run,
    text("id", key=True),
    text("partner_id"),
    integer("started_from_us"),
    integer("started_to_us"),
    integer("sessions"),
    integer("cdrs"),
    integer("matched"),
    text("discrepancies_json"),
    integer("ran_us"),
)

_PARTNER = sa.bindparam("partner_id", type_=sa.Text)
_FROM = sa.bindparam("started_from", type_=sa.BigInteger)
_TO = sa.bindparam("started_to", type_=sa.BigInteger)
_LIMIT = sa.bindparam("limit", type_=sa.Integer)

_SESSIONS = (
    sessions.select()
    .where(
        sessions.c.partner_id == _PARTNER,
        sessions.c.started_us >= _FROM,
        sessions.c.started_us < _TO,
    )
    .order_by(sessions.c.key)
    .limit(_LIMIT)
)
_CDRS = (
    cdrs.select()
    .where(
        cdrs.c.partner_id == _PARTNER,
        cdrs.c.started_us >= _FROM,
        cdrs.c.started_us < _TO,
    )
    .order_by(cdrs.c.key)
    .limit(_LIMIT)
)
_OPEN_BETWEEN = (
    discrepancies.select()
    .where(
        discrepancies.c.partner_id == _PARTNER,
        discrepancies.c.state == State.OPEN,
        discrepancies.c.started_us >= _FROM,
        discrepancies.c.started_us < _TO,
    )
    .with_for_update()
)
_BY_ID = discrepancies.select().where(any_of(discrepancies.c.id, "ids")).with_for_update()
_PAGE = (
    discrepancies.select()
    .where(
        discrepancies.c.id > sa.bindparam("after", type_=sa.Text),
        sa.or_(_PARTNER == "", discrepancies.c.partner_id == _PARTNER),
        sa.or_(
            sa.bindparam("state", type_=sa.Text) == "",
            discrepancies.c.state == sa.bindparam("state", type_=sa.Text),
        ),
    )
    .order_by(discrepancies.c.id)
    .limit(_LIMIT)
)
_RUNS = (
    runs.select()
    .where(runs.c.id < sa.bindparam("before", type_=sa.Text))
    .order_by(runs.c.id.desc())
    .limit(_LIMIT)
)


async def sessions_between(
    tx: Transaction, partner_id: str, started_from: int, started_to: int, limit: int
) -> list[Session]:
    found = await tx.fetch(
        _SESSIONS,
        partner_id=partner_id,
        started_from=started_from,
        started_to=started_to,
        limit=limit,
    )
    return sessions.rows(found)


async def cdrs_between(
    tx: Transaction, partner_id: str, started_from: int, started_to: int, limit: int
) -> list[Cdr]:
    found = await tx.fetch(
        _CDRS,
        partner_id=partner_id,
        started_from=started_from,
        started_to=started_to,
        limit=limit,
    )
    return [read(row) for row in cdrs.rows(found)]


async def open_between(
    tx: Transaction, partner_id: str, started_from: int, started_to: int
) -> list[Discrepancy]:
    """Return what earlier runs found and nobody settled, kept from others."""
    found = await tx.fetch(
        _OPEN_BETWEEN, partner_id=partner_id, started_from=started_from, started_to=started_to
    )
    return discrepancies.rows(found)


async def by_id(tx: Transaction, ids: Iterable[str]) -> dict[str, Discrepancy]:
    found = await tx.fetch(_BY_ID, ids=sorted(set(ids)))
    return {discrepancy.id: discrepancy for discrepancy in discrepancies.rows(found)}


async def add(tx: Transaction, new: Sequence[Discrepancy]) -> None:
    await tx.insert(discrepancies, new)
    for discrepancy in new:
        _tell(tx, discrepancy)


async def change(tx: Transaction, changed: Sequence[Discrepancy]) -> None:
    await tx.update(discrepancies, changed)
    for discrepancy in changed:
        _tell(tx, discrepancy)


async def add_run(tx: Transaction, run: Run) -> None:
    await tx.insert(runs, [run])


async def page(
    tx: Transaction, *, partner_id: str, state: str, after: str, limit: int
) -> list[Discrepancy]:
    found = await tx.fetch(_PAGE, partner_id=partner_id, state=state, after=after, limit=limit)
    return discrepancies.rows(found)


async def run_page(tx: Transaction, before: str, limit: int) -> list[Run]:
    return runs.rows(await tx.fetch(_RUNS, before=before, limit=limit))


def _tell(tx: Transaction, discrepancy: Discrepancy) -> None:
    tx.emit(
        NewEvent(
            f"discrepancy.{discrepancy.state.lower()}",
            f"discrepancy/{discrepancy.id}",
            partner_id=discrepancy.partner_id,
            correlation_id=discrepancy.session_id,
            payload={"code": discrepancy.code},
        )
    )
