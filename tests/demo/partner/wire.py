"""How OCPI 2.2.1 looks on the wire: JSON with exact numbers, the envelope, Base64 tokens, times."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

Json = dict[str, Any]

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def encode(value: object) -> bytes:
    """Write JSON; a Decimal becomes a number with the digits it has."""
    return _encoder.encode(value)


def decode(raw: bytes) -> Any:
    """Read JSON; a number with a point becomes a Decimal. Raises ValueError."""
    return _decoder.decode(raw)


def timestamp(at: datetime | None = None) -> str:
    """Write an instant, or now, as an OCPI DateTime."""
    at = at or datetime.now(UTC)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def envelope(data: object = None, code: int = 1000, message: str = "Success") -> Json:
    """Wrap an answer; without data the member is left out."""
    answer: Json = {"status_code": code, "status_message": message, "timestamp": timestamp()}
    return answer if data is None else {"data": data, **answer}


def token_header(token: str) -> str:
    """Build the Authorization header for a token."""
    return "Token " + base64.b64encode(token.encode()).decode()


def read_token(headers: Mapping[str, str]) -> str | None:
    """Read the token of an Authorization header; None when there is none or it is not Base64."""
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    if scheme != "Token":
        return None
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
