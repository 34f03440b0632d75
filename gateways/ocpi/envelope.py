"""The envelope around every OCPI answer, and reading a partner's."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from gateways.ocpi import codec
from gateways.ocpi.status import SUCCESS
from gateways.ocpi.times import Instant

NO_DATA = msgspec.UNSET


class Envelope(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """What we answer."""

    data: Any = NO_DATA
    status_code: int
    status_message: str | None = None
    timestamp: Instant


class ReceivedEnvelope(msgspec.Struct, kw_only=True, frozen=True):
    """What a partner answered, as far as it decides what comes next."""

    data: msgspec.Raw = msgspec.Raw(b"null")
    status_code: int
    status_message: str | None = None


def wrap(*, data: object = NO_DATA, code: int = SUCCESS, message: str | None = None) -> bytes:
    """Write an answer, stamped with the present time."""
    now = Instant(datetime.now(UTC))
    return codec.encode(
        Envelope(data=data, status_code=code, status_message=message, timestamp=now)
    )


def unwrap(body: bytes) -> ReceivedEnvelope | None:
    """Read a partner's answer; None when it is no envelope."""
    try:
        return codec.decode(body, ReceivedEnvelope)
    except (codec.NotJson, codec.NotUnderstood):
        return None
