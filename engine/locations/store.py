"""Locations, stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from engine.db.port import NewEvent, Transaction
from engine.db.schema import Mapped, any_of, binary, boolean, integer, text
from engine.locations.model import Location

mapped = Mapped(
    "location",
    Location,
    text("key", key=True),
    text("owner"),
    text("id"),
    text("name"),
    text("address"),
    text("city"),
    text("postal_code"),
    text("country"),
    text("latitude"),
    text("longitude"),
    text("time_zone"),
    boolean("publish"),
    text("evses_json"),
    integer("last_updated_us"),
    text("partner_id"),
    binary("document"),
    integer("version"),
    integer("created_us"),
    sa.Index(None, "created_us", "key"),
)
_BY_KEY = mapped.select().where(any_of(mapped.c.key, "keys"))
_LOCK = _BY_KEY.order_by(mapped.c.key).with_for_update()


async def by_key(
    tx: Transaction, keys: Iterable[str], *, lock: bool = False
) -> dict[str, Location]:
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    found = await tx.fetch(_LOCK if lock else _BY_KEY, keys=wanted)
    return {location.key: location for location in mapped.rows(found)}


async def add(tx: Transaction, new: Sequence[Location]) -> None:
    await tx.insert(mapped, new)
    _tell(tx, new)


async def change(tx: Transaction, changed: Sequence[Location]) -> None:
    await tx.update(mapped, changed)
    _tell(tx, changed)


def _tell(tx: Transaction, told: Sequence[Location]) -> None:
    for location in told:
        tx.emit(
            NewEvent(
                "location.changed",
                f"location/{location.key}",
                partner_id=location.partner_id,
                payload={
                    "owner": location.owner,
                    "id": location.id,
                    "version": location.version,
                    "ours": not location.partner_id,
                },
            )
        )
