"""Giving commands to gateways and taking their results."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec
import structlog

from engine.commands import store
from engine.commands.model import (
    DEFAULT_TIMEOUT_S,
    MAX_TIMEOUT_S,
    Action,
    Command,
    Result,
    State,
    apply,
    request,
    station_channel,
    without_payload,
)
from engine.db.idempotency import run_once
from engine.db.port import Database, Transaction
from engine.kernel.errors import EngineError, InvalidArgument, NotFound, StationOffline
from engine.kernel.ids import IdSource
from engine.kernel.outcome import Outcome, Request

_LOG = structlog.get_logger()
_POLL_S = 0.5
_SETTLE_S = 0.01
_SWEEP_S = 1.0


class StationCall(msgspec.Struct, frozen=True):
    """Any call of a station's protocol."""

    station_id: str
    action: str
    payload: str
    timeout_s: int


class CommandsService:
    """Keeps commands on their way."""

    def __init__(self, database: Database, ids: IdSource) -> None:
        self._database = database
        self._ids = ids

    async def stream(self, gateway_id: str, prefix: str) -> AsyncIterator[Command]:
        """Yield each command for what `gateway_id` holds, marked SENT, for ever."""
        while True:
            waiter = self._database.changed.subscribe()

            async def peek(tx: Transaction) -> bool:
                return await store.any_waiting(tx, gateway_id, prefix, self._database.now())

            async def take(tx: Transaction) -> list[Command]:
                return await self._take(tx, gateway_id, prefix)

            if await self._database.read(peek):
                for command in await self._database.write(take):
                    yield command
                continue
            await self._database.changed.wait(waiter, timeout_s=_POLL_S)
            await asyncio.sleep(_SETTLE_S)  # a busy store wakes us all the time; look once for many

    async def report(self, requests: Sequence[Request[Result]]) -> list[Outcome[Command]]:
        """Record results. One for a final command changes nothing."""
        return await run_once(
            self._database,
            scope="commands.report",
            requests=requests,
            answer_type=Command,
            handle=self._report,
        )

    async def call_station(self, asked: Request[StationCall]) -> Outcome[Command]:
        """Ask for any call; refused at once when no gateway holds the station."""

        async def handle(
            tx: Transaction, calls: Sequence[StationCall]
        ) -> Sequence[Command | EngineError]:
            command = request(
                id_=self._ids.new(),
                channel=station_channel(calls[0].station_id),
                action=Action.STATION_CALL,
                details={"action": calls[0].action, "payload": calls[0].payload},
                now=self._database.now(),
                timeout_s=calls[0].timeout_s,
            )
            await require_held(tx, [calls[0].station_id])
            await store.add(tx, [command])
            return [command]

        [outcome] = await run_once(
            self._database,
            scope="commands.call",
            requests=[asked],
            answer_type=Command,
            handle=handle,
            without_secret=without_payload,
        )
        return outcome

    async def get(self, command_id: str) -> Command:
        """Read one.

        Raises:
            NotFound: there is none.
        """

        async def work(tx: Transaction) -> dict[str, Command]:
            return await store.by_id(tx, [command_id])

        found = (await self._database.read(work)).get(command_id)
        if found is None:
            raise NotFound.of("command", command_id)
        return found

    async def wait_until_final(self, command_id: str, timeout_s: float) -> Command:
        """Wait until a command is final, at most `timeout_s`, and return it as it is then."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        while True:
            waiter = self._database.changed.subscribe()
            command = await self.get(command_id)
            left = until - loop.time()
            if command.final or left <= 0:
                return command
            await self._database.changed.wait(waiter, timeout_s=min(left, _POLL_S))

    async def expire_forever(self) -> None:
        """Time out what is past its deadline, until cancelled."""
        while True:
            try:
                if await self._database.write(self._expire) == store.EXPIRY_BATCH:
                    continue
            except EngineError as error:
                _LOG.warning("commands.expiry_waits", reason=error.message)
            except Exception:
                _LOG.exception("commands.expiry_failed")
            await asyncio.sleep(_SWEEP_S)

    async def _take(self, tx: Transaction, gateway_id: str, prefix: str) -> list[Command]:
        found = await store.waiting(tx, gateway_id, prefix, self._database.now())
        routes = await store.routes(tx, [command.channel for command in found])
        taken = []
        for command in found:
            route = routes.get(command.channel)
            if route is not None and route.gateway_id != gateway_id:
                continue  # the station has just moved to another gateway
            generation = route.generation if route is not None else 0
            taken.append(msgspec.structs.replace(command, state=State.SENT, generation=generation))
        await store.change(tx, taken)
        return taken

    async def _report(
        self, tx: Transaction, results: Sequence[Result]
    ) -> Sequence[Command | EngineError]:
        known = await store.by_id(tx, [result.command_id for result in results], lock=True)
        answers: list[Command | EngineError] = []
        changed: dict[str, Command] = {}
        for result in results:
            command = changed.get(result.command_id) or known.get(result.command_id)
            if command is None:
                answers.append(NotFound.of("command", result.command_id))
                continue
            after = apply(command, result)
            if after is not command:
                changed[after.id] = after
            answers.append(after)
        await store.change(tx, list(changed.values()))
        return answers

    async def _expire(self, tx: Transaction) -> int:
        """Time out a batch of what is late; returns how many."""
        late = await store.expired(tx, self._database.now())
        await store.change(
            tx,
            [
                apply(command, Result(command.id, State.TIMED_OUT, "TIMEOUT", "No answer in time."))
                for command in late
            ],
        )
        return len(late)


async def require_held(tx: Transaction, station_ids: Sequence[str]) -> None:
    """Check that gateways hold the stations.

    Raises:
        StationOffline: one is not connected.
    """
    routes = await store.routes(tx, [station_channel(station_id) for station_id in station_ids])
    for station_id in station_ids:
        if station_channel(station_id) not in routes:
            raise StationOffline(
                f"Station {station_id!r} is not connected; nothing was sent.", station=station_id
            )


def timeout_seconds(asked: int) -> int:
    """Return how long to wait.

    Raises:
        InvalidArgument: too long.
    """
    if asked > MAX_TIMEOUT_S:
        raise InvalidArgument(
            f"timeout_seconds: expected at most {MAX_TIMEOUT_S}, found {asked}.",
            field="timeout_seconds",
        )
    return asked or DEFAULT_TIMEOUT_S
