"""Objects that their owner keeps up to date: tokens, locations, tariffs. The newest wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from engine.kernel.errors import EngineError


class Versioned(Protocol):
    """What such an object has; `version` and `created_us` are given here, not by its owner."""

    @property
    def key(self) -> str: ...
    @property
    def last_updated_us(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def created_us(self) -> int: ...


V = TypeVar("V", bound=Versioned)


class Put(msgspec.Struct, Generic[V], frozen=True):
    """An object as stored, and whether it is new."""

    stored: V
    created: bool


class Puts(Generic[V]):
    """What a batch of puts comes to.

    Attributes:
        new: objects to insert.
        changed: objects to update.
        answers: one for each put, in order.
    """

    def __init__(
        self,
        objects: Sequence[V],
        known: Mapping[str, V],
        check: Callable[[V], None],
        now: int,
    ) -> None:
        """Decide each put: refused by `check`, older than what is stored (nothing changes), or
        stored."""
        new: dict[str, V] = {}
        changed: dict[str, V] = {}
        self.answers: list[Put[V] | EngineError] = []
        for put in objects:
            try:
                check(put)
            except EngineError as error:
                self.answers.append(error)
                continue
            before = changed.get(put.key) or new.get(put.key) or known.get(put.key)
            if before is not None and put.last_updated_us < before.last_updated_us:
                self.answers.append(Put(before, created=False))
                continue
            stored = msgspec.structs.replace(
                put,  # type: ignore[type-var]
                version=before.version + 1 if before is not None else 1,
                created_us=before.created_us if before is not None else now,
            )
            (changed if put.key in known else new)[put.key] = stored
            self.answers.append(Put(stored, created=before is None))
        self.new = list(new.values())
        self.changed = list(changed.values())
