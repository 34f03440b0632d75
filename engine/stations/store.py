"""Stations and the statuses of their connectors, stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from engine.db.port import NewEvent, Transaction
from engine.db.schema import Mapped, any_of, boolean, integer, text
from engine.kernel.party import ci
from engine.stations.model import ConnectorStatus, Station, StatusLogged

_stations = Mapped(
    "station",
    Station,
    text("id", key=True),
    text("location_id"),
    text("connectors_json"),
    text("settings_json"),
    text("password_hash"),
    text("boot_json"),
    boolean("online"),
    integer("generation"),
    text("gateway_id"),
    integer("online_changed_us"),
    integer("created_us"),
)
_statuses = Mapped(
    "connector_status",
    ConnectorStatus,
    text("key", key=True),
    text("station_id"),
    integer("connector_number"),
    text("status"),
    text("error_code"),
    integer("at_us"),
)
_log = Mapped(
    "connector_status_log",
    StatusLogged,
    text("station_id", key=True),
    integer("connector_number", key=True),
    integer("at_us", key=True),
    text("status", key=True),
)

_BY_ID = _stations.select().where(any_of(_stations.c.id, "ids"))
_LOCK = _BY_ID.order_by(_stations.c.id).with_for_update()
_GENERATIONS = (
    sa.select(_stations.c.id, _stations.c.generation)
    .where(any_of(_stations.c.id, "ids"))
    .order_by(_stations.c.id)
    .with_for_update()
)
_AT = sa.bindparam("location", type_=sa.Text)
_PAGE = (
    _stations.select()
    .where(
        _stations.c.id > sa.bindparam("after", type_=sa.Text),
        sa.or_(_AT == "", sa.func.upper(_stations.c.location_id) == _AT),
    )
    .order_by(_stations.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_STATUSES = _statuses.select().where(any_of(_statuses.c.key, "keys"))
_DROP_STATUSES = sa.delete(_statuses.table).where(any_of(_statuses.c.key, "keys"))
_LOGGED = (
    _log.select()
    .where(
        any_of(_log.c.station_id, "station_ids"),
        _log.c.at_us >= sa.bindparam("since", type_=sa.BigInteger),
        _log.c.at_us <= sa.bindparam("until", type_=sa.BigInteger),
    )
    .order_by(_log.c.at_us)
)


async def by_id(tx: Transaction, ids: Iterable[str], *, lock: bool = False) -> dict[str, Station]:
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    found = await tx.fetch(_LOCK if lock else _BY_ID, ids=wanted)
    return {station.id: station for station in _stations.rows(found)}


async def lock_generations(tx: Transaction, ids: Iterable[str]) -> dict[str, int]:
    """Return the newest connection of each station; the stations are kept from others."""
    return dict(await tx.fetch(_GENERATIONS, ids=sorted(set(ids))))


async def page(tx: Transaction, after: str, limit: int, *, location_id: str = "") -> list[Station]:
    """Return stations by id; only those at a location, if one is given."""
    found = await tx.fetch(_PAGE, after=after, limit=limit, location=ci(location_id))
    return _stations.rows(found)


async def add(tx: Transaction, station: Station) -> None:
    await tx.insert(_stations, [station])
    _tell(tx, "station.added", station)


async def change(tx: Transaction, stations: Sequence[Station], kind: str) -> None:
    await tx.update(_stations, stations)
    for station in stations:
        _tell(tx, kind, station)


async def statuses(tx: Transaction, keys: Iterable[str]) -> dict[str, ConnectorStatus]:
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    return {s.key: s for s in _statuses.rows(await tx.fetch(_STATUSES, keys=wanted))}


async def set_statuses(tx: Transaction, new: Sequence[ConnectorStatus]) -> None:
    """Make these the last statuses. Lock their stations before."""
    if not new:
        return
    await tx.execute(_DROP_STATUSES, keys=[status.key for status in new])
    await tx.insert(_statuses, new)


async def log_statuses(tx: Transaction, entries: Sequence[StatusLogged]) -> None:
    """Keep statuses; one that was kept before stays as it is."""
    await tx.insert(_log, entries, skip_existing=True)


async def logged(
    tx: Transaction, station_ids: Iterable[str], since: int, until: int
) -> list[StatusLogged]:
    """Return what stations reported from `since` to `until`, both included, in order."""
    wanted = sorted(set(station_ids))
    return _log.rows(await tx.fetch(_LOGGED, station_ids=wanted, since=since, until=until))


def _tell(tx: Transaction, kind: str, station: Station) -> None:
    tx.emit(
        NewEvent(
            kind,
            f"station/{station.id}",
            payload={"online": station.online, "generation": station.generation},
        )
    )
