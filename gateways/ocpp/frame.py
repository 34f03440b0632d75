"""The framing of OCPP-J.

Text to frames and back, without any I/O (OCPP 1.6-J and 2.0.1 part 4, section 4).
"""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

CALL = 2
CALL_RESULT = 3
CALL_ERROR = 4
MAX_ID = 255
MAX_DESCRIPTION = 255
MAX_ACTION = 64

MessageId = str | int

_SALVAGE = re.compile(r'\s*\[\s*2\s*,\s*(?:"([^"\\\x00-\x1f]{1,255})"|(\d{1,18}))\s*,')


@dataclass(frozen=True, slots=True)
class Call:
    """A request of the station; its id is echoed as it came, number or string."""

    id: MessageId
    action: str
    payload: Any
    text: str


@dataclass(frozen=True, slots=True)
class CallResult:
    """The station's answer to a request of ours."""

    id: str
    payload: Any
    text: str


@dataclass(frozen=True, slots=True)
class CallError:
    """The station's refusal of a request of ours; code and description are its own words."""

    id: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A frame that is no message.

    With an id, or where the version has one for it, it is answered.
    """

    id: MessageId | None
    reason: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A frame that asks for nothing, e.g. of a message type that this version does not have."""

    reason: str


Frame = Call | CallResult | CallError | Malformed | Ignored


def read(text: str) -> Frame:
    """Read one text frame; every text is some frame."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Malformed(_salvaged_id(text), "The message is not JSON.")
    if not isinstance(message, list) or not message:
        return Malformed(None, "The message is not an array.")
    match message[0]:
        case 2:
            return _read_call(message, text)
        case 3:
            return _read_result(message, text)
        case 4:
            return _read_error(message)
        case _:
            return Ignored("The message type is not known.")


def exact_payload(text: str) -> Any:
    """Read the payload of a frame again, with fractions as decimals, so that no digit is lost.

    Raises ValueError for a number of absurd length.
    """
    message = json.loads(text, parse_float=Decimal)
    return message[3] if message[0] == CALL else message[2]


def write_call(identifier: str, action: str, payload: Any) -> str:
    """Write a request of ours."""
    return orjson.dumps([CALL, identifier, action, payload]).decode()


def write_result(identifier: MessageId, payload: Any) -> str:
    """Write our answer to a request."""
    return orjson.dumps([CALL_RESULT, identifier, payload]).decode()


def write_error(identifier: MessageId, code: str, description: str) -> str:
    """Write our refusal of a request."""
    return orjson.dumps([CALL_ERROR, identifier, code, description[:MAX_DESCRIPTION], {}]).decode()


def _read_call(message: list[Any], text: str) -> Frame:
    identifier = _readable_id(message)
    if identifier is None:
        return Malformed(None, "The message id cannot be read.")
    if len(message) != 4:
        return Malformed(identifier, f"Expected 4 elements, found {len(message)}.")
    action, payload = message[2], message[3]
    if identifier == "":
        return Malformed(identifier, "The message id is empty.")
    if not isinstance(action, str) or not 0 < len(action) <= MAX_ACTION:
        return Malformed(identifier, "The action is not a name.")
    return Call(identifier, action, {} if payload is None else payload, text)


def _read_result(message: list[Any], text: str) -> Frame:
    identifier = _readable_id(message)
    if identifier is None or len(message) != 3:
        return Ignored("The answer is malformed.")
    payload = message[2]
    return CallResult(str(identifier), {} if payload is None else payload, text)


def _read_error(message: list[Any]) -> Frame:
    """Stations leave out what they have nothing to say about: 3 to 5 elements are taken."""
    identifier = _readable_id(message)
    if identifier is None or len(message) < 3:
        return Ignored("The error is malformed.")
    description = message[3] if len(message) > 3 else ""
    return CallError(
        str(identifier), str(message[2])[:MAX_ACTION], str(description)[:MAX_DESCRIPTION]
    )


def _readable_id(message: list[Any]) -> MessageId | None:
    if len(message) < 2:
        return None
    identifier = message[1]
    if isinstance(identifier, bool) or not isinstance(identifier, str | int):
        return None
    return identifier if len(str(identifier)) <= MAX_ID else None


def _salvaged_id(text: str) -> MessageId | None:
    """The id of a request whose JSON breaks off or is wrong further on."""
    found = _SALVAGE.match(text)
    if found is None:
        return None
    return found[1] if found[1] is not None else int(found[2])
