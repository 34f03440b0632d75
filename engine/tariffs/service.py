"""Keeping tariffs."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.db.idempotency import run_once
from engine.db.listing import read_page
from engine.db.port import Database, Transaction
from engine.kernel.errors import EngineError, NotFound
from engine.kernel.outcome import Outcome, Request
from engine.kernel.paging import Page
from engine.kernel.party import PartyKey
from engine.kernel.versioned import Put, Puts
from engine.partners.service import Ownership
from engine.tariffs import store
from engine.tariffs.model import Tariff, tariff_key


class Withdrawal(msgspec.Struct, frozen=True):
    """A tariff to withdraw."""

    owner: PartyKey
    id: str


class TariffsService:
    """Keeps tariffs."""

    def __init__(self, database: Database, our_parties: frozenset[str]) -> None:
        self._database = database
        self._our_parties = our_parties

    async def put(self, requests: Sequence[Request[Tariff]]) -> list[Outcome[Put[Tariff]]]:
        """Create or replace tariffs; one older than what is stored changes nothing."""
        return await run_once(
            self._database,
            scope="tariffs.put",
            requests=requests,
            answer_type=Put[Tariff],
            handle=self._put,
        )

    async def withdraw(self, asked: Request[Withdrawal]) -> Outcome[Tariff]:
        """Withdraw a tariff; its versions stay."""

        async def handle(
            tx: Transaction, withdrawals: Sequence[Withdrawal]
        ) -> Sequence[Tariff | EngineError]:
            key = tariff_key(withdrawals[0].owner, withdrawals[0].id)
            tariff = (await store.by_key(tx, [key], lock=True)).get(key)
            if tariff is None or tariff.withdrawn:
                raise NotFound.of("tariff", key)
            withdrawn = msgspec.structs.replace(tariff, withdrawn=True, version=tariff.version + 1)
            await store.change(tx, [withdrawn])
            return [withdrawn]

        [outcome] = await run_once(
            self._database,
            scope="tariffs.withdraw",
            requests=[asked],
            answer_type=Tariff,
            handle=handle,
        )
        return outcome

    async def get(self, owner: PartyKey, id_: str) -> Tariff:
        """Read the present version of one.

        Raises:
            NotFound: there is none, or it was withdrawn.
        """
        key = tariff_key(owner, id_)

        async def work(tx: Transaction) -> dict[str, Tariff]:
            return await store.by_key(tx, [key])

        found = (await self._database.read(work)).get(key)
        if found is None or found.withdrawn:
            raise NotFound.of("tariff", key)
        return found

    async def list_page(
        self,
        *,
        size: int,
        token: str,
        partner_id: str,
        updated_from: int | None,
        updated_to: int | None,
    ) -> Page[Tariff]:
        wanted = store.listing(partner_id, updated_from, updated_to)
        return await read_page(self._database, store.tariffs, wanted, size=size, token=token)

    async def _put(
        self, tx: Transaction, tariffs: Sequence[Tariff]
    ) -> Sequence[Put[Tariff] | EngineError]:
        partner_ids = [tariff.partner_id for tariff in tariffs]
        ownership = await Ownership.of(tx, partner_ids, self._our_parties)
        known = await store.by_key(tx, [tariff.key for tariff in tariffs], lock=True)
        puts = Puts(
            tariffs,
            known,
            lambda tariff: ownership.check(tariff.partner_id, tariff.owner),
            self._database.now(),
        )
        await store.add(tx, puts.new)
        await store.change(tx, puts.changed)
        return puts.answers
