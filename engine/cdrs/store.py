"""CDRs, stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from engine.cdrs.model import (
    Cdr,
    CdrFinding,
    CdrLocation,
    CdrState,
    CdrToken,
    Totals,
    cdr_key,
)
from engine.db.listing import changed_between, of_partner
from engine.db.port import Transaction
from engine.db.schema import Mapped, any_of, binary, boolean, integer, text
from engine.kernel.clock import Micros
from engine.kernel.money import Price
from engine.kernel.party import PartyKey
from engine.sessions.model import session_key
from engine.tariffs.model import Period


class CdrRow(msgspec.Struct, frozen=True):
    key: str
    owner: str
    id: str
    state: str
    partner_id: str
    issued: bool
    session_id: str
    session_key: str
    token_owner: str
    credit: bool
    credit_reference_id: str
    credited_key: str
    currency: str
    started_us: int
    ended_us: int
    last_updated_us: int
    created_us: int
    version: int
    correlation_id: str
    content: bytes
    facts_json: str
    tariffs_json: str
    document_json: str
    findings_json: str
    repriced_json: str


class _Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is never searched for."""

    token: CdrToken
    location: CdrLocation
    meter_id: str
    charging_periods: tuple[Period, ...]
    totals: Totals
    energy_mwh: int
    time_s: int
    parking_s: int


cdrs = Mapped(
    "cdr",
    CdrRow,
    text("key", key=True),
    text("owner"),
    text("id"),
    text("state"),
    text("partner_id"),
    boolean("issued"),
    text("session_id"),
    text("session_key"),
    text("token_owner"),
    boolean("credit"),
    text("credit_reference_id"),
    text("credited_key"),
    text("currency"),
    integer("started_us"),
    integer("ended_us"),
    integer("last_updated_us"),
    integer("created_us"),
    integer("version"),
    text("correlation_id"),
    binary("content"),
    text("facts_json"),
    text("tariffs_json"),
    text("document_json"),
    text("findings_json"),
    text("repriced_json"),
    sa.Index(None, "created_us", "key"),
    sa.Index(None, "partner_id", "created_us", "key"),
    sa.Index(None, "issued", "partner_id", "created_us", "key"),
    sa.Index(None, "state", "created_us", "key"),
    sa.Index(None, "partner_id", "started_us"),
    sa.Index(None, "session_key"),
    sa.Index(None, "credited_key"),
)

_BY_KEY = cdrs.select().where(any_of(cdrs.c.key, "keys"))
_LOCK = _BY_KEY.with_for_update()
_RELATED = cdrs.select().where(
    sa.or_(any_of(cdrs.c.session_key, "session_keys"), any_of(cdrs.c.credited_key, "credited_keys"))
)

POSTED_SUBJECTS = sa.select(
    (sa.literal("cdr/", sa.Text) + cdrs.c.owner + sa.literal("/", sa.Text) + cdrs.c.id).label(
        "subject"
    )
).where(cdrs.c.state == CdrState.POSTED.value)
"""The subjects of all CDRs that are POSTED; for a book to compare itself with."""


async def by_key(tx: Transaction, keys: Sequence[str], *, lock: bool = False) -> dict[str, Cdr]:
    """Return the CDRs that exist, by key; with `lock` nobody else changes them meanwhile."""
    found = _rows(await tx.fetch(_LOCK if lock else _BY_KEY, keys=sorted(set(keys))))
    return {cdr.key: cdr for cdr in found}


async def related(
    tx: Transaction, session_keys: Iterable[str], credited_keys: Iterable[str]
) -> list[Cdr]:
    """Return the CDRs that bill these sessions or credit these CDRs."""
    return _rows(
        await tx.fetch(
            _RELATED, session_keys=sorted(session_keys), credited_keys=sorted(credited_keys)
        )
    )


def listing(
    *,
    partner_id: str,
    issued: bool,
    state: str,
    updated_from: int | None,
    updated_to: int | None,
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a list."""
    wanted = of_partner(cdrs.c.partner_id, partner_id)
    if issued:
        wanted.append(cdrs.c.issued.is_(True))
    if state:
        wanted.append(cdrs.c.state == state)
    return [*wanted, *changed_between(cdrs.c.last_updated_us, updated_from, updated_to)]


async def add(tx: Transaction, new: Sequence[Cdr]) -> None:
    await tx.insert(cdrs, [_row(cdr) for cdr in new])


async def move(tx: Transaction, moved: Sequence[Cdr]) -> None:
    """Store CDRs of which nothing but the state moved. Read them with `lock` before."""
    await tx.update(cdrs, moved, only=("state", "version"))


async def replace(tx: Transaction, changed: Sequence[Cdr]) -> None:
    """Store CDRs whose state moved. Read them with `lock` before."""
    await tx.update(cdrs, [_row(cdr) for cdr in changed])


def _row(cdr: Cdr) -> CdrRow:
    facts = _Facts(
        token=cdr.token,
        location=cdr.location,
        meter_id=cdr.meter_id,
        charging_periods=cdr.charging_periods,
        totals=cdr.totals,
        energy_mwh=cdr.energy_mwh,
        time_s=cdr.time_s,
        parking_s=cdr.parking_s,
    )
    return CdrRow(
        key=cdr.key,
        owner=cdr.owner,
        id=cdr.id,
        state=cdr.state.value,
        partner_id=cdr.partner_id,
        issued=cdr.issued,
        session_id=cdr.session_id,
        session_key=session_key(cdr.owner, cdr.session_id) if cdr.session_id else "",
        token_owner=cdr.token.owner,
        credit=cdr.credit,
        credit_reference_id=cdr.credit_reference_id,
        credited_key=cdr_key(cdr.owner, cdr.credit_reference_id) if cdr.credit else "",
        currency=cdr.currency,
        started_us=cdr.started_us,
        ended_us=cdr.ended_us,
        last_updated_us=cdr.last_updated_us,
        created_us=cdr.created_us,
        version=cdr.version,
        correlation_id=cdr.correlation_id,
        content=cdr.content,
        facts_json=_json(facts),
        tariffs_json=_json([msgspec.Raw(tariff.encode()) for tariff in cdr.tariffs]),
        document_json=cdr.document,
        findings_json=_json(cdr.findings),
        repriced_json=_json(cdr.repriced),
    )


def _rows(found: list[tuple[Any, ...]]) -> list[Cdr]:
    return [read(row) for row in cdrs.rows(found)]


def read(row: CdrRow) -> Cdr:
    """Return the CDR that a row holds."""
    facts = msgspec.json.decode(row.facts_json, type=_Facts)
    return Cdr(
        owner=PartyKey(row.owner),
        id=row.id,
        state=CdrState(row.state),
        partner_id=row.partner_id,
        issued=bool(row.issued),
        session_id=row.session_id,
        started_us=Micros(row.started_us),
        ended_us=Micros(row.ended_us),
        token=facts.token,
        location=facts.location,
        meter_id=facts.meter_id,
        currency=row.currency,
        tariffs=tuple(
            bytes(raw).decode()
            for raw in msgspec.json.decode(row.tariffs_json, type=list[msgspec.Raw])
        ),
        charging_periods=facts.charging_periods,
        totals=facts.totals,
        energy_mwh=facts.energy_mwh,
        time_s=facts.time_s,
        parking_s=facts.parking_s,
        credit=bool(row.credit),
        credit_reference_id=row.credit_reference_id,
        last_updated_us=Micros(row.last_updated_us),
        document=row.document_json,
        findings=msgspec.json.decode(row.findings_json, type=tuple[CdrFinding, ...]),
        repriced=msgspec.json.decode(row.repriced_json, type=Price | None),
        correlation_id=row.correlation_id,
        content=row.content,
        version=row.version,
        created_us=Micros(row.created_us),
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
