"""What must hold once the dust has settled; each check compares one engine with the journal."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import grpc
from interwatt.cdrs.v1.cdr_pb2 import Cdr
from interwatt.sessions.v1.session_pb2 import Session
from interwatt.settlement.v1.settlement_pb2 import Account

from tests.crash import plan
from tests.crash.journal import Acknowledged, Billed, Journal
from tests.crash.load import Address

SETTLE_SECONDS = 60.0
PAGE = 500
BATCH = 200
MAX_MESSAGE_BYTES = 32 * 1024 * 1024
RECEIVABLE, PAYABLE = 1100, 2100
ONCE = (
    "session.started",
    "session.completed",
    "cdr.received",
    "cdr.held",
    "cdr.issued",
    "cdr.accepted",
    "ledger.posted",
    "period.closed",
)


@dataclass(slots=True)
class Found:
    """What one engine has."""

    sessions: list[Any] = field(default_factory=list)
    cdrs: list[Any] = field(default_factory=list)
    tokens: list[Any] = field(default_factory=list)
    transfers: list[Any] = field(default_factory=list)
    accounts: list[Any] = field(default_factory=list)
    statements: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)


class Reader:
    """Reads one engine, everything of it."""

    def __init__(self, engine: Address) -> None:
        from tests.engine.rpc.running import Caller  # noqa: PLC0415 - see load.furnish

        self._channel = grpc.aio.insecure_channel(
            engine.address,
            options=[
                ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
                ("grpc.initial_reconnect_backoff_ms", 100),
                ("grpc.max_reconnect_backoff_ms", 500),
            ],
        )
        self._caller = Caller(self._channel, engine.key)

    async def close(self) -> None:
        await self._channel.close()

    async def call(self, method: str, request: Any) -> Any:
        return await self._caller.call(method, request, timeout_s=60)

    async def pages(self, method: str, name: str, size: int = PAGE, **wanted: Any) -> list[Any]:
        found: list[Any] = []
        token = ""
        while True:
            page = await self.call(method, {"page_size": size, "page_token": token} | wanted)
            found += getattr(page, name)
            token = page.next_page_token
            if not token:
                return found

    async def events(self) -> list[Any]:
        found: list[Any] = []
        while True:
            after = found[-1].seq if found else 0
            page = await self.call("ListEvents", {"after_seq": after, "page_size": 1000})
            if not page.events:
                return found
            found += page.events

    async def everything(self) -> Found:
        return Found(
            sessions=await self.pages("ListSessions", "sessions"),
            cdrs=await self.pages("ListCdrs", "cdrs"),
            tokens=await self.pages("ListTokens", "tokens"),
            transfers=await self.pages("ListTransfers", "transfers", 1000),
            accounts=await self.pages("ListAccounts", "accounts"),
            statements=await self.pages("ListStatements", "statements", 20),
            events=await self.events(),
        )


async def await_settled(reader: Reader, journal: Journal) -> None:
    """Wait until followers have done what is theirs to do."""
    expected = journal.expected
    posted = len(expected.charges) + len(expected.posted) + len(expected.one_of)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SETTLE_SECONDS
    while True:
        counts = {}
        for state in ("STATE_POSTED", "STATE_RECEIVED", "STATE_ACCEPTED"):
            page = await reader.call("ListCdrs", {"page_size": 1, "state": state})
            counts[state] = page.total_size
        if counts == {"STATE_POSTED": posted, "STATE_RECEIVED": 0, "STATE_ACCEPTED": 0}:
            return
        if loop.time() > deadline:
            journal.problem(f"CDRs did not settle: expected {posted} posted, found {counts}")
            return
        await asyncio.sleep(0.2)


async def replay(readers: Sequence[Reader], journal: Journal, dice: Random) -> int:
    """Ask everything that was acknowledged again; returns how many answers were compared."""
    batches: dict[str, list[Acknowledged]] = defaultdict(list)
    for known in journal.acknowledged.values():
        batches[known.method].append(known)
    compared = 0
    for method, asked in batches.items():
        dice.shuffle(asked)
        alone = method in ("AcceptCdr", "ClosePeriod")
        for first in range(0, len(asked), 1 if alone else BATCH):
            batch = asked[first : first + (1 if alone else BATCH)]
            reader = dice.choice(readers)
            if alone:
                answers = [await reader.call(method, batch[0].item)]
            else:
                request = {"items": [known.item for known in batch]}
                answers = list((await reader.call(method, request)).outcomes)
            for known, answer in zip(batch, answers, strict=True):
                _compare(known, answer, journal)
            compared += len(batch)
    return compared


def _compare(known: Acknowledged, answer: Any, journal: Journal) -> None:
    fields = answer.DESCRIPTOR.fields_by_name
    failed = "error" in fields and answer.HasField("error")
    if failed:
        journal.note(known.method, known.item, None, _reason(answer.error.reason))
        return
    if "replayed" in fields and not answer.replayed:
        journal.problem(f"{known.item.request_id}: was acknowledged and then done anew")
    journal.note(known.method, known.item, answer, "")


def _reason(number: int) -> str:
    from interwatt.common.v1.error_reason_pb2 import ErrorReason  # noqa: PLC0415

    return ErrorReason.Name(number).removeprefix("ERROR_REASON_")


def check(found: Found, journal: Journal) -> None:
    """Hold what one engine has against what was acknowledged."""
    _sessions(found, journal)
    _tokens(found, journal)
    billed = _cdrs(found, journal)
    _ledger(found, billed, journal)
    _statements(found, billed, journal)
    _events(found, journal)


def _sessions(found: Found, journal: Journal) -> None:
    expected = journal.expected
    ours = {s.id: s for s in found.sessions if s.at_our_station}
    theirs = {s.id: s for s in found.sessions if not s.at_our_station}
    journal.equal("sessions", len(found.sessions), len(expected.charges) + len(expected.roaming))
    journal.equal("ids of our sessions", set(ours), set(expected.charges))
    journal.equal("ids of their sessions", set(theirs), set(expected.roaming))
    transactions = Counter(session.transaction_id for session in ours.values())
    doubled = [number for number, times in transactions.items() if times > 1]
    journal.equal("transaction ids given twice", doubled, [])
    for id_, charge in expected.charges.items():
        if id_ in ours:
            session = ours[id_]
            journal.equal(
                f"session of {charge.name}",
                (session.state, session.energy_mwh, session.ended_at.seconds, session.station_id),
                (Session.STATE_COMPLETED, charge.energy_mwh, charge.stopped_at, charge.station),
            )
    for id_, roaming in expected.roaming.items():
        if id_ in theirs:
            session = theirs[id_]
            journal.equal(
                f"session {id_}",
                (session.state, session.energy_mwh),
                (Session.STATE_COMPLETED, roaming.energy_mwh),
            )


def _tokens(found: Found, journal: Journal) -> None:
    issuers = {token.uid: token.issuer for token in found.tokens}
    journal.equal("tokens", len(found.tokens), len(issuers))
    for uid, version in journal.expected.tokens.items():
        journal.equal(f"token {uid}", issuers.get(uid), f"Version {version}")


def _cdrs(found: Found, journal: Journal) -> dict[str, Billed]:
    """Check the CDRs; returns what must be in the ledger, by source."""
    expected = journal.expected
    billed: dict[str, Billed] = {}
    of_session: Counter[str] = Counter()
    theirs: dict[str, Any] = {}
    for cdr in found.cdrs:
        if not cdr.issued:
            theirs[cdr.id] = cdr
            continue
        of_session[cdr.session_id] += 1
        charge = expected.charges.get(cdr.session_id)
        if charge is not None:
            debtor = "DE-SUN" if charge.card.startswith("SUN") else "NL-IWT"
            billed[f"cdr/NL-IWT/{cdr.id}"] = Billed(debtor, "NL-IWT", "EUR", charge.total)
            _posted(cdr, charge.total, charge.name, journal)
    wrong = {id_: times for id_, times in of_session.items() if times != 1}
    journal.equal("sessions with several CDRs", wrong, {})
    missing = [c.name for id_, c in expected.charges.items() if not of_session[id_]]
    journal.equal("charges without a CDR", missing, [])
    journal.equal("ids of their CDRs", set(theirs), expected.partner_cdrs)
    for id_, asked in _settled(theirs, journal).items():
        billed[f"cdr/DE-SUN/{id_}"] = asked
        if id_ in theirs:
            _posted(theirs[id_], asked.total, id_, journal)
    for id_ in expected.held & set(theirs):
        journal.equal(f"state of {id_}", theirs[id_].state, Cdr.STATE_HELD)
    return billed


def _settled(theirs: dict[str, Any], journal: Journal) -> dict[str, Billed]:
    """Return the partner's CDRs that must be posted; of rivals the one that is."""
    settled = dict(journal.expected.posted)
    for group in journal.expected.one_of:
        posted = [i for i in group if i in theirs and theirs[i].state == Cdr.STATE_POSTED]
        journal.equal(f"posted of {sorted(group)}", len(posted), 1)
        settled |= {id_: group[id_] for id_ in posted}
    return settled


def _posted(cdr: Any, total: Decimal, name: str, journal: Journal) -> None:
    journal.equal(f"state of the CDR of {name}", cdr.state, Cdr.STATE_POSTED)
    journal.equal(f"total of the CDR of {name}", cdr.total_cost.incl_vat.amount_e4, plan.e4(total))


def _ledger(found: Found, billed: dict[str, Billed], journal: Journal) -> None:
    entries: dict[str, set[str]] = defaultdict(set)
    sums: Counter[str] = Counter()
    per_currency: Counter[str] = Counter()
    for transfer in found.transfers:
        entries[transfer.source].add(transfer.entry_id)
        forward = transfer.debit_account_id.startswith(f"{RECEIVABLE}/")
        amount = transfer.amount.amount_e4 if forward else -transfer.amount.amount_e4
        sums[transfer.source] += amount
        per_currency[transfer.amount.currency] += amount
    journal.equal("sources in the ledger", set(entries), set(billed))
    several = {source: len(ids) for source, ids in entries.items() if len(ids) != 1}
    journal.equal("sources with several entries", several, {})
    for source, asked in billed.items():
        journal.equal(f"posted for {source}", sums[source], plan.e4(asked.total))
    for currency in {asked.currency for asked in billed.values()}:
        total = sum((b.total for b in billed.values() if b.currency == currency), Decimal(0))
        journal.equal(f"sum in {currency}", per_currency[currency], plan.e4(total))
    _accounts(found.accounts, billed, journal)


def _accounts(accounts: Sequence[Account], billed: dict[str, Billed], journal: Journal) -> None:
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for asked in billed.values():
        between = f"{asked.debtor}/{asked.creditor}/{asked.currency}"
        back = f"{asked.creditor}/{asked.debtor}/{asked.currency}"
        expected[f"{RECEIVABLE}/{between}"] += asked.total
        expected[f"{PAYABLE}/{back}"] -= asked.total
    net: Counter[str] = Counter()
    balance: Counter[str] = Counter()
    for account in accounts:
        moved = account.debits_posted.amount_e4 - account.credits_posted.amount_e4
        net[account.id] = moved
        balance[account.debits_posted.currency] += moved
    for currency, left in balance.items():
        journal.equal(f"debits less credits in {currency}", left, 0)
    for id_, amount in expected.items():
        journal.equal(f"account {id_}", net[id_], plan.e4(amount))


def _statements(found: Found, billed: dict[str, Billed], journal: Journal) -> None:
    lines: Counter[str] = Counter()
    amounts: dict[str, int] = {}
    for statement in found.statements:
        owed = {"a": 0, "b": 0}
        for line in statement.lines:
            lines[line.source] += 1
            known = line.source in billed
            # A credit is owed the other way round.
            back = known and _party(line.debtor) != billed[line.source].debtor
            amounts[line.source] = -line.amount.amount_e4 if back else line.amount.amount_e4
            owed["a" if line.debtor == statement.party_a else "b"] += line.amount.amount_e4
        if statement.party_a != statement.party_b:
            journal.equal(
                f"sums of {statement.id}",
                (statement.a_owes_b.amount_e4, statement.b_owes_a.amount_e4),
                (owed["a"], owed["b"]),
            )
    several = {source: times for source, times in lines.items() if times != 1}
    journal.equal("sources on several lines", several, {})
    journal.equal("sources on statements", set(lines), set(billed))
    for source, asked in billed.items():
        journal.equal(f"line of {source}", amounts.get(source), plan.e4(asked.total))
    stored = {statement.id: statement for statement in found.statements}
    for id_, statement in journal.expected.statements.items():
        if stored.get(id_) != statement:
            journal.problem(f"statement {id_} is not the one that was closed")


def _party(party: Any) -> str:
    return f"{party.country_code}-{party.party_id}"


def _events(found: Found, journal: Journal) -> None:
    journal.equal(
        "numbers of events", [e.seq for e in found.events], list(range(1, len(found.events) + 1))
    )
    told: Counter[tuple[str, str]] = Counter(
        (event.kind, event.subject) for event in found.events if event.kind in ONCE
    )
    twice = [f"{kind} of {subject}" for (kind, subject), times in told.items() if times > 1]
    journal.equal("events told twice", twice, [])
    kinds = Counter(kind for kind, _ in told)
    states = Counter(cdr.state for cdr in found.cdrs)
    issued = sum(cdr.issued for cdr in found.cdrs)
    journal.equal("session.completed", kinds["session.completed"], len(journal.expected.charges))
    journal.equal("cdr.issued", kinds["cdr.issued"], issued)
    journal.equal("cdr.received", kinds["cdr.received"], len(found.cdrs) - issued)
    journal.equal("cdr.accepted", kinds["cdr.accepted"], states[Cdr.STATE_POSTED])
    journal.equal("ledger.posted", kinds["ledger.posted"], states[Cdr.STATE_POSTED])


def check_seen(seen: dict[int, tuple[str, str]], events: Sequence[Any], journal: Journal) -> None:
    """What a reader was told is what happened."""
    journal.equal("events seen", len(seen), len(events))
    for event in events:
        if seen.get(event.seq, (event.kind, event.subject)) != (event.kind, event.subject):
            journal.problem(f"event {event.seq} was {seen[event.seq]}, is {event.kind}")
