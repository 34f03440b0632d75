"""Run one program of the platform: start it, wait until it serves, read what it wrote, end it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

READY_SECONDS = 30.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.01
ROOT = Path(__file__).resolve().parents[2]
_LEASHED = (sys.executable, "-I", "-S", str(ROOT / "engine" / "cli" / "leash.py"))


class ProcessError(Exception):
    """A program ended early or never became ready; the message has the end of its log."""


@dataclass(slots=True)
class Process:
    """One program with its output in files named after it. Can be started again after it ended."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    _child: subprocess.Popen[bytes] | None = None
    _stdout_from: int = 0

    @property
    def stdout(self) -> Path:
        """What it prints: one JSON object a line."""
        return self.folder / f"{self.name}.out"

    @property
    def log(self) -> Path:
        """What it logs."""
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def start(self, *extra: str) -> None:
        """Start it with these arguments added. Its output is appended to that of earlier runs."""
        assert self.pid is None, f"{self.name} runs already"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._stdout_from = self.stdout.stat().st_size if self.stdout.exists() else 0
        with self.stdout.open("ab") as out, self.log.open("ab") as err:
            self._child = subprocess.Popen(
                [*_LEASHED, str(os.getpid()), *self.command, *extra],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=ROOT,
                env={**environment(), **self.environment},
                start_new_session=True,
            )

    def ready(self) -> dict[str, Any] | None:
        """Return the line `{"event": "ready", ...}` if it was printed. Raises ProcessError."""
        alive = self.pid is not None
        for line in self.lines():
            if line.get("event") == "ready":
                return line
        if not alive:
            raise ProcessError(f"{self.name} ended before it was ready.\n{self.tail()}")
        return None

    def wait_ready(self, seconds: float = READY_SECONDS) -> dict[str, Any]:
        """Wait for the ready line and return it."""
        deadline = time.monotonic() + seconds
        while (line := self.ready()) is None:
            if time.monotonic() > deadline:
                raise ProcessError(f"{self.name} was not ready after {seconds:g} s.\n{self.tail()}")
            time.sleep(POLL_SECONDS)
        return line

    def lines(self) -> Iterator[dict[str, Any]]:
        """Give the JSON lines that the present run has printed; other text is skipped."""
        if not self.stdout.exists():
            return
        with self.stdout.open("rb") as out:
            out.seek(self._stdout_from)
            for raw in out.read().split(b"\n")[:-1]:
                try:
                    line = json.loads(raw)
                except ValueError:
                    continue
                if isinstance(line, dict):
                    yield line

    def tail(self, count: int = 15) -> str:
        """Return the last lines of its log, or of what it printed when the log is empty."""
        for path in (self.log, self.stdout):
            text = path.read_text(errors="replace").strip() if path.exists() else ""
            if text:
                return "\n".join(f"  {self.name}| {line}" for line in text.splitlines()[-count:])
        return f"  {self.name}| (wrote nothing)"

    def wait(self, seconds: float) -> int:
        """Wait until it ends by itself and return its exit code."""
        assert self._child is not None, f"{self.name} was never started"
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired as error:
            text = f"{self.name} still ran after {seconds:g} s.\n{self.tail()}"
            raise ProcessError(text) from error

    def kill(self) -> None:
        """End it at once, as a power cut would (SIGKILL)."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def stop(self) -> int | None:
        """Ask it to end (SIGTERM) and insist after a while. Returns its exit code."""
        if self._child is None:
            return None
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
        try:
            return self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._child.returncode


def python_module(name: str, *arguments: str) -> list[str]:
    """Build the command that runs a module with this interpreter."""
    return [sys.executable, "-m", name, *arguments]


def environment() -> dict[str, str]:
    """Return our own environment without settings of a platform that may run beside this one."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("INTERWATT_")}
    return {**ours, "PYTHONUNBUFFERED": "1"}
