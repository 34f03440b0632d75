"""The tables of the ledger. Only books and balances ever change; see `triggers.py`."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from engine.db.schema import Mapped, binary, integer, optional_integer, text
from engine.settlement.model import Account, Balance, Book, Entry, Transfer


class PeriodRow(msgspec.Struct, frozen=True):
    book_id: str
    id: str
    recorded_after_us: int | None
    recorded_until_us: int
    closed_us: int
    statement_ids_json: str


class StatementRow(msgspec.Struct, frozen=True):
    book_id: str
    id: str
    period_id: str
    body: bytes


books = Mapped("ledger_book", Book, text("book_id", key=True), integer("recorded_us"))
accounts = Mapped(
    "ledger_account",
    Account,
    text("book_id", key=True),
    text("id", key=True),
    integer("code"),
    text("owner"),
    text("counterparty"),
    text("currency"),
)
balances = Mapped(
    "ledger_balance",
    Balance,
    text("book_id", key=True),
    text("account_id", key=True),
    integer("debits_e4"),
    integer("credits_e4"),
)
entries = Mapped(
    "ledger_entry",
    Entry,
    text("book_id", key=True),
    text("id", key=True),
    text("source"),
    text("reverses"),
    text("debtor"),
    text("creditor"),
    text("currency"),
    integer("amount_e4"),
    integer("transfers"),
    text("description"),
    integer("effective_us"),
    integer("recorded_us"),
    sa.Index("ix_ledger_entry_recorded", "book_id", "recorded_us", unique=True),
    sa.Index("ix_ledger_entry_source", "book_id", "source", unique=True),
)
transfers = Mapped(
    "ledger_transfer",
    Transfer,
    text("book_id", key=True),
    text("id", key=True),
    text("entry_id"),
    integer("seq"),
    text("debit_account_id"),
    text("credit_account_id"),
    sa.Column("amount_e4", sa.BigInteger, sa.CheckConstraint("amount_e4 > 0"), nullable=False),
    text("currency"),
    text("kind"),
    text("source"),
    text("description"),
    integer("effective_us"),
    integer("recorded_us"),
    sa.CheckConstraint("debit_account_id <> credit_account_id", name="accounts_differ"),
    sa.Index("ix_ledger_transfer_recorded", "book_id", "recorded_us", unique=True),
    sa.Index("ix_ledger_transfer_entry", "book_id", "entry_id", "seq", unique=True),
    sa.Index("ix_ledger_transfer_source", "book_id", "source", "recorded_us"),
)
periods = Mapped(
    "settlement_period",
    PeriodRow,
    text("book_id", key=True),
    text("id", key=True),
    optional_integer("recorded_after_us"),
    integer("recorded_until_us"),
    integer("closed_us"),
    text("statement_ids_json"),
    sa.Index("ix_settlement_period_until", "book_id", "recorded_until_us", unique=True),
)
statements = Mapped(
    "settlement_statement",
    StatementRow,
    text("book_id", key=True),
    text("id", key=True),
    text("period_id"),
    binary("body"),
    sa.Index("ix_settlement_statement_period", "book_id", "period_id", "id"),
)
