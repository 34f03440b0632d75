"""Running comparisons and settling what they find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from engine.cdrs.model import Cdr
from engine.db.idempotency import run_once
from engine.db.port import Database, Transaction
from engine.kernel.errors import EngineError, InvalidArgument, NotFound, StateConflict
from engine.kernel.ids import IdSource
from engine.kernel.outcome import Outcome, Request
from engine.kernel.paging import Page, make_page, read_position
from engine.partners import store as partners
from engine.reconciliation import store
from engine.reconciliation.matching import Comparison, compare
from engine.reconciliation.model import TRANSITIONS, Difference, Discrepancy, Run, State
from engine.sessions.model import Session

MAX_RECORDS = 100_000
_AFTER_ALL_IDS = "~"


class Range(msgspec.Struct, frozen=True):
    """What to compare: a partner's charges that started in [from, to)."""

    partner_id: str
    started_from_us: int
    started_to_us: int


class Resolution(msgspec.Struct, frozen=True):
    """How a person settled a discrepancy."""

    discrepancy_id: str
    text: str


class ReconciliationService:
    """Compares and keeps."""

    def __init__(self, database: Database, ids: IdSource) -> None:
        self._database = database
        self._ids = ids

    async def run(self, asked: Request[Range]) -> Outcome[Run]:
        """Compare, keep what differs, and mark as gone what does not any more."""

        async def handle(tx: Transaction, ranges: Sequence[Range]) -> Sequence[Run | EngineError]:
            return [await self._run(tx, ranges[0])]

        [outcome] = await run_once(
            self._database,
            scope="reconciliation.run",
            requests=[asked],
            answer_type=Run,
            handle=handle,
        )
        return outcome

    async def resolve(self, asked: Request[Resolution]) -> Outcome[Discrepancy]:
        """Settle a discrepancy."""

        async def handle(
            tx: Transaction, resolutions: Sequence[Resolution]
        ) -> Sequence[Discrepancy | EngineError]:
            wanted = resolutions[0]
            found = (await store.by_id(tx, [wanted.discrepancy_id])).get(wanted.discrepancy_id)
            if found is None:
                raise NotFound.of("discrepancy", wanted.discrepancy_id)
            if State.RESOLVED not in TRANSITIONS[State(found.state)]:
                raise StateConflict(
                    f"Discrepancy {found.id} is {found.state}; there is nothing to settle.",
                    kind="discrepancy",
                    id=found.id,
                    state=found.state,
                )
            settled = msgspec.structs.replace(found, state=State.RESOLVED, resolution=wanted.text)
            await store.change(tx, [settled])
            return [settled]

        [outcome] = await run_once(
            self._database,
            scope="reconciliation.resolve",
            requests=[asked],
            answer_type=Discrepancy,
            handle=handle,
        )
        return outcome

    async def list_discrepancies(
        self, *, size: int, token: str, partner_id: str, state: str
    ) -> Page[Discrepancy]:
        after = read_position(token, "")

        async def work(tx: Transaction) -> list[Discrepancy]:
            return await store.page(
                tx, partner_id=partner_id, state=state, after=after, limit=size + 1
            )

        return make_page(await self._database.read(work), size=size, key=lambda row: [row.id])

    async def list_runs(self, *, size: int, token: str) -> Page[Run]:
        before = read_position(token, _AFTER_ALL_IDS)

        async def work(tx: Transaction) -> list[Run]:
            return await store.run_page(tx, before, size + 1)

        return make_page(await self._database.read(work), size=size, key=lambda row: [row.id])

    async def _run(self, tx: Transaction, asked: Range) -> Run:
        if asked.partner_id not in await partners.by_id(tx, [asked.partner_id]):
            raise NotFound.of("partner", asked.partner_id)
        between = (asked.partner_id, asked.started_from_us, asked.started_to_us)
        sessions = await store.sessions_between(tx, *between, MAX_RECORDS + 1)
        cdrs = await store.cdrs_between(tx, *between, MAX_RECORDS + 1)
        if max(len(sessions), len(cdrs)) > MAX_RECORDS:
            raise InvalidArgument(
                f"started_to: expected at most {MAX_RECORDS} charges between; take a shorter time.",
                field="started_to",
            )
        comparison = compare(sessions, cdrs)
        starts = _starts(sessions, cdrs)
        now = self._database.now()
        found = [_keep(d, asked.partner_id, starts, now) for d in comparison.differences]
        await self._store(tx, found, await store.open_between(tx, *between))
        run = Run(
            id=self._ids.new(),
            partner_id=asked.partner_id,
            started_from_us=asked.started_from_us,
            started_to_us=asked.started_to_us,
            sessions=len(sessions),
            cdrs=len(cdrs),
            matched=comparison.matched,
            discrepancies_json=_counts(comparison),
            ran_us=now,
        )
        await store.add_run(tx, run)
        return run

    async def _store(
        self, tx: Transaction, found: Sequence[Discrepancy], still_open: Sequence[Discrepancy]
    ) -> None:
        known = await store.by_id(tx, [discrepancy.id for discrepancy in found])
        await store.add(tx, [d for d in found if d.id not in known])
        back = [
            msgspec.structs.replace(d, opened_us=known[d.id].opened_us)
            for d in found
            if d.id in known and known[d.id].state == State.GONE
        ]
        ids = {discrepancy.id for discrepancy in found}
        gone = [msgspec.structs.replace(d, state=State.GONE) for d in still_open if d.id not in ids]
        await store.change(tx, [*back, *gone])


def _starts(sessions: Sequence[Session], cdrs: Sequence[Cdr]) -> dict[tuple[str, str], int]:
    """Return when each session or CDR started, by owner and id."""
    starts = {(str(cdr.owner), cdr.id): int(cdr.started_us) for cdr in cdrs}
    starts.update({(session.owner, session.id): session.started_us for session in sessions})
    return starts


def _keep(
    difference: Difference,
    partner_id: str,
    starts: dict[tuple[str, str], int],
    now: int,
) -> Discrepancy:
    about = difference.session_id or difference.cdr_id
    return Discrepancy(
        id=difference.id,
        code=difference.code,
        state=State.OPEN,
        partner_id=partner_id,
        owner=difference.owner,
        session_id=difference.session_id,
        cdr_id=difference.cdr_id,
        observed=difference.observed,
        expected=difference.expected,
        tolerance=difference.tolerance,
        message=difference.message,
        started_us=starts[(difference.owner, about)],
        opened_us=now,
        resolution="",
    )


def _counts(comparison: Comparison) -> str:
    counts = Counter(str(difference.code) for difference in comparison.differences)
    return msgspec.json.encode(dict(sorted(counts.items()))).decode()
