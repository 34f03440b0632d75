"""Run `interwatt`: as a shell would, or quicker, in this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from engine.cli.app import app

ROOT = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, "-c", "from engine.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Done:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Interwatt:
    """The command with an environment and a folder to stand in."""

    folder: Path
    environment: Mapping[str, str]

    def __call__(self, *arguments: str, stdin: str = "") -> Done:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": python_path(), **self.environment},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True, slots=True)
class QuickInterwatt:
    """The command in this process, with an environment."""

    environment: Mapping[str, str]

    def __call__(self, *arguments: str, stdin: str = "") -> Done:
        done = CliRunner().invoke(
            app, arguments, input=stdin, env=dict(self.environment), prog_name="interwatt"
        )
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)


def python_path() -> str:
    return f"{ROOT}{os.pathsep}{ROOT / 'proto' / 'gen'}"
