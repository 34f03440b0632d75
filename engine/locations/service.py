"""Keeping locations."""

from __future__ import annotations

from collections.abc import Sequence

from engine.db.idempotency import run_once
from engine.db.listing import read_page
from engine.db.port import Database, Transaction
from engine.kernel.errors import EngineError, NotFound
from engine.kernel.outcome import Outcome, Request
from engine.kernel.paging import Page
from engine.kernel.party import PartyKey
from engine.kernel.versioned import Put, Puts
from engine.locations import store
from engine.locations.model import Location, location_key
from engine.partners.service import Ownership


class LocationsService:
    """Keeps locations."""

    def __init__(self, database: Database, our_parties: frozenset[str]) -> None:
        self._database = database
        self._our_parties = our_parties

    async def put(self, requests: Sequence[Request[Location]]) -> list[Outcome[Put[Location]]]:
        """Create or replace locations; one older than what is stored changes nothing."""
        return await run_once(
            self._database,
            scope="locations.put",
            requests=requests,
            answer_type=Put[Location],
            handle=self._put,
        )

    async def get(self, owner: PartyKey, id_: str) -> Location:
        """Read one.

        Raises:
            NotFound: there is none.
        """
        key = location_key(owner, id_)

        async def work(tx: Transaction) -> dict[str, Location]:
            return await store.by_key(tx, [key])

        found = (await self._database.read(work)).get(key)
        if found is None:
            raise NotFound.of("location", key)
        return found

    async def list_page(
        self,
        *,
        size: int,
        token: str,
        partner_id: str,
        updated_from: int | None,
        updated_to: int | None,
    ) -> Page[Location]:
        wanted = store.listing(partner_id, updated_from, updated_to)
        return await read_page(self._database, store.locations, wanted, size=size, token=token)

    async def _put(
        self, tx: Transaction, locations: Sequence[Location]
    ) -> Sequence[Put[Location] | EngineError]:
        partner_ids = [location.partner_id for location in locations]
        ownership = await Ownership.of(tx, partner_ids, self._our_parties)
        known = await store.by_key(tx, [location.key for location in locations], lock=True)
        puts = Puts(
            locations,
            known,
            lambda location: ownership.check(location.partner_id, location.owner),
            self._database.now(),
        )
        await store.add(tx, puts.new)
        await store.change(tx, puts.changed)
        return puts.answers
