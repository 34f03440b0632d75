"""Ids and secrets, handed in like time."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
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
        value = (milliseconds << 80) | (0x7 << 76) | (secrets.randbits(12) << 64)
        value |= (0b10 << 62) | secrets.randbits(62)
        return str(uuid.UUID(int=value))

    def secret(self) -> str:
        return secrets.token_urlsafe(32)


def natural_id(*parts: str) -> str:
    """Return the id of something named by `parts`: the same parts give the same id, on any
    machine."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return str(uuid.UUID(digest[:32]))
