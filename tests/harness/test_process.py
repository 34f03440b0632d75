"""Processes that the harness starts: readiness, failure, and that none outlives its parent."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.process import ROOT, Process, ProcessError

READY = """
import json, os, time
print(json.dumps({"event": "ready", "pid": os.getpid()}))
time.sleep(60)
"""


def program(folder: Path, code: str) -> Process:
    return Process("program", [sys.executable, "-c", code], folder)


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[Process]:
    process = program(tmp_path, READY)
    process.start()
    yield process
    process.stop()


def test_ready_line_is_returned(ready: Process) -> None:
    assert ready.wait_ready()["pid"] == ready.pid


def test_restart_waits_for_its_own_ready_line(ready: Process) -> None:
    ready.wait_ready()
    ready.kill()

    assert ready.pid is None
    ready.start()
    assert ready.wait_ready()["pid"] == ready.pid


def test_early_end_is_told_with_its_log(tmp_path: Path) -> None:
    process = program(tmp_path, "import sys; sys.exit('no such database')")
    process.start()

    with pytest.raises(ProcessError, match="no such database"):
        process.wait_ready()


def test_process_that_ignores_sigterm_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.harness.process.STOP_SECONDS", 0.1)
    process = program(tmp_path, "import signal; signal.signal(15, signal.SIG_IGN)" + READY)
    process.start()
    process.wait_ready()

    assert process.stop() == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    code = f"""
import json, sys, time
from pathlib import Path
from tests.harness.process import Process
process = Process("child", [sys.executable, "-c", {READY!r}], Path({str(tmp_path)!r}))
process.start(); process.wait_ready()
print(json.dumps(process.pid), flush=True); time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = json.loads(parent.stdout.readline())
        parent.kill()

    deadline = time.monotonic() + 5
    while runs(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
