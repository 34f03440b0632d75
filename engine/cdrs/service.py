"""Keeping CDRs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec

from engine.cdrs import store
from engine.cdrs.events import tell, tell_accepted
from engine.cdrs.model import Cdr, CdrState, cdr_key, check_acceptable, moved
from engine.db.idempotency import run_once
from engine.db.listing import read_page
from engine.db.port import Database, Transaction
from engine.kernel.clock import Micros
from engine.kernel.errors import CdrConflict, EngineError, NotFound
from engine.kernel.outcome import Outcome, Request, attempt
from engine.kernel.paging import Page
from engine.kernel.party import PartyKey
from engine.partners.ownership import Ownership


class Imported(msgspec.Struct, frozen=True):
    """A CDR as stored, and whether it is new."""

    cdr: Cdr
    created: bool


class Acceptance(msgspec.Struct, frozen=True):
    """A held CDR that a person accepts."""

    owner: PartyKey
    id: str


class CdrsService:
    """Keeps CDRs. `cpo` is our own party."""

    def __init__(self, database: Database, *, cpo: PartyKey) -> None:
        self._database = database
        self._cpo = cpo

    async def import_all(self, requests: Sequence[Request[Cdr]]) -> list[Outcome[Imported]]:
        """Store partners' CDRs; judging comes afterwards."""
        return await run_once(
            self._database,
            scope="cdrs.import",
            requests=requests,
            answer_type=Imported,
            handle=self._import,
        )

    async def accept(self, asked: Request[Acceptance]) -> Outcome[Cdr]:
        """Accept a held CDR as it is."""

        async def handle(
            tx: Transaction, acceptances: Sequence[Acceptance]
        ) -> Sequence[Cdr | EngineError]:
            return [await _accept(tx, acceptances[0])]

        [outcome] = await run_once(
            self._database,
            scope="cdrs.accept",
            requests=[asked],
            answer_type=Cdr,
            handle=handle,
        )
        return outcome

    async def get(self, owner: PartyKey | None, id_: str) -> Cdr:
        """Read one; without `owner`, one of ours.

        Raises:
            NotFound: there is none.
        """
        key = cdr_key(owner or self._cpo, id_)

        async def work(tx: Transaction) -> dict[str, Cdr]:
            return await store.by_key(tx, [key])

        found = (await self._database.read(work)).get(key)
        if found is None:
            raise NotFound.of("cdr", key)
        return found

    async def list_page(
        self,
        *,
        size: int,
        token: str,
        partner_id: str,
        issued: bool,
        state: str,
        updated_from: int | None,
        updated_to: int | None,
    ) -> Page[Cdr]:
        """Return a page by creation.

        Raises:
            PageTokenInvalid: `token` was not made by this list.
        """
        wanted = store.listing(
            partner_id=partner_id,
            issued=issued,
            state=state,
            updated_from=updated_from,
            updated_to=updated_to,
        )
        page = await read_page(self._database, store.cdrs, wanted, size=size, token=token)
        return Page([store.read(row) for row in page.items], page.next_token, page.total)

    async def _import(
        self, tx: Transaction, cdrs: Sequence[Cdr]
    ) -> Sequence[Imported | EngineError]:
        ownership = await Ownership.of(tx, [cdr.partner_id for cdr in cdrs], frozenset())
        known = await store.by_key(tx, [cdr.key for cdr in cdrs], lock=True)
        new: dict[str, Cdr] = {}
        now = self._database.now()
        answers = [attempt(partial(_decide, cdr, ownership, known, new, now)) for cdr in cdrs]
        await store.add(tx, list(new.values()))
        for cdr in new.values():
            tell(tx, "cdr.received", cdr)
        return answers


def _decide(
    cdr: Cdr, ownership: Ownership, known: Mapping[str, Cdr], new: dict[str, Cdr], now: Micros
) -> Imported:
    """Decide what becomes of one CDR; one to add goes to `new`.

    Raises:
        WrongParty: the partner does not speak for its owner.
        CdrConflict: its id came before with other content.
    """
    ownership.check(cdr.partner_id, cdr.owner)
    before = known.get(cdr.key) or new.get(cdr.key)
    if before is None:
        stored = msgspec.structs.replace(cdr, created_us=now)
        new[cdr.key] = stored
        return Imported(stored, created=True)
    if before.content != cdr.content:
        raise CdrConflict(
            f"CDR {cdr.id!r} came before with other content; "
            "send a credit CDR and a new one under another id.",
            id=cdr.id,
        )
    return Imported(before, created=False)


async def _accept(tx: Transaction, acceptance: Acceptance) -> Cdr:
    key = cdr_key(acceptance.owner, acceptance.id)
    found = (await store.by_key(tx, [key], lock=True)).get(key)
    if found is None:
        raise NotFound.of("cdr", key)
    check_acceptable(found)
    accepted = moved(found, CdrState.ACCEPTED)
    await store.replace(tx, [accepted])
    tell_accepted(tx, accepted)
    return accepted
