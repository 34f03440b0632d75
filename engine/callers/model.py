"""Callers and their keys."""

from __future__ import annotations

import hashlib
import re

import msgspec

from engine.kernel.clock import Micros
from engine.kernel.outcome import require

_NAME = re.compile(r"[a-z0-9-]{1,64}")


class Caller(msgspec.Struct, frozen=True):
    """One process or person that may call.

    Attributes:
        previous_key_hash: the key before the last rotation, "" when none works any more.
        previous_until_us: until when it works.
        revoked_us: when all keys ended; nothing while the caller may call.
    """

    name: str
    role: str
    key_hash: str
    previous_key_hash: str
    previous_until_us: int
    created_us: int
    revoked_us: int | None


def key_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def check_name(name: str) -> str:
    require(_NAME.fullmatch(name), "name", "1 to 64 characters of a-z, 0-9 and -")
    return name


def may_use(caller: Caller, hashed: str, now: Micros) -> bool:
    """Return whether a key with this hash works for `caller` at `now`."""
    if caller.revoked_us is not None:
        return False
    return hashed == caller.key_hash or (
        hashed == caller.previous_key_hash and now < caller.previous_until_us
    )
