"""Tell in plain words what happens, as it happens: what the station does and what Sunrise sees."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape

from tests.demo.charge_plan import TIME_ZONE
from tests.harness.cli import CommandFailedError
from tests.harness.platform import Platform
from tests.harness.process import Process

POLL_SECONDS = 0.05
LAG_SECONDS = 0.1
WAIT_SECONDS = 25.0

Facts = dict[str, Any]
_STATION = "cyan"
_PARTNER = "yellow"
_OURS = "green"

_CONNECTOR = {
    "Available": "is free",
    "Preparing": "has a cable plugged in",
    "Charging": "is charging",
    "SuspendedEV": "has stopped charging: the battery is full, the car stays parked",
    "Finishing": "is done, the cable is still in",
}

_STATION_WORDS: dict[str, Callable[[Facts], str]] = {
    "connected": lambda f: "connects by OCPP 1.6 with its password",
    "booted": lambda f: "introduces itself and is accepted",
    "status": lambda f: f"connector 1 {_CONNECTOR[f['status']]} ({_clock(f['at'])})",
    "authorized": lambda f: f"reads card {f['uid']}; answer: {f['status']}",
    "started": lambda f: f"starts transaction {f['transaction_id']} at {_clock(f['at'])}",
    "metered": lambda f: (
        f"{_clock(f['at'])}  {f['wh'] / 1000:7.3f} kWh  {f['watts'] / 1000:6.2f} kW"
    ),
    "stopped": lambda f: f"stops the transaction at {_clock(f['at'])}",
    "retrying": lambda f: "was not answered and tries again",
}

_PARTNER_WORDS: dict[str, Callable[[Facts], str]] = {
    "registered": lambda f: f"registers: it and {f['peer']} hold each other's token now",
    "token_seen": lambda f: f"is shown Interwatt's card {f['uid']}",
    "location_seen": lambda f: f"is shown the location {f['name']}",
    "tariff_seen": lambda f: f"is shown the tariff {f['id']}",
    "asked": lambda f: f"is asked about card {f['uid']} and answers {f['allowed']}",
    "session_seen": lambda f: (
        f"sees the session ({f['method']}): {f['status']}, {f['kwh']} kWh{_so_far(f['cost'])}"
    ),
    "cdr_seen": lambda f: f"receives the CDR: {f['kwh']} kWh, {f['cost']} {f['currency']} + VAT",
    "start_asked": lambda f: f"is asked to start a charge for card {f['uid']}",
    "start_answered": lambda f: "reports that its station has started",
    "session_sent": lambda f: f"reports the session ({f['method']}): {f['status']}, {f['kwh']} kWh",
    "cdr_sent": lambda f: f"sends its CDR: {f['cost']} EUR + VAT",
    "push_retried": lambda f: "was not answered and tries again",
    "complaint": lambda f: f"COMPLAINS: {f['about']}",
}


class DemoError(Exception):
    """Something that the demo must show did not happen; the message says what."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, and when by the wall clock."""

    at_s: float
    actor: str
    colour: str
    text: str


class Narrator:
    """Follows the processes of one platform and prints what they do, in the order it happened."""

    def __init__(self, console: Console, platform: Platform) -> None:
        """Follow this platform; nothing is printed before `chapter`."""
        self._console = console
        self._platform = platform
        self._station: Process | None = None
        self._station_seen = 0
        self._partner_seen = 0
        self._waiting: list[Line] = []
        self._last = ""

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        self._console.print(f"\n[bold]{escape(title)}[/bold]", highlight=False)

    def tell(self, text: str) -> None:
        """Say what our side does, after all that has happened so far."""
        self._print_until(self._collect())
        self._print(Line(time.time(), "Interwatt", _OURS, text))

    def run(self, *arguments: str) -> str:
        """Run an `interwatt` command, show it, and return what it printed."""
        shown = shlex.join(("interwatt", *arguments))
        self._console.print(f"  $ {shown}", style="dim", highlight=False, markup=False)
        try:
            return self._platform.cli.run(*arguments)
        except CommandFailedError as error:
            raise DemoError(str(error)) from error

    def follow(self, station: Process) -> None:
        """Follow a station's process, too."""
        self._station, self._station_seen = station, 0

    def until(self, what: str, happened: Callable[[], bool]) -> None:
        """Tell what happens until a condition holds. Raises DemoError when it does not in time."""
        deadline = time.monotonic() + WAIT_SECONDS
        self._look_for_the_dead(what)
        while not happened():
            self._print_until(self._collect() - LAG_SECONDS)
            self._look_for_the_dead(what)
            if time.monotonic() > deadline:
                raise DemoError(f"Waited {WAIT_SECONDS:g} s in vain for {what}.")
            time.sleep(POLL_SECONDS)

    def _collect(self) -> float:
        """Take in what has happened, and return until when all of it is known."""
        now = time.time()
        for event in self._platform.partner.events(self._partner_seen):
            self._partner_seen = event["seq"]
            text = _PARTNER_WORDS[event["kind"]](event)
            self._waiting.append(Line(event["at_s"], "Sunrise", _PARTNER, text))
        if self._station is not None:
            lines = list(self._station.lines())
            for line in lines[self._station_seen :]:
                text = _STATION_WORDS[line["event"]](line)
                self._waiting.append(Line(line["at_s"], "Station CP1", _STATION, text))
            self._station_seen = len(lines)
        return now

    def _print_until(self, at_s: float) -> None:
        self._waiting.sort(key=lambda line: line.at_s)
        while self._waiting and self._waiting[0].at_s <= at_s:
            self._print(self._waiting.pop(0))

    def _print(self, line: Line) -> None:
        text = f"  [{line.colour}]{line.actor:<12}[/{line.colour}] {escape(line.text)}"
        if text != self._last:
            self._console.print(text, highlight=False)
        self._last = text

    def _look_for_the_dead(self, what: str) -> None:
        for process in self._platform.processes:
            if process.pid is None:
                raise DemoError(f"Waited in vain for {what}.")
        station = self._station
        if station is not None and station.pid is None and station.wait(0) != 0:
            raise DemoError(f"The station gave up: {station.tail()}")


def _clock(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(ZoneInfo(TIME_ZONE)).strftime("%H:%M")


def _so_far(cost: str | None) -> str:
    return "" if cost is None else f", {cost} EUR + VAT so far"
