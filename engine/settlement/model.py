"""The ledger's shapes: accounts, entries, transfers, periods, statements, and the result codes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum

import msgspec

from engine.kernel.clock import Micros
from engine.kernel.ids import natural_id
from engine.kernel.party import PartyKey

BOOK = "main"
"""The one book of an installation. It leads every key, so that books can move apart later."""

MAX_E4 = 2**63 - 1
"""The largest amount or balance."""

UNBILLED_RECEIVABLE = 1100
UNBILLED_PAYABLE = 2100

CHART: Mapping[int, str] = {
    UNBILLED_RECEIVABLE: "Unbilled receivable from eMSP",
    UNBILLED_PAYABLE: "Unbilled payable to CPO",
}
"""The chart of accounts: number and name."""


class Part(StrEnum):
    """What a transfer is for."""

    ENERGY = "ENERGY"
    TIME = "TIME"
    PARKING_TIME = "PARKING_TIME"
    FLAT = "FLAT"
    RESERVATION = "RESERVATION"
    VAT = "VAT"
    LIMIT = "LIMIT"
    ROUNDING = "ROUNDING"
    OTHER = "OTHER"


class Book(msgspec.Struct, frozen=True):
    """A set of accounts with one clock.

    Attributes:
        recorded_us: the last instant it gave; the next is later.
    """

    book_id: str
    recorded_us: int

    def next_us(self, now: Micros) -> Micros:
        """Return the next instant: now, or just after the last where the clock went back."""
        return Micros(max(now, self.recorded_us + 1))


class Account(msgspec.Struct, frozen=True):
    """One place money can be.

    Attributes:
        owner: whose money.
        counterparty: against whom.
    """

    book_id: str
    id: str
    code: int
    owner: PartyKey
    counterparty: PartyKey
    currency: str


class Balance(msgspec.Struct, frozen=True):
    """What has moved through an account."""

    book_id: str
    account_id: str
    debits_e4: int
    credits_e4: int


class Entry(msgspec.Struct, frozen=True):
    """A business act; its transfers commit together.

    Attributes:
        source: what caused it, e.g. `"cdr/NL-IWT/0190..."`.
        reverses: the entry it takes back, or "".
        amount_e4: what moves from debtor to creditor; below zero for a credit.
        transfers: how many.
    """

    book_id: str
    id: str
    source: str
    reverses: str
    debtor: PartyKey
    creditor: PartyKey
    currency: str
    amount_e4: int
    transfers: int
    description: str
    effective_us: int
    recorded_us: int


class Transfer(msgspec.Struct, frozen=True):
    """One amount from one account to another.

    Attributes:
        seq: place in its entry, from 0.
    """

    book_id: str
    id: str
    entry_id: str
    seq: int
    debit_account_id: str
    credit_account_id: str
    amount_e4: int
    currency: str
    kind: str
    source: str
    description: str
    effective_us: int
    recorded_us: int


class Posting(msgspec.Struct, frozen=True):
    """An entry to post, with the accounts it needs; the book gives the recorded instants."""

    entry: Entry
    accounts: tuple[Account, ...]
    transfers: tuple[Transfer, ...]


class SettlementPeriod(msgspec.Struct, frozen=True):
    """A closed stretch of a book.

    Attributes:
        recorded_after_us: entries recorded after this; nothing for the first period.
        recorded_until_us: up to and including this.
    """

    book_id: str
    id: str
    recorded_after_us: int | None
    recorded_until_us: int
    closed_us: int
    statement_ids: tuple[str, ...]


class StatementLine(msgspec.Struct, frozen=True):
    """One entry on a statement; `amount_e4` is what the debtor pays the creditor."""

    debtor: PartyKey
    creditor: PartyKey
    source: str
    description: str
    transfers: tuple[Transfer, ...]
    amount_e4: int


class Statement(msgspec.Struct, frozen=True):
    """What two parties owe each other over one period, in one currency."""

    id: str
    period_id: str
    party_a: PartyKey
    party_b: PartyKey
    currency: str
    lines: tuple[StatementLine, ...]
    a_owes_b_e4: int
    b_owes_a_e4: int
    closed_us: int

    @property
    def net_e4(self) -> int:
        """Above zero when A owes B."""
        return self.a_owes_b_e4 - self.b_owes_a_e4


class Result(IntEnum):
    """What became of a transfer: a closed list, in the order in which faults are looked for."""

    OK = 0
    LINKED_TRANSFER_FAILED = 1
    ID_MUST_NOT_BE_EMPTY = 2
    AMOUNT_MUST_BE_ABOVE_ZERO = 3
    ACCOUNTS_MUST_DIFFER = 4
    DEBIT_ACCOUNT_NOT_FOUND = 5
    CREDIT_ACCOUNT_NOT_FOUND = 6
    ACCOUNTS_MUST_SHARE_A_CURRENCY = 7
    TRANSFER_MUST_SHARE_THE_ACCOUNTS_CURRENCY = 8
    EXISTS_WITH_DIFFERENT_ENTRY = 9
    EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT = 10
    EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT = 11
    EXISTS_WITH_DIFFERENT_AMOUNT = 12
    EXISTS_WITH_DIFFERENT_CURRENCY = 13
    EXISTS_WITH_DIFFERENT_KIND = 14
    EXISTS_WITH_DIFFERENT_EFFECTIVE_TIME = 15
    EXISTS = 16
    OVERFLOWS_DEBITS = 17
    OVERFLOWS_CREDITS = 18


class LedgerHaltedError(Exception):
    """A posting that cannot be right: its poster stops until a person has looked.

    Attributes:
        result: what is wrong with the transfer `transfer_id`.
    """

    def __init__(self, result: Result, transfer_id: str, source: str) -> None:
        super().__init__(f"Transfer {transfer_id} of {source}: {result.name.lower()}.")
        self.result = result
        self.transfer_id = transfer_id
        self.source = source


def account_id(code: int, owner: PartyKey, counterparty: PartyKey, currency: str) -> str:
    return f"{code}/{owner}/{counterparty}/{currency}"


def account(code: int, owner: PartyKey, counterparty: PartyKey, currency: str) -> Account:
    id_ = account_id(code, owner, counterparty, currency)
    return Account(BOOK, id_, code, owner, counterparty, currency)


def ledger_id(*natural_key: str) -> str:
    """Return the id, in 32 hexadecimal digits, of what `natural_key` names."""
    return natural_id(*natural_key).replace("-", "")
