"""Tariffs and all their versions, stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from engine.db.port import NewEvent, Transaction
from engine.db.schema import Mapped, any_of, binary, boolean, integer, text
from engine.tariffs.model import SealedTariff, Tariff

mapped = Mapped(
    "tariff",
    Tariff,
    text("key", key=True),
    text("owner"),
    text("id"),
    text("currency"),
    binary("document"),
    text("ocpi_version"),
    integer("last_updated_us"),
    text("partner_id"),
    boolean("withdrawn"),
    integer("version"),
    integer("created_us"),
    sa.Index(None, "created_us", "key"),
)
_versions = Mapped(
    "tariff_version",
    SealedTariff,
    text("key", key=True),
    integer("version", key=True),
    binary("document"),
    text("ocpi_version"),
)
_BY_KEY = mapped.select().where(any_of(mapped.c.key, "keys"))
_LOCK = _BY_KEY.order_by(mapped.c.key).with_for_update()
_SEALED = _versions.select().where(
    any_of(_versions.c.key, "keys"), any_of(_versions.c.version, "versions")
)


async def by_key(tx: Transaction, keys: Iterable[str], *, lock: bool = False) -> dict[str, Tariff]:
    """Return tariffs, withdrawn ones included."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    found = await tx.fetch(_LOCK if lock else _BY_KEY, keys=wanted)
    return {tariff.key: tariff for tariff in mapped.rows(found)}


async def sealed(
    tx: Transaction, wanted: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], SealedTariff]:
    """Return tariffs as they were, by key and version."""
    pairs = sorted(set(wanted))
    keys, versions = [key for key, _ in pairs], sorted({version for _, version in pairs})
    found = _versions.rows(await tx.fetch(_SEALED, keys=keys, versions=versions))
    return {(tariff.key, tariff.version): tariff for tariff in found}


async def add(tx: Transaction, new: Sequence[Tariff]) -> None:
    await tx.insert(mapped, new)
    await _seal(tx, new)


async def change(tx: Transaction, changed: Sequence[Tariff]) -> None:
    await tx.update(mapped, changed)
    await _seal(tx, changed)


LISTED = (sa.not_(mapped.c.withdrawn),)
"""The conditions of every list."""


async def _seal(tx: Transaction, sealing: Sequence[Tariff]) -> None:
    await tx.insert(
        _versions,
        [SealedTariff(t.key, t.version, t.document, t.ocpi_version) for t in sealing],
    )
    for tariff in sealing:
        tx.emit(
            NewEvent(
                "tariff.withdrawn" if tariff.withdrawn else "tariff.changed",
                f"tariff/{tariff.key}",
                partner_id=tariff.partner_id,
                payload={
                    "owner": tariff.owner,
                    "id": tariff.id,
                    "version": tariff.version,
                    "ours": not tariff.partner_id,
                },
            )
        )
