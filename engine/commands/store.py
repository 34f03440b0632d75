"""Commands, and which gateway holds which channel, stored."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from engine.commands.model import Command, State
from engine.db.port import NewEvent, Transaction
from engine.db.schema import Mapped, any_of, constant, integer, text


class Route(msgspec.Struct, frozen=True):
    """Who holds a channel: a gateway process, on a connection of this generation."""

    channel: str
    gateway_id: str
    generation: int


_commands = Mapped(
    "command",
    Command,
    text("id", key=True),
    text("channel"),
    text("action"),
    text("details_json"),
    text("state"),
    integer("deadline_us"),
    integer("requested_us"),
    integer("generation"),
    text("result_code"),
    text("result_message"),
    text("result_payload"),
    text("correlation_id"),
)
_OPEN = _commands.c.state.in_(
    [constant(state) for state in (State.REQUESTED, State.SENT, State.AGREED)]
)
_REQUESTED = _commands.c.state == constant(State.REQUESTED)
sa.Index(
    "ix_command_requested",
    _commands.c.channel,
    sqlite_where=_REQUESTED,
    postgresql_where=_REQUESTED,
)
sa.Index(
    "ix_command_open_deadline", _commands.c.deadline_us, sqlite_where=_OPEN, postgresql_where=_OPEN
)

EXPIRY_BATCH = 100

_routes = Mapped(
    "route", Route, text("channel", key=True), text("gateway_id"), integer("generation")
)
sa.Index(None, _routes.c.gateway_id)

_BY_ID = _commands.select().where(any_of(_commands.c.id, "ids"))
_LOCK = _BY_ID.order_by(_commands.c.id).with_for_update()
_EXPIRED = (
    _commands.select()
    .where(_OPEN, _commands.c.deadline_us <= sa.bindparam("now", type_=sa.BigInteger))
    .limit(EXPIRY_BATCH)
    .with_for_update(skip_locked=True)
)
_HELD_CHANNELS = sa.select(_routes.c.channel).where(
    _routes.c.gateway_id == sa.bindparam("gateway_id")
)
_PREFIX = sa.bindparam("prefix", type_=sa.Text)
_WAITING = _commands.select().where(
    _REQUESTED,
    _commands.c.deadline_us > sa.bindparam("now", type_=sa.BigInteger),
    sa.or_(
        _commands.c.channel.in_(_HELD_CHANNELS),
        # Not by order: that of a production database need not be the order of code points.
        sa.and_(
            _PREFIX != "",
            sa.func.substr(_commands.c.channel, 1, sa.func.length(_PREFIX)) == _PREFIX,
        ),
    ),
)
_PEEK = _WAITING.limit(1)
_TAKE = (
    _WAITING.order_by(_commands.c.requested_us, _commands.c.id)
    .limit(100)
    .with_for_update(skip_locked=True)
)
_ROUTES = _routes.select().where(any_of(_routes.c.channel, "channels"))
_DROP_ROUTES = sa.delete(_routes.table).where(any_of(_routes.c.channel, "channels"))


async def add(tx: Transaction, commands: Sequence[Command]) -> None:
    """Store new commands and tell the gateways that there are some."""
    await tx.insert(_commands, commands)
    for command in commands:
        _tell(tx, "command.requested", command)


async def by_id(tx: Transaction, ids: Sequence[str], *, lock: bool = False) -> dict[str, Command]:
    found = await tx.fetch(_LOCK if lock else _BY_ID, ids=list(ids))
    return {command.id: command for command in _commands.rows(found)}


async def change(tx: Transaction, commands: Sequence[Command]) -> None:
    """Store changed commands; those that are final now are told."""
    await tx.update(_commands, commands)
    for command in commands:
        if command.final:
            _tell(tx, "command.finished", command)


async def expired(tx: Transaction, now: int) -> list[Command]:
    return _commands.rows(await tx.fetch(_EXPIRED, now=now))


async def any_waiting(tx: Transaction, gateway_id: str, prefix: str, now: int) -> bool:
    return bool(await tx.fetch(_PEEK, gateway_id=gateway_id, prefix=prefix, now=now))


async def waiting(tx: Transaction, gateway_id: str, prefix: str, now: int) -> list[Command]:
    """Return the commands that this gateway should take, kept from others meanwhile."""
    found = await tx.fetch(_TAKE, gateway_id=gateway_id, prefix=prefix, now=now)
    return _commands.rows(found)


async def routes(tx: Transaction, channels: Sequence[str]) -> dict[str, Route]:
    found = _routes.rows(await tx.fetch(_ROUTES, channels=list(channels)))
    return {route.channel: route for route in found}


async def set_routes(tx: Transaction, new: Sequence[Route]) -> None:
    await tx.execute(_DROP_ROUTES, channels=[route.channel for route in new])
    await tx.insert(_routes, new)


async def drop_routes(tx: Transaction, channels: Sequence[str]) -> None:
    await tx.execute(_DROP_ROUTES, channels=list(channels))


def _tell(tx: Transaction, kind: str, command: Command) -> None:
    scope, _, target = command.channel.partition("/")
    tx.emit(
        NewEvent(
            kind,
            f"command/{command.id}",
            partner_id=target if scope == "partner" else "",
            correlation_id=command.correlation_id,
            payload={
                "channel": command.channel,
                "action": command.action,
                "state": command.state,
                "code": command.result_code,
            },
        )
    )
