"""Reading events as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator

from engine.events.feed import EventFeed
from engine.events.model import Event, Filter, select
from engine.kernel.errors import EventsExpired

_PAGE = 500


class EventsService:
    """Gives events to readers. A slow reader holds nothing but itself: it reads the table, page by
    page."""

    def __init__(self, feed: EventFeed) -> None:
        self._feed = feed

    async def list_after(
        self, after_seq: int, limit: int, wanted: Filter
    ) -> tuple[list[Event], int]:
        """Return the events among the next `limit`, and the position reached.

        Raises:
            EventsExpired: some after `after_seq` are not kept any more.
        """
        events = await self._feed.after(after_seq, limit)
        if after_seq and events and events[0].seq != after_seq + 1:
            raise EventsExpired.of(after_seq, oldest=events[0].seq)
        return select(events, wanted), events[-1].seq if events else after_seq

    async def stream(
        self, after_seq: int, wanted: Filter
    ) -> AsyncIterator[tuple[list[Event], int]]:
        """Yield what `wanted` admits after `after_seq`, with the position reached, for ever.

        Raises:
            EventsExpired: some after `after_seq` are not kept any more, or were removed while the
                reader was slow.
        """
        position = after_seq
        while True:
            events, reached = await self.list_after(position, _PAGE, wanted)
            if reached != position:
                position = reached
                yield events, position
            else:
                await self._feed.news(position)
