"""Ids and secrets, handed in like time."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import Protocol

from engine.kernel.clock import Micros


class IdSource(Protocol):
    """What makes ids."""

    def new(self) -> str:
        """Return an id that no other call returns and that sorts after those of the milliseconds
        before."""
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
    return _uuid_text(_digits(parts))


def timed_id(at: Micros, *parts: str) -> str:
    """Return the id of something named by `parts` that began at `at`: the same give the same id.

    What began later sorts later, so that what runs at one time lies side by side in every index.
    """
    milliseconds = max(at, 0) // 1_000 & 0xFFFF_FFFF_FFFF
    return _uuid_text(f"{milliseconds:012x}{_digits(parts)}")


def _digits(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _uuid_text(digits: str) -> str:
    """Write 32 hexadecimal digits as a UUID; `uuid.UUID` takes ten times as long."""
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"
