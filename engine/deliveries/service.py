"""Finding out what partners must be shown, and giving it to gateways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec

from engine.db.port import Database, Transaction
from engine.deliveries import store
from engine.deliveries.model import LEASE_US, Delivery, Report, after, delivery_key, wanted
from engine.events.model import Event, Filter
from engine.kernel.errors import EngineError, NotFound
from engine.kernel.paging import Page, make_page, read_position
from engine.kernel.party import Role
from engine.partners import store as partners
from engine.partners.model import Partner

_POLL_S = 0.5
_SETTLE_S = 0.02

_MODULES = {
    "session.started": "sessions",
    "session.updated": "sessions",
    "session.completed": "sessions",
    "cdr.issued": "cdrs",
    "location.changed": "locations",
    "tariff.changed": "tariffs",
    "tariff.withdrawn": "tariffs",
    "token.changed": "tokens",
}
_TOLD_TO = {
    "locations": (Role.EMSP, Role.NSP, Role.HUB),
    "tariffs": (Role.EMSP, Role.NSP, Role.HUB),
    "tokens": (Role.CPO, Role.HUB),
}


class _Follows(Filter, frozen=True):
    """The events of objects that somebody may have to be shown: of the one partner that they
    concern, or of a whole role."""

    def admits(self, event: Event) -> bool:
        somebody = event.partner_id or _MODULES.get(event.kind) in _TOLD_TO
        return bool(somebody) and Filter.admits(self, event)


FOLLOWS = _Follows(tuple(_MODULES))


class _Subject(msgspec.Struct):
    """What the events of objects say of theirs."""

    owner: str
    id: str
    version: int
    ours: bool = True


class DeliveriesService:
    """Keeps deliveries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prepare(self, tx: Transaction, events: Sequence[Event]) -> list[Delivery]:
        """Return what partners must be shown of `events`.

        Sessions and CDRs go to the partner concerned, the rest to all of the other role.
        """
        subjects = [
            (event, _MODULES[event.kind], msgspec.json.decode(event.payload_json, type=_Subject))
            for event in events
        ]
        ours = [found for found in subjects if found[2].ours]
        known = await _partners_concerned(tx, ours)
        now = self._database.now()
        fresh: dict[str, Delivery] = {}
        for event, module, subject in ours:
            for partner in _audience(event, module, known):
                delivery = _delivery(partner.id, module, subject, now)
                fresh[delivery.key] = wanted(fresh.get(delivery.key), delivery)
        return list(fresh.values())

    async def plan(self, tx: Transaction, fresh: Sequence[Delivery]) -> None:
        """Make it due."""
        before = await store.by_key(tx, [delivery.key for delivery in fresh])
        await store.add(tx, [delivery for delivery in fresh if delivery.key not in before])
        changed = [wanted(before[d.key], d) for d in fresh if d.key in before]
        await store.change(tx, [d for d in changed if d is not before[d.key]])

    async def stream(self) -> AsyncIterator[Delivery]:
        """Yield what is due, each under a lease, for ever."""

        async def peek(tx: Transaction) -> bool:
            return await store.any_due(tx, self._database.now())

        async def take(tx: Transaction) -> list[Delivery]:
            now = self._database.now()
            taken = [
                msgspec.structs.replace(delivery, leased_until_us=now + LEASE_US)
                for delivery in await store.due(tx, now)
            ]
            await store.change(tx, taken)
            return taken

        while True:
            waiter = self._database.changed.subscribe()
            if await self._database.read(peek):
                for delivery in await self._database.write(take):
                    yield delivery
                continue
            await self._database.changed.wait(waiter, timeout_s=_POLL_S)
            await asyncio.sleep(_SETTLE_S)  # a busy store wakes us all the time; look once for many

    async def report(self, reports: Sequence[Report]) -> list[EngineError | None]:
        """Record how pushes went. A push that went well makes all else for its partner due."""

        async def work(tx: Transaction) -> list[EngineError | None]:
            now = self._database.now()
            known = await store.by_key(tx, [report.key for report in reports])
            answers: list[EngineError | None] = []
            answering = set()
            for report in reports:
                delivery = known.get(report.key)
                if delivery is None:
                    answers.append(NotFound.of("delivery", report.key))
                    continue
                if report.delivered_version and delivery.attempts:
                    answering.add(delivery.partner_id)
                known[report.key] = after(delivery, report, now)
                answers.append(None)
            await store.change(tx, list(known.values()))
            if answering:
                await store.hurry(tx, sorted(answering), now)
            return answers

        return await self._database.write(work)

    async def list_pending(self, *, size: int, token: str, partner_id: str) -> Page[Delivery]:
        position = read_position(token, "")

        async def work(tx: Transaction) -> list[Delivery]:
            return await store.pending(tx, partner_id, position, size + 1)

        return make_page(
            await self._database.read(work), size=size, key=lambda delivery: [delivery.key]
        )


async def _partners_concerned(
    tx: Transaction, subjects: Sequence[tuple[Event, str, _Subject]]
) -> Sequence[Partner]:
    """Return all partners where something is told to all of a role, else those it concerns."""
    if any(module in _TOLD_TO for _, module, _ in subjects):
        return await partners.everyone(tx)
    concerned = {event.partner_id for event, _, _ in subjects if event.partner_id}
    if not concerned:
        return []
    return list((await partners.by_id(tx, sorted(concerned))).values())


def _audience(event: Event, module: str, known: Sequence[Partner]) -> list[Partner]:
    """Return the partners that an event concerns and that want to be shown such objects."""
    roles = _TOLD_TO.get(module)
    return [
        partner
        for partner in known
        if partner.receives(module)
        and (partner.has_role(*roles) if roles else partner.id == event.partner_id)
    ]


def _delivery(partner_id: str, module: str, subject: _Subject, now: int) -> Delivery:
    return Delivery(
        key=delivery_key(partner_id, module, subject.owner, subject.id),
        partner_id=partner_id,
        module=module,
        owner=subject.owner,
        object_id=subject.id,
        version=subject.version,
        delivered_version=0,
        pending=True,
        attempts=0,
        due_us=now,
        leased_until_us=0,
        last_error="",
        remote_url="",
    )
