"""What Sunrise remembers, all in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession

from tests.demo.partner import data
from tests.demo.partner.failures import Failures
from tests.demo.partner.wire import Json


@dataclass(slots=True)
class Peer:
    """The platform it has registered with: what the credentials handshake gave it."""

    token_for_peer: str
    token_of_peer: str
    versions_url: str
    country_code: str
    party_id: str
    endpoints: dict[tuple[str, str], str]

    def endpoint(self, module: str, role: str) -> str:
        """Return the URL of a module without a slash at its end."""
        return self.endpoints[module, role].rstrip("/")


@dataclass(slots=True)
class Sunrise:
    """The whole platform."""

    http: ClientSession
    base_url: str = ""
    first_tokens: set[str] = field(default_factory=set)
    token_for_peer: str | None = None
    peer: Peer | None = None
    failures: Failures = field(default_factory=Failures)
    peer_tokens: dict[str, Json] = field(default_factory=dict)
    peer_locations: dict[str, Json] = field(default_factory=dict)
    peer_tariffs: dict[str, Json] = field(default_factory=dict)
    sessions: dict[str, Json] = field(default_factory=dict)
    session_calls: list[Json] = field(default_factory=list)
    cdrs: dict[str, Json] = field(default_factory=dict)
    cdr_calls: list[Json] = field(default_factory=list)
    authorizations: list[Json] = field(default_factory=list)
    commands: list[Json] = field(default_factory=list)
    command_results: dict[str, list[Json]] = field(default_factory=dict)
    own_sessions: dict[str, Json] = field(default_factory=dict)
    own_cdrs: dict[str, Json] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    _events: list[Json] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def note(self, kind: str, **facts: Any) -> None:
        """Remember that something happened, for whoever follows."""
        seq = len(self._events) + 1
        self._events.append({"seq": seq, "at_s": time.time(), "kind": kind, **facts})
        self._changed.set()
        self._changed = asyncio.Event()

    def complain(self, about: str) -> None:
        """Remember a breach of OCPI by the peer."""
        self.complaints.append(about)
        self.note("complaint", about=about)

    async def events_after(self, seq: int, seconds: float) -> list[Json]:
        """Return what happened after an event, waiting a while for the first."""
        if len(self._events) <= seq:
            try:
                await asyncio.wait_for(self._changed.wait(), seconds)
            except TimeoutError:
                return []
        return self._events[seq:]

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside answering the present request."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Give up what still runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def dump(self) -> Json:
        """Return everything that a test may want to look at."""
        return {
            "registered": self.peer is not None,
            "own_tokens": data.tokens(),
            "peer_tokens": self.peer_tokens,
            "peer_locations": self.peer_locations,
            "peer_tariffs": self.peer_tariffs,
            "sessions": self.sessions,
            "session_calls": self.session_calls,
            "cdrs": self.cdrs,
            "cdr_calls": self.cdr_calls,
            "authorizations": self.authorizations,
            "commands": self.commands,
            "command_results": self.command_results,
            "own_sessions": self.own_sessions,
            "own_cdrs": self.own_cdrs,
            "complaints": self.complaints,
        }
