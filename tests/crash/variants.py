"""The runs at gRPC level: which engines on which database, who is killed, and in what order."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple, Protocol

from tests.crash import checks, faults
from tests.crash.journal import Journal
from tests.crash.load import Load, Pace, furnish
from tests.crash.targets import Backend, Beside, EngineProcess, Postmaster, engines
from tests.engine.postgres_server import PostgresServer, postgres_server

KILLS_BETWEEN_FAULTS = 25
# A process that is killed may leave a page half written, as a power cut does; the log has it whole.
_SETTINGS = ("fsync = off", "full_page_writes = on")
_UNFORESEEN = (
    "call.failed",
    "stream.failed",
    "follower.failed",
    "Task exception",
    "never retrieved",
)

Tell = Callable[[str], None]


class Victim(Protocol):
    name: str

    async def strike(self, dice: Random) -> int: ...


class Weights(NamedTuple):
    """How often each kind of process is killed."""

    engine: int = 0
    beside: int = 0
    backend: int = 0
    server: int = 0


@dataclass(frozen=True, slots=True)
class Variant:
    """One arrangement of processes.

    Attributes:
        share: of all kills.
    """

    name: str
    engines: int
    postgresql: bool
    share: float
    weights: Weights


SQLITE = Variant(
    "sqlite", engines=1, postgresql=False, share=0.35, weights=Weights(engine=4, beside=1)
)
POSTGRESQL = Variant(
    "postgresql",
    engines=1,
    postgresql=True,
    share=0.25,
    weights=Weights(engine=4, beside=1, backend=4, server=2),
)
TWO_ENGINES = Variant(
    "two-engines",
    engines=2,
    postgresql=True,
    share=0.25,
    weights=Weights(engine=10, beside=2, backend=2, server=2),
)
VARIANTS = (SQLITE, POSTGRESQL, TWO_ENGINES)


@dataclass(slots=True)
class Outcome:
    """What a run did, checked and found."""

    variant: str
    kills: Counter[str] = field(default_factory=Counter)
    checked: dict[str, int] = field(default_factory=dict)
    did: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Say it in a few lines."""
        killed = ", ".join(f"{name} {times}" for name, times in sorted(self.kills.items()))
        yield f"{self.variant}: killed {sum(self.kills.values())} times ({killed})"
        yield from (f"  {line}" for line in self.did)
        checked = ", ".join(f"{count} {what}" for what, count in self.checked.items())
        yield f"  checked: {checked}"
        yield f"  problems: {len(self.problems)}"
        yield from (f"    {problem}" for problem in self.problems)


@dataclass(slots=True)
class Scene:
    """Running processes."""

    engines: Sequence[EngineProcess]
    server: PostgresServer | None
    folder: Path

    def victims(self, weights: Weights) -> list[tuple[Victim, float]]:
        """Return who is killed, and how often."""
        found: list[tuple[Victim, float]] = []
        for engine in self.engines:
            found.append((engine, weights.engine / len(self.engines)))
            found.append((Beside(engine), weights.beside / len(self.engines)))
        if self.server is not None:
            found.append((Backend(self.server), weights.backend))
            found.append((Postmaster(self.server), weights.server))
        return found

    async def fault(self, journal: Journal, lasts_s: float) -> None:
        if self.server is None:
            await faults.disk_full(self.engines[0], journal, lasts_s)
        else:
            await faults.database_away(self.engines[0], self.server, journal, lasts_s)


@asynccontextmanager
async def scene(variant: Variant, folder: Path) -> AsyncIterator[Scene]:
    """Start what a variant consists of."""
    with ExitStack() as stack:
        server, database = None, ""
        if variant.postgresql:
            server = stack.enter_context(postgres_server(_SETTINGS))
            database = await server.new_database(migrated=False)
        found = stack.enter_context(engines(folder, variant.engines, database))
        yield Scene(found, server, folder)


async def play(
    variant: Variant, folder: Path, *, kills: int, seed: int, tell: Tell, pace: Pace | None = None
) -> Outcome:
    """Kill so many times while the load runs, bring two faults, then check everything."""
    pace = pace or Pace()
    outcome = Outcome(variant.name)
    async with scene(variant, folder) as running, AsyncExitStack() as stack:
        journal = Journal(folder / "journal.jsonl")
        stack.callback(journal.close)
        await furnish(running.engines[0], pace.stations)
        load = await Load.connect(stack, running.engines, journal, seed, pace)
        load.start()
        try:
            await _kill(variant, running, kills, Random(f"{seed}/kill"), load, outcome, tell)
        finally:
            await load.finish()
        tell(f"{variant.name}: checking")
        await _check(running, load, outcome, Random(f"{seed}/check"))
    return outcome


async def _kill(
    variant: Variant,
    running: Scene,
    kills: int,
    dice: Random,
    load: Load,
    outcome: Outcome,
    tell: Tell,
) -> None:
    victims, weights = zip(*running.victims(variant.weights), strict=True)
    first = dice.sample(victims, len(victims))  # each of them once, however few the kills are
    done = 0
    while done < kills and not load.failed:
        await load.progress(dice.randint(1, load.pace.answers))
        victim = first.pop() if first else dice.choices(victims, weights)[0]
        struck = await victim.strike(dice)
        outcome.kills[victim.name] += struck
        before, done = done, done + struck
        if done // 10 > before // 10:
            tell(f"{variant.name}: {done} kills, {load.charges} charges")
        if done // KILLS_BETWEEN_FAULTS > before // KILLS_BETWEEN_FAULTS:
            await running.fault(load.journal, load.pace.fault_s)
    await running.fault(load.journal, load.pace.fault_s)


def _check_logs(running: Scene, journal: Journal) -> None:
    """No call may have failed in a way that nobody foresaw."""
    for engine in running.engines:
        for line in engine.process.log.read_text(errors="replace").splitlines():
            if any(word in line for word in _UNFORESEEN):
                journal.problem(f"{engine.name} logged: {line[-500:]}")


async def _check(running: Scene, load: Load, outcome: Outcome, dice: Random) -> None:
    journal = load.journal
    readers = [checks.Reader(engine) for engine in running.engines]
    try:
        await checks.await_settled(readers[0], journal)
        await load.close_period("LAST")
        compared = await checks.replay(readers, journal, dice)
        for reader in readers:
            found = await reader.everything()
            checks.check(found, journal)
            verified = await reader.call("VerifyLedger", {})
            journal.problems += verified.violations
        await load.stop_reading(until=len(found.events))
        checks.check_seen(load.seen, found.events, journal)
    finally:
        for reader in readers:
            await reader.close()
    _check_logs(running, journal)
    outcome.did += journal.lines()
    outcome.checked = {
        "answers asked again": compared,
        "sessions": len(found.sessions),
        "CDRs": len(found.cdrs),
        "tokens": len(found.tokens),
        "entries": verified.entries,
        "transfers": verified.transfers,
        "statements": len(found.statements),
        "events": len(found.events),
        "events seen live": len(load.seen),
    }
    outcome.problems += journal.problems
