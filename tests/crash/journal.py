"""What was acknowledged, kept outside the processes that are killed, and what must follow from it.

An answer that was given stays: asked again under the same request_id, the engine gives the same,
and only the first of all answers was not a repetition.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.crash.plan import Charge, Roaming

MOST_PROBLEMS = 50


@dataclass(slots=True)
class Acknowledged:
    """One request with the answer it got.

    Attributes:
        method: the batch method, e.g. "StartSessions".
        answer: without its mark of a repetition; the reason where it was an error.
        first_answers: how many answers were not marked as repetitions; at most one can be.
    """

    method: str
    item: Any
    answer: Any
    error: str
    answers: int = 0
    first_answers: int = 0

    def same(self, answer: Any, error: str) -> bool:
        return error == self.error and (bool(error) or answer == self.answer)


@dataclass(frozen=True, slots=True)
class Billed:
    """A CDR that must be in the ledger, once."""

    debtor: str
    creditor: str
    currency: str
    total: Decimal


@dataclass(slots=True)
class Expected:
    """What must be there in the end."""

    charges: dict[str, Charge] = field(default_factory=dict)
    """By the id of the session."""
    roaming: dict[str, Roaming] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    """Newest version, by uid."""
    posted: dict[str, Billed] = field(default_factory=dict)
    """By the id of the partner's CDR."""
    held: set[str] = field(default_factory=set)
    one_of: list[dict[str, Billed]] = field(default_factory=list)
    """Of each of these CDRs of the partner one is posted and the others are held."""
    statements: dict[str, Any] = field(default_factory=dict)

    @property
    def partner_cdrs(self) -> set[str]:
        return set(self.posted) | self.held | {id_ for group in self.one_of for id_ in group}


class Journal:
    """Writes down each answer before the load goes on, in memory and in a file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a")
        self.acknowledged: dict[str, Acknowledged] = {}
        self.expected = Expected()
        self.counts: Counter[str] = Counter()
        self.unanswered: Counter[str] = Counter()
        self.problems: list[str] = []

    def note(self, method: str, item: Any, answer: Any, error: str) -> Any:
        """Take an answer, and hold it against earlier ones to the same request."""
        replayed = not error and getattr(answer, "replayed", False)
        answer = _bare(answer)
        line = {"method": method, "id": item.request_id, "error": error, "replayed": replayed}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        known = self.acknowledged.get(item.request_id)
        if known is None:
            known = Acknowledged(method, item, answer, error)
            self.acknowledged[item.request_id] = known
            self.counts[method] += 1
        elif not known.same(answer, error):
            self.problem(
                f"{item.request_id}: was {_short(known.answer, known.error)}, "
                f"is {_short(answer, error)}"
            )
        known.answers += 1
        if not error and not replayed and _has_mark(answer):
            known.first_answers += 1
            if known.first_answers > 1:
                self.problem(f"{item.request_id}: done twice")
        return answer

    def problem(self, text: str) -> None:
        """Take note of what is wrong; beyond some, more of it helps nobody."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(" ".join(text.split())[:600])

    def equal(self, what: str, found: object, expected: object) -> None:
        if found != expected:
            self.problem(f"{what}: expected {expected}, found {found}")

    @property
    def deliveries(self) -> int:
        """How many answers were given, to requests and their repetitions."""
        return sum(known.answers for known in self.acknowledged.values())

    def lines(self) -> Iterator[str]:
        told = ", ".join(f"{method} {count}" for method, count in sorted(self.counts.items()))
        yield f"acknowledged: {len(self.acknowledged)} requests in {self.deliveries} answers"
        yield f"  {told}"
        lost = ", ".join(f"{name} {count}" for name, count in sorted(self.unanswered.items()))
        yield f"attempts without an answer: {sum(self.unanswered.values())} ({lost})"

    def close(self) -> None:
        self._file.close()


def _short(answer: Any, error: str) -> str:
    return error or " ".join(str(answer).split())[:250]


def _has_mark(answer: Any) -> bool:
    return answer is not None and "replayed" in answer.DESCRIPTOR.fields_by_name


def _bare(answer: Any) -> Any:
    if not _has_mark(answer):
        return answer
    bare = type(answer)()
    bare.CopyFrom(answer)
    bare.replayed = False
    return bare
