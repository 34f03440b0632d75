"""Stations' passwords (OCPP Basic authentication).

A hash says how it was made. scrypt is slow on purpose, so a verdict that held is remembered for the
life of the process:
a storm of reconnecting stations costs one hash each, once.
"""

from __future__ import annotations

import hashlib
import hmac
import os

_N, _R, _P = 2**13, 8, 1
_REMEMBER = 50_000


def hash_password(password: bytes) -> str:
    """Return a salted slow hash."""
    salt = os.urandom(16)
    return f"scrypt${salt.hex()}${_scrypt(password, salt).hex()}"


class PasswordChecker:
    """Checks passwords against hashes."""

    def __init__(self) -> None:
        self._secret = os.urandom(32)
        self._good: dict[bytes, None] = {}

    def matches(self, password: bytes, hashed: str) -> bool:
        """Return whether `hashed` is of `password`.

        OCPP 1.6 keys may be set in hexadecimal and sent as the bytes they stand for: either form
        matches.
        """
        forms = [password]
        if 16 <= len(password) <= 20 and not password.isascii():
            forms.append(password.hex().upper().encode())
        return any(self._matches(form, hashed) for form in forms)

    def _matches(self, password: bytes, hashed: str) -> bool:
        seen = hmac.digest(self._secret, hashed.encode() + b"\0" + password, "sha256")
        if seen in self._good:
            return True
        scheme, _, rest = hashed.partition("$")
        salt, _, expected = rest.partition("$")
        if scheme != "scrypt":
            return False
        found = _scrypt(password, bytes.fromhex(salt))
        if not hmac.compare_digest(found, bytes.fromhex(expected)):
            return False
        if len(self._good) >= _REMEMBER:
            self._good.clear()
        self._good[seen] = None
        return True


def _scrypt(password: bytes, salt: bytes) -> bytes:
    return hashlib.scrypt(password, salt=salt, n=_N, r=_R, p=_P, dklen=32)
