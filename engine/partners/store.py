"""Partners, stored."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from engine.db.port import NewEvent, Transaction
from engine.db.schema import Mapped, any_of, boolean, integer, text
from engine.kernel.party import PartyKey
from engine.partners.model import Partner


class _Party(msgspec.Struct, frozen=True):
    party: str
    partner_id: str


_partners = Mapped(
    "partner",
    Partner,
    text("id", key=True),
    text("state"),
    text("first_token_hash"),
    text("token_hash"),
    text("previous_token_hash"),
    integer("previous_until_us"),
    text("our_token"),
    text("their_token"),
    boolean("token_literal"),
    text("versions_url"),
    text("ocpi_version"),
    text("endpoints_json"),
    text("parties_json"),
    integer("created_us"),
    integer("updated_us"),
    sa.Index(None, "first_token_hash"),
    sa.Index(None, "token_hash"),
    sa.Index(None, "previous_token_hash"),
)
_parties = Mapped("partner_party", _Party, text("party", key=True), text("partner_id"))
sa.Index(None, _parties.c.partner_id)

_BY_ID = _partners.select().where(any_of(_partners.c.id, "ids"))
_LOCK = _BY_ID.with_for_update()
_BY_HASH = _partners.select().where(
    sa.or_(
        any_of(_partners.c.token_hash, "hashes"),
        any_of(_partners.c.first_token_hash, "hashes"),
        any_of(_partners.c.previous_token_hash, "hashes"),
    )
)
_PAGE = (
    _partners.select()
    .where(_partners.c.id > sa.bindparam("after", type_=sa.Text))
    .order_by(_partners.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_EVERYONE = _partners.select().order_by(_partners.c.id)
_OWNERS = _parties.select().where(any_of(_parties.c.party, "parties"))
_DROP_PARTIES = sa.delete(_parties.table).where(_parties.c.partner_id == sa.bindparam("partner_id"))


async def by_id(tx: Transaction, ids: Sequence[str], *, lock: bool = False) -> dict[str, Partner]:
    found = await tx.fetch(_LOCK if lock else _BY_ID, ids=sorted(set(ids)))
    return {partner.id: partner for partner in _partners.rows(found)}


async def by_token_hash(tx: Transaction, hashes: Sequence[str]) -> list[Partner]:
    return _partners.rows(await tx.fetch(_BY_HASH, hashes=list(hashes)))


async def page(tx: Transaction, after: str, limit: int) -> list[Partner]:
    return _partners.rows(await tx.fetch(_PAGE, after=after, limit=limit))


async def everyone(tx: Transaction) -> list[Partner]:
    return _partners.rows(await tx.fetch(_EVERYONE))


async def by_party(tx: Transaction, parties: Sequence[PartyKey]) -> dict[PartyKey, str]:
    """Return which partner speaks for each party."""
    found = await tx.fetch(_OWNERS, parties=sorted(set(parties)))
    return {PartyKey(party): partner_id for party, partner_id in found}


async def add(tx: Transaction, partner: Partner) -> None:
    await tx.insert(_partners, [partner])
    _tell(tx, "partner.created", partner)


async def change(tx: Transaction, partner: Partner, kind: str) -> None:
    """Store a changed partner and which parties it speaks for now."""
    await tx.update(_partners, [partner])
    await tx.execute(_DROP_PARTIES, partner_id=partner.id)
    keys = {party.key for party in partner.parties()} if partner.state != "ENDED" else set()
    await tx.insert(_parties, [_Party(key, partner.id) for key in sorted(keys)])
    _tell(tx, kind, partner)


def _tell(tx: Transaction, kind: str, partner: Partner) -> None:
    tx.emit(NewEvent(kind, f"partner/{partner.id}", partner.id, payload={"state": partner.state}))
