"""What became of one item of a batch: a value or an error, never both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from engine.kernel.errors import EngineError, InvalidArgument

T = TypeVar("T")


class Request(msgspec.Struct, Generic[T], frozen=True):
    """One item of a batch as it arrived.

    Attributes:
        id: the caller's request_id; the same id and fingerprint get the same answer.
        fingerprint: hash of the body.
        body: the command it asks for, or why it could not be read.
    """

    id: str
    fingerprint: bytes
    body: T | EngineError


class Outcome(msgspec.Struct, Generic[T], frozen=True):
    """What became of one item.

    Attributes:
        result: the value, or the error that explains why nothing changed.
        replayed: an earlier call with this request_id made this answer.
    """

    result: T | EngineError
    replayed: bool = False

    def value(self) -> T:
        """Return the value or raise the error; for unary calls."""
        if isinstance(self.result, EngineError):
            raise self.result
        return self.result


def attempt(decide: Callable[[], T]) -> T | EngineError:
    """Run `decide` for one item, so that its error stays its own."""
    try:
        return decide()
    except EngineError as error:
        return error


def require(condition: object, field: str, expected: str) -> None:
    """Raise `InvalidArgument` for `field` unless `condition` holds."""
    if not condition:
        raise InvalidArgument(f"{field}: expected {expected}.", field=field)
