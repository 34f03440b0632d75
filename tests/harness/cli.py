"""Run `interwatt` commands against the running engine, as an operator types them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.harness.process import ROOT, environment

_SECONDS = 60.0
_INTERWATT = (sys.executable, "-c", "from engine.cli import main; main()")


class CommandFailedError(Exception):
    """A command ended with another code than 0; the message is what it printed."""


@dataclass(frozen=True, slots=True)
class Cli:
    """The command line with its engine and key set."""

    engine_address: str
    key_file: Path

    def run(self, *arguments: str) -> str:
        """Run a command and return what it printed. Raises CommandFailedError."""
        done = self.attempt(*arguments)
        if done.returncode != 0:
            command = " ".join(("interwatt", *arguments))
            text = (done.stderr or done.stdout).strip()
            raise CommandFailedError(f"`{command}` ended with {done.returncode}: {text}")
        return done.stdout

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command that may fail."""
        return subprocess.run(
            [*_INTERWATT, *arguments],
            cwd=ROOT,
            env={
                **environment(),
                "INTERWATT_ENGINE": self.engine_address,
                "INTERWATT_KEY_FILE": str(self.key_file),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
