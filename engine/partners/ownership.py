"""Objects that belong to a party: who may write them, and how they are put, read and listed.

Tokens, locations and tariffs are such objects. Their owner's platform keeps them up to date, and
the newest version wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar

import sqlalchemy as sa

from engine.db.idempotency import run_once
from engine.db.listing import changed_between, of_partner, read_page
from engine.db.port import Database, Transaction
from engine.db.schema import Mapped
from engine.kernel.errors import EngineError, NotFound, WrongParty
from engine.kernel.outcome import Outcome, Request
from engine.kernel.paging import Page
from engine.kernel.party import PartyKey
from engine.kernel.versioned import Put, Puts, Versioned
from engine.partners import store
from engine.partners.model import Partner, State


class Ownership:
    """Whose objects a caller may write: a partner's own parties, or, for ourselves, ours."""

    def __init__(self, partners: dict[str, Partner], our_parties: frozenset[str]) -> None:
        self._partners = partners
        self._ours = our_parties

    @classmethod
    async def of(
        cls, tx: Transaction, partner_ids: Sequence[str], our_parties: frozenset[str]
    ) -> Ownership:
        """Read the partners concerned, once for a whole batch."""
        named = [partner_id for partner_id in partner_ids if partner_id]
        return cls(await store.by_id(tx, named) if named else {}, our_parties)

    def check(self, partner_id: str, owner: str) -> None:
        """Check that `partner_id` ("" is us) may write what `owner` owns.

        Raises:
            NotFound: no such partner.
            WrongParty: it does not speak for the owner.
        """
        if partner_id and partner_id not in self._partners:
            raise NotFound.of("partner", partner_id)
        allowed = (
            self._partners[partner_id].speaks_for(PartyKey(owner))
            and self._partners[partner_id].state != State.ENDED
            if partner_id
            else owner in self._ours
        )
        if not allowed:
            who = f"Partner {partner_id!r}" if partner_id else "This platform"
            raise WrongParty(f"{who} does not speak for {owner}.", party=owner)


class Owned(Versioned, Protocol):
    """What such an object has. `partner_id` is "" for ours."""

    @property
    def owner(self) -> str: ...
    @property
    def partner_id(self) -> str: ...


V = TypeVar("V", bound=Owned)


class Shelf(Protocol[V]):
    """Where objects of one kind are stored: a domain's `store` module."""

    mapped: Mapped[Any]

    async def by_key(
        self, tx: Transaction, keys: Iterable[str], *, lock: bool = False
    ) -> dict[str, V]: ...
    async def add(self, tx: Transaction, new: Sequence[V]) -> None: ...
    async def change(self, tx: Transaction, changed: Sequence[V]) -> None: ...


class OwnedObjects(Generic[V]):
    """Puts, reads and lists objects of one kind."""

    def __init__(
        self,
        database: Database,
        our_parties: frozenset[str],
        shelf: Shelf[V],
        *,
        kind: str,
        put_type: type[Put[V]],
        listed: Sequence[sa.ColumnElement[bool]] = (),
    ) -> None:
        """`kind` names one in errors; `listed` are the conditions of every list."""
        self._database = database
        self._our_parties = our_parties
        self._shelf = shelf
        self._kind = kind
        self._put_type = put_type
        self._listed = listed

    async def put(self, requests: Sequence[Request[V]]) -> list[Outcome[Put[V]]]:
        """Create or replace objects; one older than what is stored changes nothing."""
        return await run_once(
            self._database,
            scope=f"{self._kind}s.put",
            requests=requests,
            answer_type=self._put_type,
            handle=self._put,
        )

    async def get(self, key: str) -> V:
        """Read one.

        Raises:
            NotFound: there is none.
        """

        async def work(tx: Transaction) -> dict[str, V]:
            return await self._shelf.by_key(tx, [key])

        found = (await self._database.read(work)).get(key)
        if found is None:
            raise NotFound.of(self._kind, key)
        return found

    async def list_page(
        self,
        *,
        size: int,
        token: str,
        partner_id: str,
        updated_from: int | None,
        updated_to: int | None,
    ) -> Page[V]:
        """Return a page in order of creation; see `read_page`, `of_partner`, `changed_between`."""
        mapped = self._shelf.mapped
        wanted = [
            *self._listed,
            *of_partner(mapped.c.partner_id, partner_id),
            *changed_between(mapped.c.last_updated_us, updated_from, updated_to),
        ]
        return await read_page(self._database, mapped, wanted, size=size, token=token)

    async def _put(self, tx: Transaction, objects: Sequence[V]) -> Sequence[Put[V] | EngineError]:
        partner_ids = [put.partner_id for put in objects]
        ownership = await Ownership.of(tx, partner_ids, self._our_parties)
        known = await self._shelf.by_key(tx, [put.key for put in objects], lock=True)
        puts = Puts(
            objects,
            known,
            lambda put: ownership.check(put.partner_id, put.owner),
            self._database.now(),
        )
        await self._shelf.add(tx, puts.new)
        await self._shelf.change(tx, puts.changed)
        return puts.answers
