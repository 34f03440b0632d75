"""Writing what became of the items of a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from interwatt.common.v1.error_reason_pb2 import ItemError

from engine.kernel.errors import EngineError
from engine.kernel.outcome import Outcome
from engine.rpc.errors import item_error


class Item(Protocol):
    """The message of one outcome."""

    @property
    def error(self) -> ItemError: ...


T = TypeVar("T")
ItemT = TypeVar("ItemT", bound=Item)
ItemT_co = TypeVar("ItemT_co", bound=Item, covariant=True)


class Items(Protocol[ItemT_co]):
    """The repeated field that outcomes go to."""

    def add(self, *, replayed: bool) -> ItemT_co: ...


def write_outcomes(
    outcomes: Iterable[Outcome[T]], to: Items[ItemT], write: Callable[[ItemT, T], None]
) -> None:
    """Add an item for each outcome: its error, or what `write` puts in for its value."""
    for outcome in outcomes:
        item = to.add(replayed=outcome.replayed)
        if isinstance(outcome.result, EngineError):
            item.error.CopyFrom(item_error(outcome.result))
        else:
            write(item, outcome.result)
