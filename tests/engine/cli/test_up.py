"""`interwatt up`: one command runs everything, says what to do, and stops cleanly."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.engine.cli.running import COMMAND, Interwatt, python_path

PORTS = ("--listen", "127.0.0.1:0", "--ocpp", "127.0.0.1:0", "--ocpi", "127.0.0.1:0")


class Platform:
    """A running `interwatt up` and what it printed when all was ready."""

    def __init__(self, process: subprocess.Popen[str], greeting: str, folder: Path) -> None:
        self.process = process
        self.greeting = greeting
        found = re.search(r"services call +(\S+)", greeting)
        assert found
        self.interwatt = Interwatt(folder, {"INTERWATT_ENGINE": found[1]})

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        """Wait for the end; returns the exit code and all that was printed after the greeting."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        said = self.process.stdout.read() + self.process.stderr.read()
        return self.process.wait(60), said

    def children(self) -> list[int]:
        tasks = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in tasks.read_text().split()]


@contextmanager
def up(folder: Path, *arguments: str) -> Iterator[Platform]:
    process = subprocess.Popen(
        [*COMMAND, "up", *PORTS, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": python_path()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    greeting = ""
    try:
        for line in process.stdout:
            greeting += line
            if "Prometheus" in line:
                break
        else:
            raise AssertionError(process.stderr.read())
        yield Platform(process, greeting, folder)
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()
        process.stderr.close()


def test_it_starts_stops_and_finds_everything_again(tmp_path: Path) -> None:
    with up(tmp_path) as platform:
        assert "ws://127.0.0.1:" in platform.greeting
        assert "/ocpi/versions" in platform.greeting
        done = platform.interwatt("partner", "add", "sunrise")
        assert done.code == 0, done
        children = platform.children()
        assert len(children) == 3
        watched = re.search(r"Prometheus reads +(.+?)   ", platform.greeting)
        assert watched
        for address in watched[1].split(", "):
            with urlopen(f"http://{address}/metrics", timeout=10) as answer:
                assert b"process_cpu_seconds_total" in answer.read()
        code, said = platform.stop()
        assert code == 0
        assert "What to do next" in said
        assert said.endswith("Stopping.\n")
        assert not any(Path(f"/proc/{pid}").exists() for pid in children)
    with up(tmp_path) as platform:
        done = platform.interwatt("partner", "list", "--json")
        assert [partner["id"] for partner in done.json()] == ["sunrise"]
        code, said = platform.stop()
        assert code == 0
        assert "What to do next" not in said


def test_its_flags_reach_the_processes(tmp_path: Path) -> None:
    with up(tmp_path, "--log-level", "debug", "--platform-name", "Volt") as platform:
        told = [Path(f"/proc/{pid}/cmdline").read_text().split("\0") for pid in platform.children()]
        assert all(command[command.index("--log-level") + 1] == "debug" for command in told)
        assert ["--platform-name" in command for command in told] == [True, False, False]
        assert platform.stop()[0] == 0


def test_a_flag_that_cannot_be_used_is_refused_before_anything_starts(tmp_path: Path) -> None:
    done = Interwatt(tmp_path, {})("up", "--log-level", "loud")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "loud" in done.err
    assert not (tmp_path / "interwatt-data" / "logs").exists()


def test_the_commands_it_tells_a_newcomer_work_as_they_stand(tmp_path: Path) -> None:
    with up(tmp_path) as platform:
        said = ""
        assert platform.process.stdout is not None
        commands = []
        for line in platform.process.stdout:
            if line.startswith("  interwatt "):
                commands.append(re.split(r"\s{2,}", line.strip())[0].split()[1:])
            if line.startswith("  interwatt events"):
                break
            said += line
        assert [command[0] for command in commands] == [
            "tariff",
            "location",
            "station",
            "token",
            "partner",
            "events",
        ]
        for command in commands[:-1]:
            done = platform.interwatt(*command)
            assert (done.code, done.err) == (0, ""), done
        assert "INTERWATT_ENGINE=" in said


def test_a_process_that_is_killed_ends_everything_with_1(tmp_path: Path) -> None:
    with up(tmp_path) as platform:
        children = platform.children()
        os.kill(children[1], signal.SIGKILL)
        code, said = platform.ended()
        assert code == 1
        assert "ocpp ended by itself (SIGKILL)" in said
        assert "Traceback" not in said
        assert not any(Path(f"/proc/{pid}").exists() for pid in children)


def test_an_address_in_use_is_said_with_its_cause(tmp_path: Path) -> None:
    with up(tmp_path) as platform:
        taken = platform.interwatt.environment["INTERWATT_ENGINE"]
        other = tmp_path / "other"
        other.mkdir()
        done = Interwatt(other, {})("up", "--listen", taken)
        assert done.code == 1
        assert taken in done.err
        assert "Traceback" not in done.err
