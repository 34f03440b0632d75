"""Keeping tokens and deciding about them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from engine.commands import store as commands
from engine.commands.model import Action, Command, partner_channel
from engine.commands.model import request as command_request
from engine.db.idempotency import run_once
from engine.db.port import Database, Transaction
from engine.kernel.clock import Micros
from engine.kernel.errors import EngineError, NotFound
from engine.kernel.ids import IdSource
from engine.kernel.outcome import Outcome, Request
from engine.kernel.party import ci
from engine.kernel.versioned import Put
from engine.partners import store as partners
from engine.partners.model import Partner
from engine.partners.ownership import OwnedObjects
from engine.tokens import store
from engine.tokens.authorization import (
    RECENT_US,
    Next,
    by_grant,
    choose,
    decide,
    give_up,
    resolve,
)
from engine.tokens.model import AuthMethod, Authorization, Grant, Status, Token, encode

_ISSUER_TIMEOUT_S = 8
_POLL_S = 0.25


class Question(msgspec.Struct, frozen=True):
    """May this token charge? Asked by a station of ours, or by a partner about a token of ours."""

    uid: str
    type: str
    station_id: str
    evse_uid: str
    location_id: str
    partner_id: str


class Places(Protocol):
    """What knows where stations stand."""

    async def locations(self, tx: Transaction, station_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the location of each station that is known."""
        ...


class TokensService(OwnedObjects[Token]):
    """Keeps tokens."""

    def __init__(
        self, database: Database, ids: IdSource, our_parties: frozenset[str], places: Places
    ) -> None:
        super().__init__(database, our_parties, store, kind="token", put_type=Put[Token])
        self._ids = ids
        self._places = places

    async def authorize(
        self, requests: Sequence[Request[Question]]
    ) -> list[Outcome[Authorization]]:
        """Decide about tokens; PENDING where the issuer was asked."""
        return await run_once(
            self._database,
            scope="tokens.authorize",
            requests=requests,
            answer_type=Authorization,
            handle=self._authorize,
        )

    async def wait_for_decision(self, command_id: str, timeout_s: float) -> Authorization:
        """Wait for the issuer's answer, at most `timeout_s`; then the whitelist decides.

        Raises:
            NotFound: no authorization asks by this command.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        while True:
            waiter = self._database.changed.subscribe()
            left = until - loop.time()
            decision = await self._decision(command_id, last_call=left <= 0)
            if decision.status != Status.PENDING:
                return decision
            await self._database.changed.wait(waiter, timeout_s=min(left, _POLL_S))

    async def _authorize(
        self, tx: Transaction, questions: Sequence[Question]
    ) -> Sequence[Authorization | EngineError]:
        decider = await Decider.prepare(tx, self._database, self._ids, self._places, questions)
        answers = [decider.decide(question) for question in questions]
        await decider.store(tx)
        return answers

    async def _decision(self, command_id: str, *, last_call: bool) -> Authorization:
        async def look(
            tx: Transaction, *, lock: bool = False
        ) -> tuple[Authorization, Authorization]:
            found = await store.authorizations_by_command(tx, [command_id], lock=lock)
            if command_id not in found:
                raise NotFound.of("authorization of command", command_id)
            pending = found[command_id]
            decision = resolve(pending, (await commands.by_id(tx, [command_id])).get(command_id))
            if decision.status == Status.PENDING and last_call:
                decision = give_up(pending)
            return pending, decision

        async def settle(tx: Transaction) -> Authorization:
            pending, decision = await look(tx, lock=True)  # another may have decided meanwhile
            if decision.status != pending.status:
                await store.change_authorizations(tx, [decision])
            return decision

        pending, decision = await self._database.read(look)
        if decision.status == pending.status:
            return decision
        return await self._database.write(settle)


class Decider:
    """Decides about a batch: all is read before, all is written after."""

    def __init__(
        self,
        *,
        now: Micros,
        ids: IdSource,
        tokens: Mapping[str, Sequence[Token]],
        grants: Mapping[tuple[str, str], Grant],
        locations: Mapping[str, str],
        issuers: Mapping[str, Partner],
    ) -> None:
        self._now = now
        self._ids = ids
        self._tokens = tokens
        self._grants = dict(grants)
        self._locations = locations
        self._issuers = issuers
        self._decisions: list[Authorization] = []
        self._questions: list[Command] = []
        self._used: list[Grant] = []

    @classmethod
    async def prepare(
        cls,
        tx: Transaction,
        database: Database,
        ids: IdSource,
        places: Places,
        questions: Sequence[Question],
    ) -> Decider:
        """Read what deciding about `questions` needs."""
        now = database.now()
        uid_keys = [ci(question.uid) for question in questions]
        stations = sorted({question.station_id for question in questions if question.station_id})
        tokens = await store.by_uid(tx, uid_keys)
        issuers = {t.partner_id for found in tokens.values() for t in found if t.partner_id}
        return cls(
            now=now,
            ids=ids,
            tokens=tokens,
            grants=await store.grants(tx, stations, uid_keys, now) if stations else {},
            locations=await places.locations(tx, stations) if issuers and stations else {},
            issuers=await partners.by_id(tx, sorted(issuers)) if issuers else {},
        )

    def has_grant(self, question: Question) -> bool:
        """Return whether a remote start has decided already."""
        return (question.station_id, ci(question.uid)) in self._grants

    def decide(self, question: Question, *, starting: bool = False) -> Authorization:
        """Return the decision; PENDING with a command where the issuer must be asked.

        Args:
            starting: the charge starts now, which uses up a grant.
        """
        uid_key = ci(question.uid)
        grant = self._grants.get((question.station_id, uid_key))
        if grant is not None:
            if starting:
                del self._grants[question.station_id, uid_key]
                self._used.append(msgspec.structs.replace(grant, used=True))
            return self._keep(by_grant(grant, id_=self._ids.new(), uid_key=uid_key, now=self._now))
        known = self._tokens.get(uid_key, [])
        if (
            question.partner_id
        ):  # a partner asks about a driver of ours: only that very token counts
            known = [t for t in known if not t.partner_id and t.type == question.type]
        token = choose(known, question.type)
        partner = self._issuers.get(token.partner_id) if token is not None else None
        verdict = decide(token, issuer_answers=partner is not None and partner.sends("tokens"))
        command_id = ""
        if verdict.next is Next.ASK_ISSUER and token is not None:
            command_id = self._ask(question, token)
        ours = token is not None and not token.partner_id and verdict.status is Status.ACCEPTED
        return self._keep(
            Authorization(
                id=self._ids.new(),
                station_id=question.station_id,
                uid_key=uid_key,
                token_json=encode(token),
                status=verdict.status,
                reference=self._ids.new() if ours else "",
                auth_method=verdict.auth_method,
                command_id=command_id,
                info="",
                decided_us=self._now,
            )
        )

    async def store(self, tx: Transaction) -> None:
        """Write the decisions and the questions to issuers."""
        await store.add_authorizations(tx, self._decisions)
        await commands.add(tx, self._questions)
        await store.change_grants(tx, self._used)

    def _keep(self, decision: Authorization) -> Authorization:
        self._decisions.append(decision)
        return decision

    def _ask(self, question: Question, token: Token) -> str:
        command = command_request(
            id_=self._ids.new(),
            channel=partner_channel(token.partner_id),
            action=Action.ASK_ISSUER,
            details={
                "uid": token.uid,
                "type": f"TOKEN_TYPE_{token.type}",
                "location_id": question.location_id or self._locations.get(question.station_id, ""),
                "evse_uid": question.evse_uid,
            },
            now=self._now,
            timeout_s=_ISSUER_TIMEOUT_S,
        )
        self._questions.append(command)
        return command.id


async def standing_decisions(
    tx: Transaction, station_ids: Sequence[str], uids: Sequence[str], now: int
) -> dict[tuple[str, str], Authorization]:
    """Return, for each station and uid key, the decision made there recently, as it stands now.

    A remote start is not among them: its grant is for one charge.
    """
    recent = await store.recent_authorizations(
        tx, station_ids, [ci(uid) for uid in uids], now - RECENT_US
    )
    recent = {key: a for key, a in recent.items() if a.auth_method != AuthMethod.COMMAND}
    command_ids = [a.command_id for a in recent.values() if a.status == Status.PENDING]
    answers = await commands.by_id(tx, command_ids) if command_ids else {}
    return {key: resolve(a, answers.get(a.command_id)) for key, a in recent.items()}
