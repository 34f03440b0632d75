"""Frames as the log may show them: no whole token, no key, no password."""

from typing import Any

import orjson

TOKENS = frozenset({"idTag", "parentIdTag", "idToken", "groupIdToken"})
SECRET_KEYS = frozenset({"AuthorizationKey", "BasicAuthPassword"})
MAX_SHOWN = 4_000
HIDDEN = "***"


def redact(text: str) -> str:
    """The frame with its tokens shortened and its secrets hidden.

    One that is no JSON is only measured.
    """
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        return f"<{len(text)} characters that are not JSON>"
    try:
        return orjson.dumps(_hide(message)).decode()[:MAX_SHOWN]
    except (RecursionError, orjson.JSONEncodeError):
        return f"<{len(text)} characters, nested too deep to show>"


def _hide(value: Any) -> Any:
    match value:
        case list():
            return [_hide(entry) for entry in value]
        case dict():
            secret = value.get("key") in SECRET_KEYS if isinstance(value.get("key"), str) else False
            return {
                name: HIDDEN if secret and name == "value" else _hide_field(name, entry)
                for name, entry in value.items()
            }
        case _:
            return value


def _hide_field(name: str, value: Any) -> Any:
    if name in TOKENS and isinstance(value, str):
        return value[:2] + HIDDEN
    return _hide(value)
