"""Making, registering and recognising partners."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.commands import store as commands
from engine.commands.model import Action, partner_channel
from engine.commands.model import request as command_request
from engine.db.idempotency import run_once
from engine.db.port import Database, Transaction
from engine.kernel.clock import SECOND
from engine.kernel.errors import AlreadyExists, EngineError, NotFound, Unauthenticated, WrongParty
from engine.kernel.ids import IdSource
from engine.kernel.outcome import Outcome, Request
from engine.kernel.paging import Page, make_page, read_position
from engine.partners import store
from engine.partners.model import (
    TRANSITIONS,
    Endpoint,
    Partner,
    Party,
    State,
    end,
    plan,
    register,
    token_hash,
)

_HANDSHAKE_TIMEOUT_S = 120
_REMEMBER_US = 2 * SECOND
_REMEMBER = 1_000


class Plan(msgspec.Struct, frozen=True):
    """A partner to make. With `their_token` our side makes the handshake."""

    id: str
    versions_url: str
    their_token: str


class Registration(msgspec.Struct, frozen=True):
    """The outcome of a handshake; see RegisterPartnerRequest."""

    partner_id: str
    their_token: str
    versions_url: str
    ocpi_version: str
    endpoints: list[Endpoint]
    parties: list[Party]
    rotate: bool
    our_token: str
    token_literal: bool


class Admission(msgspec.Struct, frozen=True):
    """A partner and the token it uses from now on.

    Attributes:
        token: "" where there is none to show.
        command_id: of the handshake that a gateway was asked for; "" for none.
    """

    partner: Partner
    token: str
    command_id: str = ""


class Recognised(msgspec.Struct, frozen=True):
    """Who sent a token."""

    partner: Partner
    candidate: int
    first_token: bool


class PartnersService:
    """Keeps partners. Who sent a present token is remembered for two seconds, so that a page of
    calls asks the store once; another engine hears so much later of one that ended. A first token
    and one in its grace are never remembered."""

    def __init__(self, database: Database, ids: IdSource, our_parties: Sequence[Party]) -> None:
        self._database = database
        self._ids = ids
        self.our_parties = tuple(our_parties)
        self._remembered: dict[tuple[str, ...], tuple[int, Recognised]] = {}

    async def create(self, asked: Request[Plan]) -> Outcome[Admission]:
        """Make a partner with a first token to hand over, or, with its token, ask a gateway for the
        handshake."""

        async def handle(
            tx: Transaction, plans: Sequence[Plan]
        ) -> Sequence[Admission | EngineError]:
            wanted, now = plans[0], self._database.now()
            before = (await store.by_id(tx, [wanted.id], lock=True)).get(wanted.id)
            if before is not None and State.PLANNED not in TRANSITIONS[State(before.state)]:
                raise AlreadyExists(
                    f"Partner {wanted.id!r} is {before.state}; end it first or choose another id.",
                    kind="partner",
                    id=wanted.id,
                )
            token = self._ids.secret()
            ours = bool(wanted.their_token)
            partner = plan(
                id_=wanted.id,
                first_token="" if ours else token,
                our_token=token if ours else "",
                their_token=wanted.their_token,
                versions_url=wanted.versions_url,
                now=now,
            )
            if before is None:
                await store.add(tx, partner)
            else:
                await store.change(tx, partner, "partner.created")
            command_id = self._ids.new() if ours else ""
            if ours:
                handshake = command_request(
                    id_=command_id,
                    channel=partner_channel(partner.id),
                    action=Action.REGISTER_AT_PARTNER,
                    details={"versions_url": wanted.versions_url},
                    now=now,
                    timeout_s=_HANDSHAKE_TIMEOUT_S,
                )
                await commands.add(tx, [handshake])
            return [Admission(partner, "" if ours else token, command_id)]

        [outcome] = await run_once(
            self._database,
            scope="partners.create",
            requests=[asked],
            answer_type=Admission,
            without_secret=_without_tokens,
            handle=handle,
        )
        return outcome

    async def recognise(self, candidates: Sequence[str]) -> Recognised | None:
        """Return whose token one of `candidates` is; nobody's gives nothing."""
        now = self._database.now()
        remembered = self._remembered.get(tuple(candidates))
        if remembered is not None and now < remembered[0]:
            return remembered[1]
        hashes = [token_hash(candidate) for candidate in candidates]

        async def work(tx: Transaction) -> list[Partner]:
            return await store.by_token_hash(tx, hashes)

        partners = await self._database.read(work)
        for number, hashed in enumerate(hashes):
            for partner in partners:
                if partner.state in (State.ENDED, State.SUSPENDED):
                    continue
                current = hashed == partner.token_hash or (
                    hashed == partner.previous_token_hash and now < partner.previous_until_us
                )
                if current or hashed == partner.first_token_hash:
                    found = Recognised(partner, number, first_token=not current)
                    if hashed == partner.token_hash:
                        self._remember(candidates, now, found)
                    return found
        return None

    def _remember(self, candidates: Sequence[str], now: int, found: Recognised) -> None:
        if len(self._remembered) >= _REMEMBER:
            self._remembered.clear()
        self._remembered[tuple(candidates)] = (now + _REMEMBER_US, found)

    async def register(self, asked: Request[Registration]) -> Outcome[Admission]:
        """Record a handshake; the answer has the token that the partner must use.

        A party that another partner speaks for, or we do, is `WrongParty`.
        """

        async def handle(
            tx: Transaction, registrations: Sequence[Registration]
        ) -> Sequence[Admission | EngineError]:
            return [await self._register(tx, registrations[0])]

        [outcome] = await run_once(
            self._database,
            scope="partners.register",
            requests=[asked],
            answer_type=Admission,
            without_secret=_without_tokens,
            handle=handle,
        )
        self._remembered.clear()
        return outcome

    async def end(self, asked: Request[str]) -> Outcome[Partner]:
        """End a connection; all its tokens stop working."""

        async def handle(tx: Transaction, ids: Sequence[str]) -> Sequence[Partner | EngineError]:
            partner = await _locked(tx, ids[0])
            ended = end(partner, self._database.now())
            if ended is not partner:
                await store.change(tx, ended, "partner.ended")
            return [ended]

        [outcome] = await run_once(
            self._database,
            scope="partners.end",
            requests=[asked],
            answer_type=Partner,
            handle=handle,
        )
        self._remembered.clear()
        return outcome

    async def get(self, partner_id: str) -> Partner:
        """Read one.

        Raises:
            NotFound: there is none.
        """

        async def work(tx: Transaction) -> dict[str, Partner]:
            return await store.by_id(tx, [partner_id])

        found = (await self._database.read(work)).get(partner_id)
        if found is None:
            raise NotFound.of("partner", partner_id)
        return found

    async def list_page(self, size: int, token: str) -> Page[Partner]:
        after = read_position(token, "")

        async def work(tx: Transaction) -> list[Partner]:
            return await store.page(tx, after, size + 1)

        return make_page(
            await self._database.read(work), size=size, key=lambda partner: [partner.id]
        )

    async def _register(self, tx: Transaction, asked: Registration) -> Admission:
        partner = await _locked(tx, asked.partner_id)
        keys = [party.key for party in asked.parties]
        taken = await store.by_party(tx, keys)
        ours = {party.key for party in self.our_parties}
        for key in keys:
            if key in ours or taken.get(key, partner.id) != partner.id:
                raise WrongParty(f"Party {key} belongs to another platform.", party=key)
        if asked.our_token and token_hash(asked.our_token) != partner.token_hash:
            raise Unauthenticated("our_token is not the token that was made for this handshake.")
        token = asked.our_token or self._ids.secret()
        registered = register(
            partner,
            token=token,
            their_token=asked.their_token,
            token_literal=asked.token_literal,
            versions_url=asked.versions_url,
            ocpi_version=asked.ocpi_version,
            endpoints=asked.endpoints,
            parties=asked.parties,
            rotate=asked.rotate,
            now=self._database.now(),
        )
        await store.change(tx, registered, "partner.registered")
        return Admission(registered, token)


async def _locked(tx: Transaction, partner_id: str) -> Partner:
    partner = (await store.by_id(tx, [partner_id], lock=True)).get(partner_id)
    if partner is None:
        raise NotFound.of("partner", partner_id)
    return partner


def _without_tokens(admission: Admission) -> Admission:
    partner = msgspec.structs.replace(admission.partner, our_token="", their_token="")
    return msgspec.structs.replace(admission, partner=partner, token="")
