"""The ids that callers give their calls, for log lines: one a call, or one an item of a batch."""

from __future__ import annotations

from contextvars import ContextVar

_ids: ContextVar[str] = ContextVar("correlation_ids", default="")


def follow(ids: str) -> None:
    """Give the rest of the present task the ids of its call; several are parted by commas."""
    _ids.set(ids)


def of_call() -> str:
    """Return the id of the present call; "" when it has none, or a batch of several."""
    ids = _ids.get()
    return "" if "," in ids else ids


def of_batch() -> str:
    """Return the ids of the items of the present call, parted by commas; "" when unknown."""
    return _ids.get()
