"""A command of the engine that a gateway carries out: waiting for it, and how it ended."""

from __future__ import annotations

import msgspec
from interwatt.commands.v1.command_pb2 import Command
from interwatt.commands.v1.commands_service_pb2 import AwaitCommandRequest
from interwatt.commands.v1.commands_service_pb2_grpc import CommandsServiceStub

from engine.cli.client import Client
from engine.cli.errors import EXIT_NO
from engine.cli.output import as_data, enum_of, print_json

_LONGER_S = 5  # the engine ends the command first


def await_command(client: Client, command_id: str, timeout_s: int) -> Command:
    """Wait until a command is final."""
    stub = client.stub(CommandsServiceStub)
    request = AwaitCommandRequest(command_id=command_id)
    return client.call(stub.AwaitCommand, request, timeout_s + _LONGER_S).command


def report(command: Command, *, as_json: bool) -> int:
    """Print how a command ended; returns the exit code."""
    state, result = enum_of(command, "state"), command.result
    if as_json:
        print_json(as_data(command))
    else:
        words = [state.lower().replace("_", " "), result.code, result.message]
        print(f"{command.channel}: {': '.join(filter(None, words))}")
    return 0 if command.state == Command.STATE_DONE else EXIT_NO


def report_answer(command: Command) -> int:
    """Print what a station answered as JSON; returns the exit code."""
    if command.state != Command.STATE_DONE and not command.result.payload:
        return report(command, as_json=False)
    print_json(msgspec.Raw(command.result.payload or b"{}"))
    return 0 if command.state == Command.STATE_DONE else EXIT_NO
