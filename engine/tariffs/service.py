"""Keeping tariffs."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.db.idempotency import run_once
from engine.db.port import Database, Transaction
from engine.kernel.errors import EngineError, NotFound
from engine.kernel.outcome import Outcome, Request
from engine.kernel.party import PartyKey
from engine.kernel.versioned import Put
from engine.partners.ownership import OwnedObjects
from engine.tariffs import store
from engine.tariffs.model import Tariff, tariff_key


class Withdrawal(msgspec.Struct, frozen=True):
    """A tariff to withdraw."""

    owner: PartyKey
    id: str


class TariffsService(OwnedObjects[Tariff]):
    """Keeps tariffs."""

    def __init__(self, database: Database, our_parties: frozenset[str]) -> None:
        super().__init__(
            database,
            our_parties,
            store,
            kind="tariff",
            put_type=Put[Tariff],
            listed=store.LISTED,
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

    async def get(self, key: str) -> Tariff:
        found = await super().get(key)
        if found.withdrawn:
            raise NotFound.of("tariff", key)
        return found
