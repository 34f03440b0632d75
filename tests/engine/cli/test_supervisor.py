"""Children of `interwatt up`: started one after the other, watched, ended in the opposite order."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cli.supervisor import Child, ChildEnded, Stopped, Supervisor
from tests.engine.cli.running import ROOT

PRETENDER = "tests.engine.cli.pretender"


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.chdir(ROOT)
    supervisor = Supervisor(tmp_path / "logs")
    yield supervisor
    supervisor.end_all()


def children(supervisor: Supervisor) -> list[Child]:
    return supervisor._children


def test_a_child_is_started_when_it_says_so(supervisor: Supervisor) -> None:
    ready = supervisor.start("one", PRETENDER, ["serve"])
    assert ready["listen"] == "127.0.0.1:1"


def test_one_that_ends_at_once_is_told_with_its_log(supervisor: Supervisor) -> None:
    supervisor.start("one", PRETENDER, ["serve"])
    with pytest.raises(ChildEnded) as ended:
        supervisor.start("two", PRETENDER, ["fail"])
    assert "two ended by itself (exit code 3)" in str(ended.value)
    assert "two| pretender started to fail" in str(ended.value)


def test_one_that_ends_later_is_told(supervisor: Supervisor) -> None:
    supervisor.start("one", PRETENDER, ["serve"])
    supervisor.start("two", PRETENDER, ["late"])
    with pytest.raises(ChildEnded, match=r"two ended by itself \(exit code 0\)"):
        supervisor.watch()


def test_one_that_is_killed_is_told_by_the_name_of_the_signal(supervisor: Supervisor) -> None:
    supervisor.start("one", PRETENDER, ["serve"])
    os.kill(children(supervisor)[0].process.pid, signal.SIGKILL)
    with pytest.raises(ChildEnded, match=r"one ended by itself \(SIGKILL\)"):
        supervisor.watch()


def test_stopping_ends_the_last_started_first(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    end = Child.end

    def note_end(child: Child) -> None:
        end(child)
        ended.append(child.name)

    monkeypatch.setattr(Child, "end", note_end)
    for name in ("one", "two", "three"):
        supervisor.start(name, PRETENDER, ["serve"])
    supervisor.stop()
    with pytest.raises(Stopped):
        supervisor.watch()
    supervisor.end_all()
    assert ended == ["three", "two", "one"]
    assert [child.process.returncode for child in children(supervisor)] == [0, 0, 0]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells a child of its parent's end")
def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from engine.cli.supervisor import Supervisor\n"
        f"supervisor = Supervisor(Path({str(tmp_path)!r}))\n"
        f"supervisor.start('one', {PRETENDER!r}, ['serve'])\n"
        "print(supervisor._children[0].process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    watch = os.pidfd_open(child)
    try:
        parent.kill()
        parent.communicate()
        poller = select.poll()
        poller.register(watch, select.POLLIN)
        assert poller.poll(10_000), "the child still runs"
    finally:
        os.close(watch)
