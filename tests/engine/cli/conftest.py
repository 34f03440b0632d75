"""A running engine, and the command line that calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.cli.running import ROOT, QuickInterwatt


@contextmanager
def running_engine(folder: Path) -> Iterator[QuickInterwatt]:
    """Run an engine on SQLite below `folder`; gives the command line of its admin."""
    data = folder / "data"
    command = [sys.executable, "-m", "engine", "--data", str(data), "--listen", "127.0.0.1:0"]
    with (
        (folder / "engine.log").open("w") as log,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True) as run,
    ):
        try:
            assert run.stdout is not None
            line = run.stdout.readline()
            assert line, (folder / "engine.log").read_text()
            ready = json.loads(line)
            yield QuickInterwatt(
                {
                    "INTERWATT_ENGINE": ready["listen"],
                    "INTERWATT_KEY_FILE": str(data / "keys" / "admin.key"),
                }
            )
        finally:
            run.terminate()
            assert run.wait(20) == 0


@pytest.fixture(scope="session")
def interwatt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QuickInterwatt]:
    """Call an engine that all tests of a process share: each uses names of its own."""
    with running_engine(tmp_path_factory.mktemp("engine")) as interwatt:
        yield interwatt
