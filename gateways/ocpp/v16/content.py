"""The content of a message as bytes that are equal when the message is."""

import json

from gateways.ocpp.station import Payload


def canonical(payload: Payload) -> bytes:
    """The payload with its properties in order and without blanks."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), default=str).encode()
