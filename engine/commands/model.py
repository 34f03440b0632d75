"""Commands and their life."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from engine.kernel.clock import Micros


class State(StrEnum):
    """See `interwatt.commands.v1.Command.State`."""

    REQUESTED = "REQUESTED"
    SENT = "SENT"
    AGREED = "AGREED"
    DONE = "DONE"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.REQUESTED: frozenset({State.SENT, State.FAILED, State.TIMED_OUT}),
    State.SENT: frozenset({State.AGREED, State.DONE, State.REFUSED, State.FAILED, State.TIMED_OUT}),
    State.AGREED: frozenset({State.DONE, State.REFUSED, State.FAILED, State.TIMED_OUT}),
    State.DONE: frozenset(),
    State.REFUSED: frozenset(),
    State.FAILED: frozenset(),
    State.TIMED_OUT: frozenset(),
}

DEFAULT_TIMEOUT_S = 30
MAX_TIMEOUT_S = 600


class Action(StrEnum):
    """What a command asks for; the fields of each are those of its message in the contract."""

    START_CHARGE = "start_charge"
    STOP_CHARGE = "stop_charge"
    STATION_CALL = "station_call"
    ASK_ISSUER = "ask_issuer"
    START_AT_PARTNER = "start_at_partner"
    STOP_AT_PARTNER = "stop_at_partner"
    REGISTER_AT_PARTNER = "register_at_partner"


class Command(msgspec.Struct, frozen=True):
    """One command.

    Attributes:
        channel: `"station/<id>"` or `"partner/<id>"`.
        details_json: the fields of the action's message, JSON.
        generation: the station's connection it was sent on.
        result_payload: the whole answer, JSON, or "".
    """

    id: str
    channel: str
    action: str
    details_json: str
    state: str
    deadline_us: int
    requested_us: int
    generation: int
    result_code: str
    result_message: str
    result_payload: str
    correlation_id: str

    @property
    def final(self) -> bool:
        return not TRANSITIONS[State(self.state)]

    def details(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(self.details_json)
        return found


class Result(msgspec.Struct, frozen=True):
    """What came back."""

    command_id: str
    state: State
    code: str = ""
    message: str = ""
    payload: str = ""


def station_channel(station_id: str) -> str:
    return f"station/{station_id}"


def partner_channel(partner_id: str) -> str:
    return f"partner/{partner_id}"


def request(
    *,
    id_: str,
    channel: str,
    action: Action,
    details: Mapping[str, Any],
    now: Micros,
    timeout_s: int,
    correlation_id: str = "",
) -> Command:
    """Return a new command that must be final `timeout_s` after `now`."""
    return Command(
        id=id_,
        channel=channel,
        action=action,
        details_json=msgspec.json.encode(details).decode(),
        state=State.REQUESTED,
        deadline_us=now + timeout_s * 1_000_000,
        requested_us=now,
        generation=0,
        result_code="",
        result_message="",
        result_payload="",
        correlation_id=correlation_id,
    )


def apply(command: Command, result: Result) -> Command:
    """Return the command after `result`; a result that its state does not allow changes nothing.

    What was sent to a station is not kept once that is over: it may set a key.
    """
    if result.state not in TRANSITIONS[State(command.state)]:
        return command
    if not TRANSITIONS[result.state]:
        command = without_payload(command)
    return msgspec.structs.replace(
        command,
        state=result.state,
        result_code=result.code,
        result_message=result.message,
        result_payload=result.payload,
    )


def without_payload(command: Command) -> Command:
    """Return the command without what it sends to a station, if that is any call."""
    if command.action != Action.STATION_CALL:
        return command
    details = command.details() | {"payload": ""}
    return msgspec.structs.replace(command, details_json=msgspec.json.encode(details).decode())
