"""CommandsService over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
from google.protobuf.json_format import ParseDict
from interwatt.commands.v1 import command_pb2 as command_pb
from interwatt.commands.v1 import commands_service_pb2 as pb
from interwatt.commands.v1 import commands_service_pb2_grpc as pb_grpc

from engine.commands.model import Action, Command, Result, State
from engine.commands.service import CommandsService, StationCall, timeout_seconds
from engine.kernel.outcome import require
from engine.rpc import convert
from engine.rpc.convert import json_object, read_enum, requests, shown, text, write_time
from engine.rpc.outcomes import write_outcomes

_LONGEST_WAIT_S = 600.0
_REPORTED = (State.AGREED, State.DONE, State.REFUSED, State.FAILED)


class CommandsRpc(pb_grpc.CommandsServiceServicer):
    def __init__(self, service: CommandsService) -> None:
        self._service = service

    async def StreamCommands(
        self, request: pb.StreamCommandsRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[pb.StreamCommandsResponse]:
        text(request.gateway_id, "gateway_id", longest=64)
        prefix = text(request.channel_prefix, "channel_prefix", longest=64, shortest=0)
        async for command in self._service.stream(request.gateway_id, prefix):
            yield pb.StreamCommandsResponse(command=write_command(command))

    async def ReportResults(
        self, request: pb.ReportResultsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ReportResultsResponse:
        outcomes = await self._service.report(requests(request.items, _read_result))
        response = pb.ReportResultsResponse()
        write_outcomes(outcomes, response.outcomes, _write_reported)
        return response

    async def CallStation(
        self, request: pb.CallStationRequest, context: grpc.aio.ServicerContext
    ) -> pb.CallStationResponse:
        outcome = await self._service.call_station(convert.request(request, _read_call))
        return pb.CallStationResponse(
            command=write_command(outcome.value()), replayed=outcome.replayed
        )

    async def AwaitCommand(
        self, request: pb.AwaitCommandRequest, context: grpc.aio.ServicerContext
    ) -> pb.AwaitCommandResponse:
        command = await self._service.wait_until_final(request.command_id, remaining_s(context))
        return pb.AwaitCommandResponse(command=write_command(command))

    async def GetCommand(
        self, request: pb.GetCommandRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetCommandResponse:
        return pb.GetCommandResponse(
            command=write_command(await self._service.get(request.command_id))
        )


def remaining_s(context: grpc.aio.ServicerContext) -> float:
    """Return how long a waiting call may wait: a little less than its deadline, so that the answer
    arrives."""
    left = context.time_remaining()
    return _LONGEST_WAIT_S if left is None else max(0.0, min(left * 0.95 - 0.05, _LONGEST_WAIT_S))


def _write_reported(item: pb.ReportResultOutcome, command: Command) -> None:
    item.command.CopyFrom(write_command(command))


def write_command(command: Command) -> command_pb.Command:
    message = command_pb.Command(
        id=command.id,
        channel=command.channel,
        state=f"STATE_{command.state}",
        deadline=write_time(command.deadline_us),
        requested_at=write_time(command.requested_us),
        generation=command.generation,
        result=command_pb.CommandResult(
            code=command.result_code,
            message=command.result_message,
            payload=command.result_payload.encode(),
        ),
    )
    details = command.details()
    if command.action == Action.STATION_CALL:
        message.station_call.action = details["action"]
        message.station_call.payload = details["payload"].encode()
    else:
        ParseDict(details, getattr(message, command.action))
        getattr(message, command.action).SetInParent()
    return message


def _read_result(item: pb.ReportResultItem) -> Result:
    state = read_enum(command_pb.Command.State, item.state, prefix="STATE_", field="state")
    require(state in _REPORTED, "state", "one of " + ", ".join(_REPORTED))
    return Result(
        command_id=text(item.command_id, "command_id", longest=64),
        state=State(state),
        code=shown(item.result.code, longest=255),
        message=shown(item.result.message, longest=1_000),
        payload=item.result.payload.decode(errors="replace"),
    )


def _read_call(item: pb.CallStationRequest) -> StationCall:
    payload = item.payload or b"{}"
    json_object(payload, "payload")
    return StationCall(
        station_id=text(item.station_id, "station_id", longest=48),
        action=text(item.action, "action", longest=64),
        payload=payload.decode(),
        timeout_s=timeout_seconds(item.timeout_seconds),
    )
