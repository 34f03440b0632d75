"""Who a station says it is: the identity in the URL and the password in the Authorization header.

OCPP 1.6-J section 3.1.1 and the security white paper; the password is bytes, because a 1.6
AuthorizationKey is written in hexadecimal and sent decoded (white paper A00.FR.205).
"""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

PREFIX = "ocpp"
MAX_IDENTITY = 48
LONGEST_BINARY_KEY = 20

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def identity_in(raw_path: str) -> str | None:
    """The identity that `/ocpp/<identity>` names, decoded once; None when it names none."""
    segments = [segment for segment in raw_path.partition("?")[0].split("/") if segment]
    if len(segments) != 2 or segments[0] != PREFIX or _BAD_ESCAPE.search(segments[1]):
        return None
    try:
        identity = unquote_to_bytes(segments[1]).decode()
    except UnicodeDecodeError:
        return None
    if len(identity) > MAX_IDENTITY or ":" in identity or not identity.isprintable():
        return None
    return identity


def password_in(header: str | None, *, identity: str) -> bytes | None:
    """The password of a Basic header whose user is the station itself; None without one.

    Raises ValueError for a header that is another station's or cannot be read.
    """
    if header is None:
        return None
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.casefold() != "basic":
        raise ValueError("not Basic")
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except binascii.Error as error:
        raise ValueError("not Base64") from error
    if not colon or user != identity.encode():
        raise ValueError("another user")
    return password


def other_spellings(password: bytes) -> tuple[bytes, ...]:
    """What the operator may have typed for a key that was sent decoded: its hexadecimal digits."""
    if not 0 < len(password) <= LONGEST_BINARY_KEY:
        return ()
    digits = password.hex().encode()
    return (digits.upper(), digits)
