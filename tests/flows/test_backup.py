"""A backup under load: what was acknowledged before it began is there after a restore."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

from google.protobuf.timestamp_pb2 import Timestamp
from interwatt.sessions.v1.session_pb2 import Session
from interwatt.sessions.v1.sessions_service_pb2 import (
    StartSessionItem,
    StartSessionsRequest,
    StopSessionItem,
    StopSessionsRequest,
)
from interwatt.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub

from tests.flows import charges
from tests.harness.operator import CARD_UID, STATION_ID
from tests.harness.platform import Platform

BEFORE = 20
FIRST = 1_795_000_000


class Charging:
    """One station that charges over and over; remembers what was acknowledged."""

    def __init__(self, platform: Platform) -> None:
        self._stub = platform.calls.stub(SessionsServiceStub)
        self.done: list[str] = []
        self.enough = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._charge, name="charging")

    def __enter__(self) -> Charging:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _charge(self) -> None:
        for at in itertools.count(FIRST, 600):
            if self._stopping.is_set():
                return
            start = StartSessionItem(
                request_id=f"start-{at}",
                station_id=STATION_ID,
                connector_number=1,
                token_uid=CARD_UID,
                started_at=Timestamp(seconds=at),
                meter_start_mwh=1_000_000,
            )
            [started] = self._stub.StartSessions(StartSessionsRequest(items=[start])).outcomes
            stop = StopSessionItem(
                request_id=f"stop-{at}",
                station_id=STATION_ID,
                transaction_id=started.session.transaction_id,
                stopped_at=Timestamp(seconds=at + 300),
                meter_stop_mwh=6_000_000,
            )
            [stopped] = self._stub.StopSessions(StopSessionsRequest(items=[stop])).outcomes
            assert not stopped.HasField("error"), stopped.error.message
            self.done.append(started.session.id)
            if len(self.done) == BEFORE:
                self.enough.set()


def test_what_was_acknowledged_before_a_backup_is_there_after_a_restore(tmp_path: Path) -> None:
    platform = Platform(tmp_path / "first")
    restored = Platform(tmp_path / "second")
    copy, data = tmp_path / "copy.db", ("--data", str(tmp_path / "first" / "data"))
    try:
        platform.start_engine()
        platform.operator.set_up()
        with Charging(platform) as charging:
            assert charging.enough.wait(30)
            acknowledged = list(charging.done)
            platform.cli.run("backup", str(copy), *data)
            refused = platform.cli.attempt("restore", str(copy), *data, "--force")
            assert (refused.returncode, "in use" in refused.stderr) == (2, True), refused
        assert len(charging.done) > len(acknowledged)  # it went on meanwhile
        platform.stop()

        elsewhere = ("--data", str(tmp_path / "second" / "data"))
        assert "key files" in platform.cli.run("restore", str(copy), *elsewhere)
        platform.keys.rename(restored.keys)
        restored.start_engine()
        completed = {
            one.id for one in restored.calls.sessions() if one.state == Session.STATE_COMPLETED
        }
        assert set(acknowledged) <= completed

        def all_billed() -> bool:
            return completed <= {cdr.session_id for cdr in restored.calls.cdrs()}

        charges.await_that("a CDR for each session", all_billed)
        assert not list(restored.calls.verify_ledger().violations)
    finally:
        platform.stop()
        restored.stop()
