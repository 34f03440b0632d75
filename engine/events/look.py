"""Looking for what followers have to do: the events they want, and what is made of those first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.db.port import Database, Transaction
from engine.events.feed import EventFeed
from engine.events.model import Event, Filter, select

PAGE = 1_000

Prepare = Callable[[Transaction, Sequence[Event]], Awaitable[list[Any]]]


@dataclass(frozen=True, slots=True)
class Task:
    """What one follower looks for.

    Attributes:
        name: of the follower; its position is stored under it.
        wanted: the events it reacts to.
        prepare: makes of them what its handler gets, on a consistent view beside the writers: what
            takes long belongs here. Without it the handler gets the events.
        item: type of one thing that the handler gets.
    """

    name: str
    wanted: Filter
    prepare: Prepare | None = None
    item: type[Any] = Event


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found.

    Attributes:
        last: the last event that was looked at.
        items: for the handler, in order of the events; nothing when none was wanted.
        more: whether events were left for the next look.
    """

    last: int
    items: list[Any]
    more: bool


class Look(Protocol):
    """How a follower looks."""

    async def look(self, name: str, after: int) -> Found:
        """Return what the follower `name` has to do after event `after`; waits a second at most
        for news.

        Raises:
            StoreUnavailable: nobody can look now.
        """
        ...


class Looking:
    """Looks in this process."""

    def __init__(self, database: Database, feed: EventFeed, tasks: Iterable[Task]) -> None:
        self._database = database
        self._feed = feed
        self._tasks = {task.name: task for task in tasks}

    async def look(self, name: str, after: int) -> Found:
        """Return what the follower has to do in the next page of events."""
        task = self._tasks[name]
        events = await self._feed.after(after, PAGE)
        if not events:
            await self._feed.news(after)
            events = await self._feed.after(after, PAGE)
        if not events:
            return Found(after, [], more=False)
        items: list[Any] = select(events, task.wanted)
        prepare = task.prepare
        if items and prepare is not None:
            items = await self._database.read(lambda tx: prepare(tx, items))
        return Found(events[-1].seq, items, more=len(events) == PAGE)
