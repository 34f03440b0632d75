"""Commands of the engine, carried out at stations: sent at most once, and what came back is
reported.

A command that is not answered before its deadline is not reported: the engine ends it by its own
clock.
"""

import asyncio
from datetime import UTC

import orjson
import structlog
from interwatt.commands.v1.command_pb2 import Command, CommandResult, StationCall
from interwatt.commands.v1.commands_service_pb2 import ReportResultItem, StreamCommandsResponse

from gateways.common import request_ids, telemetry
from gateways.common.errors import EngineError, EngineUnavailable
from gateways.common.streams import follow
from gateways.ocpp import metrics
from gateways.ocpp.connection import OFFLINE, Answer, NotAnswered, Reply
from gateways.ocpp.dialect import Dialect, Outgoing
from gateways.ocpp.engine_calls import EngineCalls
from gateways.ocpp.faults import Fault, Refusal
from gateways.ocpp.hub import Hub
from gateways.ocpp.station import Clock

_LOG = structlog.get_logger()

CHANNEL_PREFIX = "station/"
DEFAULT_WAIT = 30.0


class CommandRunner:
    """Follows the engine's commands for ever and carries each out."""

    def __init__(self, engine: EngineCalls, hub: Hub, *, now: Clock) -> None:
        self._engine = engine
        self._hub = hub
        self._now = now
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Follow the commands for stations, until cancelled."""
        async for response in follow(self._engine.stream_commands, name="commands"):
            self._accept(response)

    async def aclose(self) -> None:
        """Give up the commands under way; the engine ends them by their deadline."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _accept(self, response: StreamCommandsResponse) -> None:
        task = asyncio.get_running_loop().create_task(self._carry_out(response.command))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _carry_out(self, command: Command) -> None:
        with telemetry.correlated(command.id):
            result = await self._result(command)
            if result is None:
                metrics.COMMANDS.labels("expired").inc()
                _LOG.info("command.expired", command=command.id)
                return
            state, told = result
            metrics.COMMANDS.labels(Command.State.Name(state).removeprefix("STATE_").lower()).inc()
            _LOG.info(
                "command.ended",
                command=command.id,
                channel=command.channel,
                state=Command.State.Name(state),
                code=told.code,
            )
            await self._report(command, state, told)

    async def _result(self, command: Command) -> tuple[Command.State, CommandResult] | None:
        station_id = command.channel.removeprefix(CHANNEL_PREFIX)
        connection = await self._hub.find(station_id, generation=command.generation)
        if connection is None:
            return _failed(OFFLINE, "The station is not connected here.")
        try:
            outgoing = outgoing_of(command, connection.dialect)
        except Refusal as refusal:
            return _failed(connection.dialect.spelling[refusal.fault], refusal.description)
        reply = await connection.call(
            message_id=command.id,
            action=outgoing.action,
            payload=outgoing.payload,
            deadline=self._deadline(command),
        )
        return _judged(command, reply, connection.dialect.agreements)

    def _deadline(self, command: Command) -> float:
        """The command's deadline on the loop's clock."""
        wait = DEFAULT_WAIT
        if command.HasField("deadline"):
            wait = (command.deadline.ToDatetime(tzinfo=UTC) - self._now()).total_seconds()
        return asyncio.get_running_loop().time() + wait

    async def _report(self, command: Command, state: Command.State, told: CommandResult) -> None:
        item = ReportResultItem(
            request_id=request_ids.derive("command-result", command.id),
            command_id=command.id,
            state=state,
            result=told,
        )
        try:
            await self._engine.report(item)
        except (EngineError, EngineUnavailable) as error:
            _LOG.warning("result.not_reported", command=command.id, reason=error.message)


def outgoing_of(command: Command, dialect: Dialect) -> Outgoing:
    """The call that a command asks for.

    Raises `Refusal` for one that this version does not have or whose payload is invalid.
    """
    match command.WhichOneof("action"):
        case "start_charge":
            outgoing = dialect.start_charge(command.start_charge)
        case "stop_charge":
            outgoing = dialect.stop_charge(command.stop_charge)
        case "station_call":
            outgoing = _raw(command.station_call)
        case _:
            raise Refusal(Fault.NOT_SUPPORTED, "This command is not for a station.")
    if outgoing.action not in dialect.responses:
        raise _not_callable(outgoing.action, dialect)
    schema = dialect.requests[outgoing.action]
    if not schema.accepts(outgoing.payload):
        path = next(iter(schema.violations(outgoing.payload))).instance_path
        where = "/".join(str(step) for step in path) or "payload"
        raise Refusal(Fault.FORMATION, f"{where} does not fit the schema of {outgoing.action}.")
    return outgoing


def _not_callable(action: str, dialect: Dialect) -> Refusal:
    callable_ = f"A station can be asked for: {', '.join(sorted(dialect.responses))}."
    if action in dialect.routes:
        return Refusal(Fault.NOT_SUPPORTED, f"Stations send {action} to us. {callable_}")
    return Refusal(
        Fault.NOT_IMPLEMENTED, f"{action} is no action of {dialect.subprotocol}. {callable_}"
    )


def _raw(call: StationCall) -> Outgoing:
    try:
        payload = orjson.loads(call.payload or b"{}")
    except orjson.JSONDecodeError as error:
        raise Refusal(Fault.FORMATION, "The payload is not JSON.") from error
    return Outgoing(action=call.action, payload=payload)


def _judged(
    command: Command, reply: Reply, agreements: frozenset[str]
) -> tuple[Command.State, CommandResult] | None:
    """What the reply means. A raw call whose answer has no status only informs, and is done."""
    if isinstance(reply, NotAnswered):
        return None if reply.expired else _failed(reply.code, reply.description)
    assert isinstance(reply, Answer)
    code = reply.payload.get("status", "")
    told = CommandResult(
        code=code if isinstance(code, str) else "", payload=orjson.dumps(reply.payload, default=str)
    )
    informs = command.WhichOneof("action") == "station_call" and "status" not in reply.payload
    done = informs or told.code in agreements
    return (Command.STATE_DONE if done else Command.STATE_REFUSED), told


def _failed(code: str, message: str) -> tuple[Command.State, CommandResult]:
    return Command.STATE_FAILED, CommandResult(code=code, message=message)
