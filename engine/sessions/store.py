"""Sessions, their readings, and orphans, stored."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa

from engine.db.listing import changed_between, of_partner
from engine.db.port import Database, NewEvent, Transaction
from engine.db.schema import (
    Mapped,
    any_of,
    binary,
    boolean,
    constant,
    integer,
    optional_integer,
    text,
)
from engine.sessions.model import Orphan, Reading, Session, State

sessions = Mapped(
    "session",
    Session,
    text("key", key=True),
    text("owner"),
    text("id"),
    text("state"),
    text("partner_id"),
    boolean("at_our_station"),
    text("station_id"),
    integer("connector_number"),
    integer("transaction_id"),
    text("station_transaction_id"),
    text("location_id"),
    text("evse_uid"),
    text("connector_id"),
    text("token_json"),
    text("authorization_id"),
    integer("started_us"),
    optional_integer("ended_us"),
    integer("meter_start_mwh"),
    integer("meter_stop_mwh"),
    integer("energy_mwh"),
    text("currency"),
    text("cost_json"),
    text("tariff_key"),
    integer("tariff_version"),
    text("stop_reason"),
    text("flags_json"),
    text("periods_json"),
    binary("document"),
    integer("version"),
    integer("last_updated_us"),
    integer("created_us"),
    sa.Index(None, "created_us", "key"),
    sa.Index(None, "transaction_id"),
    sa.Index(None, "partner_id", "created_us", "key"),
    sa.Index(None, "partner_id", "started_us"),
)
_PROGRESS = (
    "state",
    "token_json",
    "ended_us",
    "meter_start_mwh",
    "meter_stop_mwh",
    "energy_mwh",
    "stop_reason",
    "flags_json",
    "version",
    "last_updated_us",
)
_OPEN = sessions.c.state.in_([constant(State.ACTIVE), constant(State.PENDING)])
sa.Index(
    "ix_session_open_station",
    sessions.c.station_id,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
sa.Index("ix_session_authorization_id", sessions.c.authorization_id)

readings = Mapped(
    "meter_reading",
    Reading,
    text("session_key", key=True),
    integer("at_us", key=True),
    text("measurand", key=True),
    text("phase", key=True),
    text("context", key=True),
    text("location", key=True),
    integer("value_milli"),
    binary("signed_data"),
)
_orphans = Mapped(
    "orphan",
    Orphan,
    text("id", key=True),
    text("kind"),
    text("station_id"),
    integer("transaction_id"),
    integer("at_us"),
    binary("body"),
    text("attached_to"),
    integer("recorded_us"),
    sa.Index(None, "station_id", "kind", "attached_to", "at_us"),
    sa.Index(None, "station_id", "id"),
)


class _Counter(msgspec.Struct, frozen=True):
    name: str
    value: int


_counters = Mapped("counter", _Counter, text("name", key=True), integer("value"))

_BY_KEY = sessions.select().where(any_of(sessions.c.key, "keys"))
_LOCK = _BY_KEY.order_by(sessions.c.key).with_for_update()
_OF_STATIONS = (
    sessions.select()
    .where(any_of(sessions.c.station_id, "station_ids"), _OPEN)
    .order_by(sessions.c.key)
    .with_for_update()
)
# Each arm has an index of its own; transaction ids are unique, whatever the station.
_NAMED = (
    sessions.select()
    .where(
        sa.or_(any_of(sessions.c.transaction_id, "transaction_ids"), any_of(sessions.c.key, "keys"))
    )
    .order_by(sessions.c.key)
    .with_for_update()
)
_BY_AUTHORIZATION = sessions.select().where(
    any_of(sessions.c.authorization_id, "authorization_ids")
)
_READINGS = (
    readings.select()
    .where(any_of(readings.c.session_key, "session_keys"))
    .order_by(readings.c.at_us)
)
_ORPHANS = (
    _orphans.select()
    .where(
        any_of(_orphans.c.station_id, "station_ids"),
        _orphans.c.kind == sa.bindparam("kind", type_=sa.Text),
        _orphans.c.attached_to == "",
        _orphans.c.at_us >= sa.bindparam("since", type_=sa.BigInteger),
        _orphans.c.at_us <= sa.bindparam("until", type_=sa.BigInteger),
    )
    .order_by(_orphans.c.at_us, _orphans.c.id)
    .with_for_update()
)
_ORPHANS_BY_ID = (
    _orphans.select().where(any_of(_orphans.c.id, "ids")).order_by(_orphans.c.id.desc())
)
_TAKE = (
    sa.update(_counters.table)
    .where(_counters.c.name == sa.bindparam("counter", type_=sa.Text))
    .values(value=_counters.c.value + sa.bindparam("taken", type_=sa.BigInteger))
    .returning(_counters.c.value)
)


async def by_key(tx: Transaction, keys: Iterable[str], *, lock: bool = False) -> dict[str, Session]:
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    found = await tx.fetch(_LOCK if lock else _BY_KEY, keys=wanted)
    return {session.key: session for session in sessions.rows(found)}


async def open_at(tx: Transaction, station_ids: Iterable[str]) -> list[Session]:
    """Return the open sessions of stations, kept from others."""
    found = await tx.fetch(_OF_STATIONS, station_ids=sorted(set(station_ids)))
    return sessions.rows(found)


async def candidates(
    tx: Transaction,
    station_ids: Iterable[str],
    transaction_ids: Iterable[int],
    keys: Iterable[str],
) -> list[Session]:
    """Return what stations may mean: their open sessions and the named; kept from others."""
    found = await open_at(tx, station_ids)
    missing_ids = {id_ for id_ in transaction_ids if 0 < id_ < 2**31}
    missing_ids.difference_update(session.transaction_id for session in found)
    missing_keys = set(keys).difference(session.key for session in found)
    if missing_ids or missing_keys:  # late news of what has ended
        named = await tx.fetch(
            _NAMED, transaction_ids=sorted(missing_ids), keys=sorted(missing_keys)
        )
        found += sessions.rows(named)
    return found


async def by_authorization(tx: Transaction, ids: Iterable[str]) -> list[Session]:
    return sessions.rows(await tx.fetch(_BY_AUTHORIZATION, authorization_ids=sorted(set(ids))))


async def add(tx: Transaction, new: Sequence[Session], kind: str) -> None:
    await tx.insert(sessions, new)
    _tell(tx, new, kind)


async def change(tx: Transaction, changed: Sequence[Session], kind: str) -> None:
    await tx.update(sessions, changed)
    _tell(tx, changed, kind)


async def progress(tx: Transaction, changed: Sequence[Session], kind: str) -> None:
    """Store sessions that went on: what a station tells of one after its start."""
    await tx.update(sessions, changed, only=_PROGRESS)
    _tell(tx, changed, kind)


async def add_readings(tx: Transaction, new: Sequence[Reading]) -> None:
    """Keep readings; one that was kept before stays as it is."""
    await tx.insert(readings, new, skip_existing=True)


async def readings_of(tx: Transaction, keys: Sequence[str]) -> dict[str, list[Reading]]:
    """Return all readings of sessions, each session's in order of time."""
    found: dict[str, list[Reading]] = {}
    for reading in readings.rows(await tx.fetch(_READINGS, session_keys=list(keys))):
        found.setdefault(reading.session_key, []).append(reading)
    return found


async def add_orphans(tx: Transaction, new: Sequence[Orphan]) -> None:
    await tx.insert(_orphans, new)
    for orphan in new:
        tx.emit(
            NewEvent(
                "session.orphan",
                f"station/{orphan.station_id}",
                payload={
                    "orphan_id": orphan.id,
                    "kind": orphan.kind,
                    "transaction_id": orphan.transaction_id,
                },
            )
        )


async def loose_orphans(
    tx: Transaction, station_ids: Iterable[str], kind: str, *, since: int, until: int
) -> list[Orphan]:
    """Return the orphans of stations from `since` to `until` that belong to no session yet, kept
    from others."""
    found = await tx.fetch(
        _ORPHANS, station_ids=sorted(set(station_ids)), kind=kind, since=since, until=until
    )
    return _orphans.rows(found)


async def orphans_before(
    tx: Transaction, before: str, limit: int, *, station_id: str, loose: bool
) -> list[tuple[str, int]]:
    """Return ids and sizes, in bytes, of the newest orphans of those that are older than the one
    with the id `before`; "" means of all."""
    size = sa.func.length(_orphans.c.body)
    statement = sa.select(_orphans.c.id, size).order_by(_orphans.c.id.desc()).limit(limit)
    if before:
        statement = statement.where(_orphans.c.id < before)
    if station_id:
        statement = statement.where(_orphans.c.station_id == station_id)
    if loose:
        statement = statement.where(_orphans.c.attached_to == "")
    return [(id_, size) for id_, size in await tx.fetch(statement)]


async def orphans(tx: Transaction, ids: Sequence[str]) -> list[Orphan]:
    """Return orphans, the newest first."""
    return _orphans.rows(await tx.fetch(_ORPHANS_BY_ID, ids=list(ids)))


async def attach_orphans(tx: Transaction, attached: Sequence[Orphan]) -> None:
    await tx.update(_orphans, attached)


def listing(
    *,
    partner_id: str,
    at_our_stations: bool,
    state: str,
    updated_from: int | None,
    updated_to: int | None,
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a list."""
    wanted = [
        *of_partner(sessions.c.partner_id, partner_id),
        *changed_between(sessions.c.last_updated_us, updated_from, updated_to),
    ]
    if at_our_stations:
        wanted.append(sessions.c.at_our_station)
    if state:
        wanted.append(sessions.c.state == state)
    return wanted


class TransactionIds:
    """Integers for OCPP 1.6 transactions: unique, from 1, taken from the store a thousand at a
    time."""

    _BLOCK = 1_000
    _NAME = "transaction_id"

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ready: list[int] = []
        self._lock = asyncio.Lock()

    async def take(self, count: int) -> list[int]:
        """Return `count` integers that no other call returns."""
        async with self._lock:
            while len(self._ready) < count:
                last = await self._database.write(self._take_block)
                self._ready.extend(range(last - self._BLOCK + 1, last + 1))
            taken, self._ready = self._ready[:count], self._ready[count:]
            return taken

    async def _take_block(self, tx: Transaction) -> int:
        found = await tx.fetch(_TAKE, counter=self._NAME, taken=self._BLOCK)
        if not found:
            await tx.insert(_counters, [_Counter(self._NAME, self._BLOCK)])
            return self._BLOCK
        last: int = found[0][0]
        return last


def _tell(tx: Transaction, told: Sequence[Session], kind: str) -> None:
    for session in told:
        tx.emit(
            NewEvent(
                kind,
                f"session/{session.key}",
                partner_id=session.partner_id,
                correlation_id=session.id,
                payload={
                    "owner": session.owner,
                    "id": session.id,
                    "version": session.version,
                    "state": session.state,
                    "energy_mwh": session.energy_mwh,
                    "ours": session.at_our_station,
                },
            )
        )
