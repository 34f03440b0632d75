"""What is killed: engines, the processes beside them, and a PostgreSQL server with its backends.
Each comes back at the address it had, on the data it had.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psutil

from tests.engine.postgres_server import PostgresServer
from tests.harness.process import Process, python_module

ANY_PORT = "127.0.0.1:0"
START_SECONDS = 60.0
_END_SECONDS = 10.0
_RECOVERS_SECONDS = 60.0
_NOTICES_SECONDS = 0.2
_POLL_SECONDS = 0.02


class EngineProcess:
    """An engine that can be killed and started again."""

    def __init__(self, name: str, folder: Path, database: str) -> None:
        data = folder / "data"
        command = python_module("engine", "--data", str(data), "--log-level", "warning")
        if database:
            command += ["--database", database]
        self.name = name
        self.process = Process(name, command, folder / "logs")
        self.address = ANY_PORT
        self._key = data / "keys" / "admin.key"

    @property
    def key(self) -> str:
        return self._key.read_text().strip()

    def start(self) -> None:
        self.process.start("--listen", self.address)

    def wait_ready(self) -> None:
        self.address = self.process.wait_ready(START_SECONDS)["listen"]

    async def strike(self, dice: Random) -> int:
        """Kill it, now and then once more while it starts; returns how many kills it took."""
        self.process.kill()
        self.start()
        kills = 1
        if dice.random() < 0.15:
            await asyncio.sleep(dice.uniform(0, 1.5))
            self.process.kill()
            self.start()
            kills += 1
        await asyncio.to_thread(self.wait_ready)
        return kills


class Beside:
    """The process that looks at events for an engine, which starts it again."""

    def __init__(self, engine: EngineProcess) -> None:
        self.name = f"process beside {engine.name}"
        self._engine = engine

    async def strike(self, dice: Random) -> int:
        deadline = time.monotonic() + _RECOVERS_SECONDS
        while not (found := self._found()):
            assert time.monotonic() < deadline, f"There is no {self.name}."
            await asyncio.sleep(_POLL_SECONDS)
        with contextlib.suppress(psutil.NoSuchProcess):
            found[0].kill()
        return 1

    def _found(self) -> list[psutil.Process]:
        pid = self._engine.process.pid
        assert pid is not None
        children = psutil.Process(pid).children()
        return [child for child in children if "engine.beside" in _title(child) and _runs(child)]


class Backend:
    """A process of PostgreSQL that serves or works beside those who do; the server then restarts
    all of them by itself."""

    name = "postgresql backend"

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    async def strike(self, dice: Random) -> int:
        children = psutil.Process(self._server.pid).children()
        serving = [child for child in children if "test_" in _title(child)]
        chosen = serving if serving and dice.random() < 0.8 else children
        with contextlib.suppress(psutil.NoSuchProcess, IndexError):
            dice.choice(chosen).kill()
        await asyncio.to_thread(self._await_recovery)
        return 1

    def _await_recovery(self) -> None:
        """Wait until the server runs; where it was hit while it recovered it ends for good, and
        whoever watches over it starts it again."""
        time.sleep(_NOTICES_SECONDS)
        try:
            postmaster = psutil.Process(self._server.pid)
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            self._server.forget()
            self._server.start()
            return
        deadline = time.monotonic() + _RECOVERS_SECONDS
        while _runs(postmaster) and not _serves(self._server):
            assert time.monotonic() < deadline, "PostgreSQL did not recover."
            time.sleep(_POLL_SECONDS)
        if not _runs(postmaster):
            self._server.forget()
            self._server.start()


class Postmaster:
    """The whole server, at once."""

    name = "postgresql server"

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    async def strike(self, dice: Random) -> int:
        await asyncio.to_thread(kill_server, self._server)
        await asyncio.sleep(dice.uniform(0, 0.5))
        await asyncio.to_thread(self._server.start)
        return 1


def kill_server(server: PostgresServer) -> None:
    """SIGKILL the postmaster, and what of it does not end by itself."""
    postmaster = psutil.Process(server.pid)
    children = postmaster.children()
    postmaster.kill()
    _, alive = psutil.wait_procs(children, timeout=1)
    for child in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    deadline = time.monotonic() + _END_SECONDS
    while any(map(_runs, [postmaster, *children])):
        assert time.monotonic() < deadline, "PostgreSQL did not end."
        time.sleep(_POLL_SECONDS)
    server.forget()


def _serves(server: PostgresServer) -> bool:
    """Whether the server says that it takes connections."""
    with contextlib.suppress(FileNotFoundError):
        lines = (server.folder / "postmaster.pid").read_text().splitlines()
        return len(lines) == 8 and lines[7].strip() == "ready"
    return False


def _title(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


@contextlib.contextmanager
def engines(folder: Path, count: int, database: str) -> Iterator[list[EngineProcess]]:
    """Start engines on one store, and stop them at the end."""
    started = [EngineProcess(f"engine {n + 1}", folder, database) for n in range(count)]
    try:
        for engine in started:
            engine.start()
            engine.wait_ready()
        yield started
    finally:
        for engine in started:
            engine.process.stop()
