"""What the domains see of a database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import msgspec
import sqlalchemy as sa

from engine.db.signal import Signal
from engine.kernel.clock import Micros

T = TypeVar("T")
R = TypeVar("R", bound=msgspec.Struct)


class NewEvent(msgspec.Struct, frozen=True):
    """Something that happened, to be numbered when its transaction commits.

    Attributes:
        kind: e.g. `"session.started"`.
        subject: what it is about, e.g. `"session/NL-IWT/0190..."`.
        partner_id: the partner concerned, or "".
        correlation_id: follows one charge through all its events.
        payload: facts, JSON-able.
    """

    kind: str
    subject: str
    partner_id: str = ""
    correlation_id: str = ""
    payload: Mapping[str, Any] = {}


class TableLike(Protocol[R]):
    """A mapped table; see `engine.db.schema.Mapped`."""

    table: sa.Table
    row: type[R]

    def rows(self, found: list[tuple[Any, ...]]) -> list[R]: ...


class Transaction(Protocol):
    """One transaction. Everything is set-based: one trip for all rows."""

    async def fetch(self, statement: sa.Executable, /, **parameters: Any) -> list[tuple[Any, ...]]:
        """Read rows. A list parameter goes with `any_of`."""
        ...

    async def execute(self, statement: sa.Executable, /, **parameters: Any) -> int:
        """Change rows; returns how many."""
        ...

    async def insert(
        self, mapped: TableLike[R], rows: Sequence[R], *, skip_existing: bool = False
    ) -> None:
        """Add rows; one that exists is skipped, or makes the unit of work run again."""
        ...

    async def update(
        self, mapped: TableLike[Any], rows: Sequence[Any], *, only: tuple[str, ...] = ()
    ) -> None:
        """Replace rows by primary key; with `only`, these columns of theirs: what is named is
        written with every index of it. Read them with `with_for_update()` before."""
        ...

    def emit(self, event: NewEvent) -> None:
        """Tell what happened, if and when the transaction commits."""
        ...


Work = Callable[[Transaction], Awaitable[T]]


class Database(Protocol):
    """A store of transactions.

    Attributes:
        changed: set after every commit that told events, by this process or another.
    """

    changed: Signal

    @property
    def waiting(self) -> int:
        """How many units of work wait for their turn."""
        ...

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction and return when it is durable.

        Raises:
            EngineError: as `work` raised it; nothing changed.
            InvalidArgument: a value that no column can hold; nothing changed.
            StoreUnavailable: the store cannot be reached or is full; nothing changed.
            Overloaded: more waits already than may wait.
        """
        ...

    async def fetch(self, statement: sa.Executable, /, **parameters: Any) -> list[tuple[Any, ...]]:
        """Read rows by one statement, which needs no transaction around it."""
        ...

    async def read(self, work: Work[T], *, everything: bool = False) -> T:
        """Run `work` on a consistent view, beside the writers.

        Args:
            everything: it looks at whole tables, not at rows by their keys.
        """
        ...

    def now(self) -> Micros:
        """Return the instant that a transaction records."""
        ...

    async def close(self) -> None:
        """Finish what was accepted and let go."""
        ...
