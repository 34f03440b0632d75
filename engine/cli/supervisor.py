"""Child processes of `interwatt up`: start each, wait until it serves, watch, end all in order.

A child says `{"event":"ready",...}` on standard output when it serves. None is started again by
itself: one that ended is a fault to be seen.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

Ready = Mapping[str, str | int]

_LEASH = Path(__file__).with_name("leash.py")
_READY_S = 60.0
_END_S = 20.0
_POLL_S = 0.1
_TAIL_LINES = 15


class Stopped(Exception):
    """Somebody asked to stop."""


class ChildEnded(Exception):
    """A child ended by itself; the text has the end of its log."""


class Child:
    """One process with its log."""

    def __init__(self, name: str, module: str, arguments: Sequence[str], logs: Path) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self.ready: Ready | None = None
        command = [sys.executable, "-m", module, *arguments]
        with self.log.open("ab") as log:
            self._log_from = log.tell()
            self.process = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C comes to us alone, so that we choose the order
            )
        self._listener = threading.Thread(target=self._listen, name=f"{name}-stdout", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        """Find the ready line, and keep the pipe from filling up."""
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                try:
                    found = json.loads(line)
                except ValueError:
                    continue
                if isinstance(found, dict) and found.get("event") == "ready":
                    self.ready = found

    def check(self) -> None:
        """Raise `ChildEnded` when the process is no more."""
        code = self.process.poll()
        if code is not None:
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            raise ChildEnded(f"{self.name} ended by itself ({how}).\n{self.tail()}")

    def tail(self) -> str:
        """Return the end of what this run logged."""
        with self.log.open("rb") as log:
            log.seek(self._log_from)
            lines = log.read().decode(errors="replace").splitlines()[-_TAIL_LINES:]
        return "\n".join(f"  {self.name}| {line}" for line in lines or ["(it logged nothing)"])

    def end(self) -> None:
        """Ask it to end, and insist when it takes too long."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            print(f"{self.name} did not end in {_END_S:.0f} s and is killed.", file=sys.stderr)
            self.process.kill()
            self.process.wait()
        self._listener.join(_END_S)


class Supervisor:
    """Starts children and ends them, the last started first."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._stopping = threading.Event()
        self._children: list[Child] = []

    def stop(self) -> None:
        """Make whoever waits here stop; safe in a signal handler."""
        self._stopping.set()

    def start(self, name: str, module: str, arguments: Sequence[str]) -> Ready:
        """Start a module and wait until it serves; returns what it said then.

        Raises:
            ChildEnded: it ended, or did not serve in time.
            Stopped: somebody asked to stop.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        child = Child(name, module, arguments, self._logs)
        self._children.append(child)
        until = time.monotonic() + _READY_S
        while child.ready is None:
            self._look_after_all()
            if time.monotonic() > until:
                raise ChildEnded(f"{name} did not serve in {_READY_S:.0f} s.\n{child.tail()}")
        return child.ready

    def watch(self) -> NoReturn:
        """Wait for ever.

        Raises:
            ChildEnded: one ended by itself.
            Stopped: somebody asked to stop.
        """
        while True:
            self._look_after_all()

    def end_all(self) -> None:
        """End what runs: gateways before the engine, so that they finish what they hold."""
        for child in reversed(self._children):
            child.end()

    def _look_after_all(self) -> None:
        if self._stopping.wait(_POLL_S):
            raise Stopped
        for child in self._children:
            child.check()
