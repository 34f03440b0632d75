"""Ids that make a write repeatable (AIP-155).

A write that repeats something said outside, by a station or a partner, derives its id from what
was said: the repetition then has the same id, whichever process sends it.
"""

import hashlib
import uuid
from datetime import datetime


def derive(*parts: str | int | bytes | datetime | None) -> str:
    """Derive a UUID from a natural key; equal parts give an equal id, in every process and release.

    The parts are hashed with their type and length, so ("a", "bc") and ("ab", "c") differ, and so
    do 1 and "1". The UUID is of version 8, RFC 9562 section 5.8.
    """
    return _uuid(_hash(parts))


def derive_at(at_ms: int, *parts: str | int | bytes | datetime | None) -> str:
    """Derive a UUID that begins with a time, for what stations say all day.

    The engine finds records by their ids: what is said at one time then lies side by side in that
    index, and not each on a page of its own.

    Args:
        at_ms: when it happened, by the one who says it; milliseconds since 1970.
    """
    return _uuid((max(at_ms, 0) & 0xFFFF_FFFF_FFFF).to_bytes(6, "big") + _hash(parts))


def fresh() -> str:
    """Make an id for a write that has no natural key, e.g. a new connection."""
    return str(uuid.uuid4())


def _hash(parts: tuple[str | int | bytes | datetime | None, ...]) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        kind, raw = _encode(part)
        digest.update(b"%s%d:" % (kind, len(raw)))
        digest.update(raw)
    return digest.digest()


def _uuid(digits: bytes) -> str:
    value = bytearray(digits[:16])
    value[6] = (value[6] & 0x0F) | 0x80
    value[8] = (value[8] & 0x3F) | 0x80
    return str(uuid.UUID(bytes=bytes(value)))


def _encode(part: str | int | bytes | datetime | None) -> tuple[bytes, bytes]:
    match part:
        case None:
            return b"n", b""
        case str():
            return b"s", part.encode("utf-8", "surrogatepass")
        case bytes():
            return b"b", part
        case int():
            return b"i", b"%d" % part
        case datetime():
            return b"t", part.isoformat().encode()
