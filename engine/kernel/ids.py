"""Ids and secrets, handed in like time."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import Protocol


class IdSource(Protocol):
    """What makes ids."""

    def new(self) -> str:
        """Return an id that no other call returns and that sorts after those made before it."""
        ...

    def secret(self) -> str:
        """Return a secret of 256 bits in URL-safe text of 43 characters."""
        ...


class RandomIds:
    """UUIDs of version 7 (RFC 9562): time-ordered, so that an index grows at its end."""

    def new(self) -> str:
        milliseconds = time.time_ns() // 1_000_000
        value = (milliseconds << 80) | secrets.randbits(76)
        value = value & ~(0xF << 76 | 0b11 << 62) | 0x7 << 76 | 0b10 << 62
        return _uuid_text(f"{value:032x}")

    def secret(self) -> str:
        return secrets.token_urlsafe(32)


def natural_id(*parts: str) -> str:
    """Return the id of something named by `parts`: the same parts give the same id, on any
    machine."""
    return _uuid_text(hashlib.sha256("\x1f".join(parts).encode()).hexdigest())


def _uuid_text(digits: str) -> str:
    """Write 32 hexadecimal digits as a UUID; `uuid.UUID` takes ten times as long."""
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"
