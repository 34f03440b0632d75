"""Events to NATS JetStream, for those who fan out to many readers. Optional: `interwatt[nats]`.

The outbox stays the truth. Each event is published once, in order, to
`interwatt.events.<kind>` with its number as `Nats-Msg-Id`. After each break the stream itself says
where to go on: with the event after its last, so that whatever was killed, none is left out and
none is there twice. The position in the database only keeps the sweep from overtaking.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import nats
import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import Header, StreamConfig
from nats.js.errors import NotFoundError

from engine.db.port import Database, Transaction
from engine.events import store
from engine.events.feed import EventFeed
from engine.events.model import Event
from engine.kernel.clock import to_rfc3339
from engine.kernel.errors import EngineError, StateConflict

_LOG = structlog.get_logger()

STREAM = "INTERWATT"
SUBJECTS = "interwatt.events.>"
_WINDOW = 200
_ANSWER_S = 5.0
_CONNECT_S = 5.0
_SAVE_EVERY = 1_000
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_OUTAGES = (NatsError, OSError, TimeoutError, EngineError)


class Publisher:
    """Publishes for ever; several engines may, and the stream takes each event from one."""

    name = "nats"

    def __init__(self, database: Database, feed: EventFeed, url: str) -> None:
        self._database = database
        self._feed = feed
        self._url = url
        self._saved = 0
        self._expected = ""
        self._pause_s = _FIRST_PAUSE_S
        self.position = 0

    async def run(self) -> None:
        """Publish until cancelled; a server that is away costs nothing but the wait."""
        while True:
            try:
                await self._publish_until_it_breaks()
            except _OUTAGES as error:
                reason = str(error) or type(error).__name__
                _LOG.warning("nats.waits", reason=reason, again_in_s=self._pause_s)
            except Exception:
                _LOG.exception("nats.failed")
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)

    async def _publish_until_it_breaks(self) -> None:
        self._saved = self.position = await self._database.write(self._load)
        client = await self._connect()
        try:
            stream = client.jetstream(timeout=_ANSWER_S)
            await self._go_to_end_of(stream)
            _LOG.info("nats.connected", position=self.position)
            await self._publish(client, stream)
        finally:
            await client.close()

    async def _connect(self) -> Client:
        try:
            async with asyncio.timeout(_CONNECT_S):  # left to itself it tries for ever, in silence
                return await nats.connect(
                    self._url,
                    name="interwatt-engine",
                    allow_reconnect=False,
                    connect_timeout=2,
                    error_cb=_ignore,  # each call that fails says so itself
                )
        except TimeoutError as error:
            raise TimeoutError("No NATS server answers.") from error

    async def _load(self, tx: Transaction) -> int:
        return await store.position(tx, self.name)

    async def _go_to_end_of(self, stream: JetStreamContext) -> None:
        """Find the last event in the stream, which is made when there is none."""
        try:
            await stream.stream_info(STREAM)
        except NotFoundError:
            await stream.add_stream(StreamConfig(name=STREAM, subjects=[SUBJECTS]))
        try:
            last = await stream.get_last_msg(STREAM, SUBJECTS)
        except NotFoundError:
            self._expected = ""  # it is empty: the saved position counts
            return
        self._expected = (last.headers or {}).get(Header.MSG_ID, "")
        if not self._expected.isdecimal():
            raise StateConflict(
                f"Stream {STREAM} holds a message that is none of our events.", kind="stream"
            )
        self.position = int(self._expected)
        head = await self._database.read(store.head)
        if self.position > head:
            raise StateConflict(
                f"Stream {STREAM} goes to event {self.position}, the database to {head}: was it "
                f"restored? Delete the stream to go on.",
                kind="stream",
            )

    async def _publish(self, client: Client, stream: JetStreamContext) -> None:
        while client.is_connected:
            events = await self._feed.after(self.position, _WINDOW)
            if events:
                if events[0].seq != self.position + 1:
                    _LOG.error("nats.gap", after=self.position, oldest_kept=events[0].seq)
                await self._publish_window(stream, events)
                self._pause_s = _FIRST_PAUSE_S
            if self.position - self._saved >= _SAVE_EVERY or not events:
                await self._save()
            if not events:
                await self._feed.news(self.position)

    async def _publish_window(self, stream: JetStreamContext, events: Sequence[Event]) -> None:
        """Send all, then wait for all: the stream takes each only right after the one before."""
        answers = []
        for event in events:
            headers = {Header.MSG_ID.value: str(event.seq)}
            if self._expected:
                headers[Header.EXPECTED_LAST_MSG_ID.value] = self._expected
            answers.append(
                await stream.publish_async(
                    f"interwatt.events.{event.kind}",
                    _body(event),
                    wait_stall=_ANSWER_S,
                    stream=STREAM,
                    headers=headers,
                )
            )
            self._expected = str(event.seq)
        async with asyncio.timeout(_ANSWER_S):  # `wait_for` may lose a cancellation (Python 3.11)
            await asyncio.gather(*answers)
        self.position = events[-1].seq

    async def _save(self) -> None:
        position = self.position
        if position == self._saved:
            return

        async def work(tx: Transaction) -> None:
            await store.move(tx, self.name, max(position, await store.position(tx, self.name)))

        await self._database.write(work)
        self._saved = position


def _body(event: Event) -> bytes:
    return msgspec.json.encode(
        {
            "seq": event.seq,
            "kind": event.kind,
            "subject": event.subject,
            "partner_id": event.partner_id,
            "correlation_id": event.correlation_id,
            "recorded_at": to_rfc3339(event.recorded_us),
            "payload": msgspec.Raw(event.payload_json.encode()),
        }
    )


async def _ignore(error: Exception) -> None:
    """Say nothing."""
