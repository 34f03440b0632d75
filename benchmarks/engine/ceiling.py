"""The ceiling: batches of the same messages, four narrow rows an item written durably, no rules.

As many rows as the engine writes for a reading. What lies between this and the engine is what its
rules cost: who calls, which session is meant, what it comes to, what was said before. Run as a
process with a file for the database: prints its port.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import grpc
import uvloop
from interwatt.sessions.v1 import sessions_service_pb2 as pb
from interwatt.sessions.v1.session_pb2 import Session
from interwatt.sessions.v1.sessions_service_pb2_grpc import (
    SessionsServiceServicer,
    add_SessionsServiceServicer_to_server,
)

from benchmarks.engine.echo import serve
from engine.db.sqlite import connect

_TABLES = tuple(f"row_{n}" for n in range(4))

Rows = list[tuple[str, str, int]]


class _Writer:
    """One thread that writes, as the engine's."""

    def __init__(self, path: Path) -> None:
        self._loop = asyncio.get_running_loop()
        self._connection = connect(path)
        self._jobs: queue.SimpleQueue[tuple[Rows, asyncio.Future[None]]] = queue.SimpleQueue()
        for table in _TABLES:
            self._connection.execute(
                f"CREATE TABLE {table} (id TEXT PRIMARY KEY, station TEXT, value INTEGER)"
            )
        threading.Thread(target=self._write_forever, daemon=True).start()

    async def write(self, rows: Rows) -> None:
        """Return when they are on the disk."""
        done = self._loop.create_future()
        self._jobs.put((rows, done))
        await done

    def _write_forever(self) -> None:
        while True:
            rows, done = self._jobs.get()
            try:
                self._store(rows)
            except sqlite3.Error as error:
                self._loop.call_soon_threadsafe(done.set_exception, error)
            else:
                self._loop.call_soon_threadsafe(done.set_result, None)

    def _store(self, rows: Rows) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for table in _TABLES:
            self._connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", rows)
        self._connection.execute("COMMIT")


class _Handlers(SessionsServiceServicer):
    """The three batch methods that the load calls."""

    def __init__(self, writer: _Writer) -> None:
        self._writer = writer

    async def StartSessions(  # noqa: N802 - gRPC's name
        self, request: pb.StartSessionsRequest, _: object
    ) -> pb.StartSessionsResponse:
        await self._writer.write(_rows(request.items, lambda item: item.meter_start_mwh))
        outcomes = [pb.StartSessionOutcome(session=_session(item)) for item in request.items]
        return pb.StartSessionsResponse(outcomes=outcomes)

    async def RecordMeterReadings(  # noqa: N802 - gRPC's name
        self, request: pb.RecordMeterReadingsRequest, _: object
    ) -> pb.RecordMeterReadingsResponse:
        await self._writer.write(
            _rows(request.items, lambda item: item.readings[0].samples[0].value_milli)
        )
        outcomes = [pb.RecordMeterReadingsOutcome() for _ in request.items]
        return pb.RecordMeterReadingsResponse(outcomes=outcomes)

    async def StopSessions(  # noqa: N802 - gRPC's name
        self, request: pb.StopSessionsRequest, _: object
    ) -> pb.StopSessionsResponse:
        await self._writer.write(_rows(request.items, lambda item: item.meter_stop_mwh))
        outcomes = [pb.StopSessionOutcome(session=_session(item)) for item in request.items]
        return pb.StopSessionsResponse(outcomes=outcomes)


def _rows(items: Iterable[Any], value: Callable[[Any], int]) -> Rows:
    return [(item.request_id, item.station_id, value(item)) for item in items]


def _session(item: pb.StartSessionItem | pb.StopSessionItem) -> Session:
    return Session(id=item.request_id, station_id=item.station_id, transaction_id=1)


async def _serve(path: Path) -> None:
    server = grpc.aio.server()
    add_SessionsServiceServicer_to_server(_Handlers(_Writer(path)), server)
    await serve(server)


if __name__ == "__main__":
    uvloop.run(_serve(Path(sys.argv[1])))
