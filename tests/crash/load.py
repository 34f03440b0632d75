"""The load: stations that charge and a partner that reports and bills, until told to finish.

Each request is delivered one to three times, at times to several engines at once, late, or with its
answer thrown away; and again, under the same request_id, until it is acknowledged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any, Protocol

import grpc
from interwatt.cdrs.v1 import cdr_pb2
from interwatt.cdrs.v1 import cdrs_service_pb2 as cdrs
from interwatt.cdrs.v1.cdrs_service_pb2_grpc import CdrsServiceStub
from interwatt.events.v1 import events_service_pb2 as events
from interwatt.events.v1.events_service_pb2_grpc import EventsServiceStub
from interwatt.sessions.v1 import sessions_service_pb2 as sessions
from interwatt.sessions.v1.sessions_service_pb2_grpc import SessionsServiceStub
from interwatt.settlement.v1 import settlement_service_pb2 as settlement
from interwatt.settlement.v1.settlement_service_pb2_grpc import SettlementServiceStub
from interwatt.tokens.v1 import tokens_service_pb2 as tokens
from interwatt.tokens.v1.tokens_service_pb2_grpc import TokensServiceStub

from gateways.common.engine import Engine
from gateways.common.errors import EngineError, EngineUnavailable
from tests.crash import messages, plan
from tests.crash.journal import Billed, Journal
from tests.crash.plan import Charge, Ending, Roaming

GIVE_UP_SECONDS = 120.0
POLL_SECONDS = 0.1
PROGRESS_SECONDS = 10.0
STEP_SECONDS = 0.02
UNFORESEEN = "UNSPECIFIED"
"""What an error is called that is none of the catalogue."""
CDR = cdr_pb2.Cdr
Send = Callable[[Any, float], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How many play, how long they rest at most between two steps, how many requests are answered
    at most between two kills, and how long faults last."""

    stations: int = 12
    drivers: int = 6
    rest_s: float = 0.25
    close_s: float = 3.0
    answers: int = 60
    fault_s: float = 2.0


class Address(Protocol):
    """Where an engine is."""

    @property
    def address(self) -> str: ...

    @property
    def key(self) -> str: ...


class Client:
    """One engine as a gateway calls it: batches that fill by themselves."""

    def __init__(self, engine: Engine) -> None:
        session, cdr = engine.stub(SessionsServiceStub), engine.stub(CdrsServiceStub)
        closing = engine.stub(SettlementServiceStub)
        batches = (
            (engine.stub(TokensServiceStub).PutTokens, tokens.PutTokensRequest),
            (session.StartSessions, sessions.StartSessionsRequest),
            (session.RecordMeterReadings, sessions.RecordMeterReadingsRequest),
            (session.StopSessions, sessions.StopSessionsRequest),
            (session.PutPartnerSessions, sessions.PutPartnerSessionsRequest),
            (cdr.ImportCdrs, cdrs.ImportCdrsRequest),
        )
        self._sends: dict[str, Send] = {}
        for call, request in batches:
            coalescer = engine.coalescer(call, request)
            self._sends[coalescer.name] = self._batched(coalescer)
        self._sends["AcceptCdr"] = self._alone(cdr.AcceptCdr)
        self._sends["ClosePeriod"] = self._alone(closing.ClosePeriod)
        self.get_cdr = cdr.GetCdr
        self.stream_events = engine.stub(EventsServiceStub).StreamEvents

    async def send(self, method: str, item: Any, timeout_s: float) -> Any:
        return await self._sends[method](item, timeout_s)

    @staticmethod
    def _batched(coalescer: Any) -> Send:
        return lambda item, timeout_s: coalescer.call(item, timeout=timeout_s)

    @staticmethod
    def _alone(call: Any) -> Send:
        return lambda item, timeout_s: call(item, timeout=timeout_s)


class Load:
    """Everything that happens to the engines but their death."""

    def __init__(self, clients: Sequence[Client], journal: Journal, seed: int, pace: Pace) -> None:
        self._clients = clients
        self.journal = journal
        self._expected = journal.expected
        self._seed = seed
        self.pace = pace
        self._dice = Random(f"{seed}/load")
        self._finishing = asyncio.Event()
        self._echoes: set[asyncio.Task[Any]] = set()
        self._players: list[asyncio.Task[None]] = []
        self.seen: dict[int, tuple[str, str]] = {}
        """Events that a reader was told while all this went on: number, kind and subject."""

    @classmethod
    async def connect(
        cls,
        stack: AsyncExitStack,
        engines: Sequence[Address],
        journal: Journal,
        seed: int,
        pace: Pace,
    ) -> Load:
        clients = [
            Client(
                await stack.enter_async_context(
                    Engine.connect(
                        address=engine.address, key=engine.key, gateway_id=f"g{n}", stop_grace=0.5
                    )
                )
            )
            for n, engine in enumerate(engines)
        ]
        return cls(clients, journal, seed, pace)

    def start(self) -> None:
        """Begin to play."""
        players = [self._station(n) for n in range(self.pace.stations)]
        players += [self._drivers(n) for n in range(self.pace.drivers)]
        players += [self._closings(), self._put_tokens()]
        self._players = [asyncio.create_task(player) for player in players]
        self._reader = asyncio.create_task(self._read_events())

    @property
    def charges(self) -> int:
        return len(self._expected.charges)

    @property
    def failed(self) -> bool:
        """Whether a player ended before its time."""
        return any(p.done() and p.exception() is not None for p in self._players)

    async def progress(self, answers: int) -> None:
        """Wait until so many more requests were acknowledged, or for a while."""
        enough = len(self.journal.acknowledged) + answers
        for _ in range(int(PROGRESS_SECONDS / STEP_SECONDS)):
            if len(self.journal.acknowledged) >= enough or self.failed:
                return
            await asyncio.sleep(STEP_SECONDS)

    async def finish(self) -> None:
        """Let everyone end what they began, and the last repetitions arrive."""
        self._finishing.set()
        for ended in await asyncio.gather(*self._players, return_exceptions=True):
            if ended is not None:
                self.journal.problem(f"The load failed: {ended!r}")
        await asyncio.gather(*self._echoes)

    async def stop_reading(self, until: int) -> None:
        """Wait until the reader of events has seen number `until`."""
        for _ in range(int(GIVE_UP_SECONDS / POLL_SECONDS)):
            if len(self.seen) >= until:
                break
            await asyncio.sleep(POLL_SECONDS)
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    # The stations.

    async def _station(self, station: int) -> None:
        for number in count():
            if self._finishing.is_set():
                return
            await self._charge(plan.charge(self._seed, station, number))

    async def _charge(self, charge: Charge) -> None:
        if charge.stop_first:
            await self._deliver("StopSessions", messages.stop(charge, 0))
        started = await self._deliver("StartSessions", messages.start(charge))
        session = started.session
        self._expected.charges[session.id] = charge
        readings = [
            messages.meter(charge, session.transaction_id, n)
            for n in range(len(charge.readings_mwh))
        ]
        said = [self._deliver("RecordMeterReadings", reading) for reading in readings]
        if charge.retold:
            said.append(self._retell(charge, session))
        if self._dice.random() < 0.5:  # the meter's messages may overtake each other and the stop
            said.append(self._stop(charge, session))
            self._dice.shuffle(said)
            await asyncio.gather(*said)
        else:
            for one in said:
                await self._rest()
                await one
            await self._stop(charge, session)
        await self._rest()

    async def _retell(self, charge: Charge, session: Any) -> None:
        again = (await self._deliver("StartSessions", messages.start(charge, "-again"))).session
        self.journal.equal(
            f"{charge.name} told twice",
            (again.id, again.transaction_id),
            (session.id, session.transaction_id),
        )

    async def _stop(self, charge: Charge, session: Any) -> None:
        ended = await self._deliver("StopSessions", messages.stop(charge, session.transaction_id))
        if not charge.stop_first:
            self.journal.equal(f"{charge.name} stopped", ended and ended.session.id, session.id)

    # The partner.

    async def _drivers(self, first: int) -> None:
        for number in count(first, self.pace.drivers):
            if self._finishing.is_set():
                return
            await self._roam(plan.roaming(self._seed, number))
            await self._rest()

    async def _roam(self, roaming: Roaming) -> None:
        await self._deliver("PutPartnerSessions", messages.report(roaming, 0))
        self._expected.roaming[roaming.name] = roaming
        reports = []
        for number in roaming.order:
            reports.append(self._deliver("PutPartnerSessions", messages.report(roaming, number)))
            await self._rest()
        await asyncio.gather(*reports, self._bill(roaming))

    async def _bill(self, roaming: Roaming) -> None:
        right = plan.bill(roaming.currency, roaming.energy_mwh)
        other = plan.bill(roaming.currency, roaming.energy_mwh + 200_000)
        back = plan.bill(roaming.currency, roaming.energy_mwh, sign=-1)
        first, credit = f"{roaming.name}-C", f"{roaming.name}-K"
        match roaming.ending:
            case Ending.PLAIN:
                await self._import(roaming, first, right)
            case Ending.CREDITED:
                await self._import(roaming, first, right)
                await self._import(roaming, credit, back, credits_=first)
            case Ending.REPLACED:
                await self._import(roaming, first, right)
                await self._import(roaming, credit, back, credits_=first)
                await self._import(roaming, f"{roaming.name}-R", other)
            case Ending.CONFLICT:
                await self._import(roaming, first, right)
                await self._refused(messages.cdr(roaming, first, other))
            case Ending.RACE:
                await self._race(roaming, first, (right, other))
            case Ending.RIVALS:
                ids = [f"{roaming.name}-V{n}" for n in range(2)]
                self._expected.one_of.append({id_: _billed(right) for id_ in ids})
                await asyncio.gather(*(self._send_cdr(roaming, id_, right) for id_ in ids))
            case Ending.RIVAL_CREDITS:
                await self._import(roaming, first, right)
                ids = [f"{roaming.name}-K{n}" for n in range(2)]
                self._expected.one_of.append({id_: _billed(back) for id_ in ids})
                await asyncio.gather(
                    *(self._send_cdr(roaming, id_, back, credits_=first) for id_ in ids)
                )
            case Ending.WRONG:
                await self._accept(roaming, first)
            case Ending.ORPHAN:
                self._expected.held.add(credit)
                await self._send_cdr(roaming, credit, back, credits_=first)

    async def _import(
        self, roaming: Roaming, id_: str, asked: plan.Bill, *, credits_: str = ""
    ) -> None:
        """Import a CDR that ends in the ledger."""
        await self._send_cdr(roaming, id_, asked, credits_=credits_)
        self._expected.posted[id_] = _billed(asked)

    async def _send_cdr(
        self, roaming: Roaming, id_: str, asked: plan.Bill, *, credits_: str = ""
    ) -> None:
        item = messages.cdr(roaming, id_, asked, credits_=credits_)
        answer = await self._deliver("ImportCdrs", item)
        self.journal.equal(f"CDR {id_}", answer is not None and answer.cdr.id, id_)

    async def _refused(self, item: Any) -> None:
        answer = await self._deliver("ImportCdrs", item)
        self.journal.equal(f"conflict of {item.request_id}", answer, None)

    async def _race(self, roaming: Roaming, id_: str, contents: Sequence[plan.Bill]) -> None:
        """Send two contents under one id at once: one is kept, the other is told so."""
        answers = await asyncio.gather(
            *(self._deliver("ImportCdrs", messages.cdr(roaming, id_, asked)) for asked in contents)
        )
        won = [asked for asked, a in zip(contents, answers, strict=True) if a is not None]
        self.journal.equal(f"winners of {id_}", len(won), 1)
        self._expected.posted[id_] = _billed(won[0])

    async def _accept(self, roaming: Roaming, id_: str) -> None:
        """Bill too much, and have a person accept it."""
        asked = plan.bill(roaming.currency, roaming.energy_mwh, extra=plan.Decimal(1))
        await self._send_cdr(roaming, id_, asked)
        await self._until_held(id_)
        request = cdrs.AcceptCdrRequest(request_id=f"{id_}/accept", owner=messages.THEIRS, id=id_)
        await self._deliver("AcceptCdr", request)
        self._expected.posted[id_] = _billed(asked)

    async def _until_held(self, id_: str) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + GIVE_UP_SECONDS
        request = cdrs.GetCdrRequest(owner=messages.THEIRS, id=id_)
        while loop.time() < deadline:
            try:
                found = await self._dice.choice(self._clients).get_cdr(request, timeout=2)
                if found.cdr.state == CDR.STATE_HELD:
                    return
            except (EngineUnavailable, EngineError) as error:
                if isinstance(error, EngineError) and not error.transient:
                    raise
            await asyncio.sleep(POLL_SECONDS)
        raise AssertionError(f"CDR {id_} was not held.")

    # The office.

    async def _put_tokens(self) -> None:
        for number in count():
            if self._finishing.is_set():
                return
            uid = f"SUN-CHURN-{number}"
            versions = list(range(plan.TOKEN_VERSIONS))
            self._dice.shuffle(versions)
            puts = []
            for version in versions:
                puts.append(
                    asyncio.create_task(
                        self._deliver("PutTokens", messages.put_token(uid, version))
                    )
                )
                await self._rest()
            await asyncio.gather(*puts)
            self._expected.tokens[uid] = max(versions)

    async def _closings(self) -> None:
        for number in count():
            try:
                await asyncio.wait_for(self._finishing.wait(), self.pace.close_s)
                return
            except TimeoutError:
                await self.close_period(f"P{number:05}")

    async def close_period(self, name: str) -> None:
        request = settlement.ClosePeriodRequest(request_id=f"close/{name}", period_id=name)
        closed = await self._deliver("ClosePeriod", request)
        for statement in closed.statements:
            self._expected.statements[statement.id] = statement

    async def _read_events(self) -> None:
        """Follow all events, each once, from one engine and then another."""
        while True:
            request = events.StreamEventsRequest(after_seq=len(self.seen))
            try:
                stream = self._dice.choice(self._clients).stream_events(
                    request, timeout=self._dice.uniform(1, 20)
                )
                async for answer in stream:
                    for event in answer.events:
                        self.journal.equal("next event", event.seq, len(self.seen) + 1)
                        self.seen[event.seq] = (event.kind, event.subject)
            except (EngineUnavailable, EngineError) as error:
                if isinstance(error, EngineError) and not error.transient:
                    self.journal.problem(f"events: {error.name}: {error.message}")
            await asyncio.sleep(POLL_SECONDS)

    # The wire.

    async def _deliver(self, method: str, item: Any) -> Any:
        """Deliver one to three times; returns the first answer, nothing where it was an error."""
        copies = self._dice.choices((0, 1, 2), (6, 3, 1))[0]
        for _ in range(copies):
            echo = asyncio.create_task(self._late(method, item, self._dice.expovariate(4)))
            self._echoes.add(echo)
            echo.add_done_callback(self._echoes.discard)
        return await self._until_acknowledged(method, item)

    async def _late(self, method: str, item: Any, after_s: float) -> None:
        if self._dice.random() < 0.6:
            await asyncio.sleep(after_s)
        try:
            await self._until_acknowledged(method, item)
        except AssertionError as error:
            self.journal.problem(str(error))

    async def _until_acknowledged(self, method: str, item: Any) -> Any:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + GIVE_UP_SECONDS
        while loop.time() < deadline:
            # Now and then nobody waits for the answer: it may get lost on its way.
            timeout_s = 0.005 if self._dice.random() < 0.05 else self._dice.uniform(1, 5)
            try:
                answer = await self._dice.choice(self._clients).send(method, item, timeout_s)
                return self.journal.note(method, item, answer, "")
            except EngineUnavailable:
                self.journal.unanswered["none"] += 1
            except EngineError as error:
                if error.name == UNFORESEEN:
                    self.journal.problem(f"{item.request_id}: failed: {error.message}")
                elif not error.transient:
                    self.journal.note(method, item, None, error.name)
                    return None
                self.journal.unanswered[error.name] += 1
            await asyncio.sleep(self._dice.uniform(0, POLL_SECONDS))
        raise AssertionError(f"{item.request_id} was not answered in {GIVE_UP_SECONDS:g} s.")

    async def _rest(self) -> None:
        await asyncio.sleep(self._dice.uniform(0, self.pace.rest_s))


def _billed(asked: plan.Bill) -> Billed:
    return Billed("NL-IWT", "DE-SUN", asked.currency, asked.incl)


async def furnish(engine: Address, stations: int) -> None:
    """Make what the load is about."""
    # Here and not above: it takes the engine's own code along, which nothing else here needs.
    from tests.engine.rpc.running import Caller  # noqa: PLC0415

    async with grpc.aio.insecure_channel(engine.address) as channel:
        call = Caller(channel, engine.key).call
        await call(
            "PutTariffs", _one({"document": messages.OUR_TARIFF, "ocpi_version": "2.2.1"}, "tariff")
        )
        await call("PutLocations", _one(_location(stations), "location"))
        for n in range(stations):
            station = {
                "id": f"CS{n}",
                "location_id": "LOC1",
                "connectors": [{"number": 1, "evse_uid": f"E{n}", "connector_id": "1"}],
                "settings": {"security_profile": 0},
            }
            await call("PutStation", {"request_id": f"setup/CS{n}", "station": station})
        await call("CreatePartner", {"request_id": "setup/partner", "id": messages.PARTNER})
        await call("RegisterPartner", _registration())
        cards = [messages.token(messages.OURS, plan.our_card(n)) for n in range(plan.CARDS)]
        cards += [messages.token(messages.THEIRS, plan.their_card(n)) for n in range(plan.CARDS)]
        puts = [{"request_id": f"setup/{card['uid']}", "token": card} for card in cards]
        for outcome in (await call("PutTokens", {"items": puts})).outcomes:
            assert not outcome.HasField("error"), outcome.error


def _one(thing: dict[str, Any], name: str) -> dict[str, Any]:
    return {"items": [{"request_id": f"setup/{name}", name: thing}]}


def _location(evses: int) -> dict[str, Any]:
    connector = {
        "id": "1",
        "standard": "IEC_62196_T2",
        "format": "SOCKET",
        "power_type": "AC_3_PHASE",
        "max_voltage": 400,
        "max_amperage": 32,
        "tariff_ids": ["T1"],
    }
    return {
        "owner": messages.OURS,
        "id": "LOC1",
        "name": "Station square",
        "address": "Stationsplein 1",
        "city": "Utrecht",
        "postal_code": "3511ED",
        "country": "NLD",
        "latitude": "52.089",
        "longitude": "5.110",
        "time_zone": "Europe/Amsterdam",
        "publish": True,
        "evses": [
            {
                "uid": f"E{n}",
                "evse_id": f"NL*IWT*E{n}",
                "status": "STATUS_AVAILABLE",
                "connectors": [connector],
                "last_updated": messages.at(plan.FIRST_START),
            }
            for n in range(evses)
        ],
        "last_updated": messages.at(plan.FIRST_START),
    }


def _registration() -> dict[str, Any]:
    return {
        "request_id": "setup/registration",
        "partner_id": messages.PARTNER,
        "their_token": "their-token",
        "versions_url": "https://sun.example/versions",
        "ocpi_version": "2.2.1",
        "endpoints": [
            {"module": module, "interface_role": role, "url": f"https://sun.example/{module}"}
            for module in ("tokens", "sessions", "cdrs")
            for role in ("SENDER", "RECEIVER")
        ],
        "parties": [{"party": messages.THEIRS, "role": role, "name": "Sun"} for role in (1, 2)],
    }
