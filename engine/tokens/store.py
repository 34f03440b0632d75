"""Tokens, decisions and grants, stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from engine.db.port import NewEvent, Transaction
from engine.db.schema import Mapped, any_of, boolean, integer, text
from engine.tokens.model import Authorization, Grant, Token

mapped = Mapped(
    "token",
    Token,
    text("key", key=True),
    text("owner"),
    text("uid"),
    text("uid_key"),
    text("type"),
    text("contract_id"),
    text("visual_number"),
    text("issuer"),
    text("group_id"),
    boolean("valid"),
    text("whitelist"),
    text("language"),
    integer("last_updated_us"),
    text("partner_id"),
    integer("version"),
    integer("created_us"),
    sa.Index(None, "uid_key"),
    sa.Index(None, "created_us", "key"),
)
_authorizations = Mapped(
    "authorization",
    Authorization,
    text("id", key=True),
    text("station_id"),
    text("uid_key"),
    text("token_json"),
    text("status"),
    text("reference"),
    text("auth_method"),
    text("command_id"),
    text("info"),
    integer("decided_us"),
    sa.Index(None, "station_id", "uid_key", "decided_us"),
    sa.Index(None, "command_id"),
)
_grants = Mapped(
    "grant_to_charge",
    Grant,
    text("id", key=True),
    text("station_id"),
    text("id_tag_key"),
    text("token_json"),
    text("reference"),
    text("partner_id"),
    integer("expires_us"),
    boolean("used"),
    sa.Index(None, "station_id", "id_tag_key"),
)

_BY_KEY = mapped.select().where(any_of(mapped.c.key, "keys"))
_LOCK = _BY_KEY.order_by(mapped.c.key).with_for_update()
_BY_UID = mapped.select().where(any_of(mapped.c.uid_key, "uid_keys"))
_RECENT = (
    _authorizations.select()
    .where(
        any_of(_authorizations.c.station_id, "station_ids"),
        any_of(_authorizations.c.uid_key, "uid_keys"),
        _authorizations.c.decided_us > sa.bindparam("since", type_=sa.BigInteger),
    )
    .order_by(_authorizations.c.decided_us, _authorizations.c.id)
)
_BY_COMMAND = _authorizations.select().where(any_of(_authorizations.c.command_id, "command_ids"))
_LOCK_BY_COMMAND = _BY_COMMAND.order_by(_authorizations.c.id).with_for_update()
_BY_ID = _authorizations.select().where(any_of(_authorizations.c.id, "ids"))
_GRANTS = (
    _grants.select()
    .where(
        any_of(_grants.c.station_id, "station_ids"),
        any_of(_grants.c.id_tag_key, "id_tag_keys"),
        _grants.c.expires_us > sa.bindparam("now", type_=sa.BigInteger),
        sa.not_(_grants.c.used),
    )
    .order_by(_grants.c.expires_us.desc(), _grants.c.id.desc())
)


async def by_key(tx: Transaction, keys: Iterable[str], *, lock: bool = False) -> dict[str, Token]:
    found = await tx.fetch(_LOCK if lock else _BY_KEY, keys=sorted(set(keys)))
    return {token.key: token for token in mapped.rows(found)}


async def by_uid(tx: Transaction, uid_keys: Iterable[str]) -> dict[str, list[Token]]:
    found: dict[str, list[Token]] = {}
    for token in mapped.rows(await tx.fetch(_BY_UID, uid_keys=sorted(set(uid_keys)))):
        found.setdefault(token.uid_key, []).append(token)
    return found


async def add(tx: Transaction, new: Sequence[Token]) -> None:
    await tx.insert(mapped, new)
    _tell(tx, new)


async def change(tx: Transaction, changed: Sequence[Token]) -> None:
    await tx.update(mapped, changed)
    _tell(tx, changed)


async def recent_authorizations(
    tx: Transaction, station_ids: Iterable[str], uid_keys: Iterable[str], since: int
) -> dict[tuple[str, str], Authorization]:
    """Return the last decision for each station and uid."""
    found = await tx.fetch(
        _RECENT, station_ids=sorted(set(station_ids)), uid_keys=sorted(set(uid_keys)), since=since
    )
    return {(a.station_id, a.uid_key): a for a in _authorizations.rows(found)}


async def authorizations_by_command(
    tx: Transaction, command_ids: Iterable[str], *, lock: bool = False
) -> dict[str, Authorization]:
    statement = _LOCK_BY_COMMAND if lock else _BY_COMMAND
    found = await tx.fetch(statement, command_ids=sorted(set(command_ids)))
    return {a.command_id: a for a in _authorizations.rows(found)}


async def authorizations_by_id(tx: Transaction, ids: Iterable[str]) -> dict[str, Authorization]:
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    found = await tx.fetch(_BY_ID, ids=wanted)
    return {a.id: a for a in _authorizations.rows(found)}


async def add_authorizations(tx: Transaction, decisions: Sequence[Authorization]) -> None:
    await tx.insert(_authorizations, decisions)


async def change_authorizations(tx: Transaction, decisions: Sequence[Authorization]) -> None:
    """Store decisions that were pending, and tell that they are made."""
    await tx.update(_authorizations, decisions)
    for decision in decisions:
        tx.emit(
            NewEvent(
                "authorization.decided",
                f"authorization/{decision.id}",
                payload={"status": decision.status, "station_id": decision.station_id},
            )
        )


async def add_grant(tx: Transaction, grant: Grant) -> None:
    await tx.insert(_grants, [grant])


async def grants(
    tx: Transaction, station_ids: Iterable[str], id_tag_keys: Iterable[str], now: int
) -> dict[tuple[str, str], Grant]:
    """Return the grant in force for each station and id tag, the one that expires first."""
    found = await tx.fetch(
        _GRANTS, station_ids=sorted(set(station_ids)), id_tag_keys=sorted(set(id_tag_keys)), now=now
    )
    return {(g.station_id, g.id_tag_key): g for g in _grants.rows(found)}


async def change_grants(tx: Transaction, used: Sequence[Grant]) -> None:
    await tx.update(_grants, used)


def _tell(tx: Transaction, told: Sequence[Token]) -> None:
    for token in told:
        tx.emit(
            NewEvent(
                "token.changed",
                f"token/{token.key}",
                partner_id=token.partner_id,
                payload={
                    "owner": token.owner,
                    "id": f"{token.type}/{token.uid}",
                    "version": token.version,
                    "ours": not token.partner_id,
                },
            )
        )
