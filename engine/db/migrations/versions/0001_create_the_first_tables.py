"""Create the first tables.

All of them at once: there was nothing before, so nothing is locked. Rows of the ledger are never
changed or deleted, whoever writes to it; triggers see to that.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSERT_ONLY = (
    "ledger_account",
    "ledger_entry",
    "ledger_transfer",
    "settlement_period",
    "settlement_statement",
)


def upgrade() -> None:
    op.create_table(
        "authorization",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("uid_key", sa.Text(), nullable=False),
        sa.Column("token_json", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("auth_method", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("info", sa.Text(), nullable=False),
        sa.Column("decided_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorization")),
    )
    op.create_index(
        op.f("ix_authorization_command_id"), "authorization", ["command_id"], unique=False
    )
    op.create_index(
        op.f("ix_authorization_station_id_uid_key_decided_us"),
        "authorization",
        ["station_id", "uid_key", "decided_us"],
        unique=False,
    )
    op.create_table(
        "caller",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("previous_key_hash", sa.Text(), nullable=False),
        sa.Column("previous_until_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revoked_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_caller")),
    )
    op.create_index(op.f("ix_caller_key_hash"), "caller", ["key_hash"], unique=False)
    op.create_index(
        op.f("ix_caller_previous_key_hash"), "caller", ["previous_key_hash"], unique=False
    )
    op.create_table(
        "cdr",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("issued", sa.Boolean(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("session_key", sa.Text(), nullable=False),
        sa.Column("token_owner", sa.Text(), nullable=False),
        sa.Column("credit", sa.Boolean(), nullable=False),
        sa.Column("credit_reference_id", sa.Text(), nullable=False),
        sa.Column("credited_key", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("started_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ended_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_updated_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("facts_json", sa.Text(), nullable=False),
        sa.Column("tariffs_json", sa.Text(), nullable=False),
        sa.Column("document_json", sa.Text(), nullable=False),
        sa.Column("findings_json", sa.Text(), nullable=False),
        sa.Column("repriced_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_cdr")),
    )
    op.create_index(op.f("ix_cdr_created_us_key"), "cdr", ["created_us", "key"], unique=False)
    op.create_index(op.f("ix_cdr_credited_key"), "cdr", ["credited_key"], unique=False)
    op.create_index(
        op.f("ix_cdr_issued_partner_id_created_us_key"),
        "cdr",
        ["issued", "partner_id", "created_us", "key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_cdr_partner_id_created_us_key"),
        "cdr",
        ["partner_id", "created_us", "key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_cdr_partner_id_started_us"), "cdr", ["partner_id", "started_us"], unique=False
    )
    op.create_index(op.f("ix_cdr_session_key"), "cdr", ["session_key"], unique=False)
    op.create_index(
        op.f("ix_cdr_state_created_us_key"), "cdr", ["state", "created_us", "key"], unique=False
    )
    op.create_table(
        "command",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("details_json", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("deadline_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("requested_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("result_code", sa.Text(), nullable=False),
        sa.Column("result_message", sa.Text(), nullable=False),
        sa.Column("result_payload", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command")),
    )
    op.create_index(
        "ix_command_open_deadline",
        "command",
        ["deadline_us"],
        unique=False,
        sqlite_where=sa.text("state IN ('REQUESTED', 'SENT', 'AGREED')"),
        postgresql_where=sa.text("state IN ('REQUESTED', 'SENT', 'AGREED')"),
    )
    op.create_index(
        "ix_command_requested",
        "command",
        ["channel"],
        unique=False,
        sqlite_where=sa.text("state = 'REQUESTED'"),
        postgresql_where=sa.text("state = 'REQUESTED'"),
    )
    op.create_table(
        "connector_status",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("connector_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_connector_status")),
    )
    op.create_table(
        "connector_status_log",
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("connector_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "station_id",
            "connector_number",
            "at_us",
            "status",
            name=op.f("pk_connector_status_log"),
        ),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "delivery",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("delivered_version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leased_until_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("remote_url", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_delivery")),
    )
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["due_us"],
        unique=False,
        sqlite_where=sa.text("pending"),
        postgresql_where=sa.text("pending"),
    )
    op.create_index(
        op.f("ix_delivery_partner_id_pending"), "delivery", ["partner_id", "pending"], unique=False
    )
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("cdr_id", sa.Text(), nullable=False),
        sa.Column("observed", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("tolerance", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("started_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("opened_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy")),
    )
    op.create_index(
        op.f("ix_discrepancy_partner_id_state_id"),
        "discrepancy",
        ["partner_id", "state", "id"],
        unique=False,
    )
    op.create_table(
        "event",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payload_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
    )
    op.create_table(
        "event_head",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_head")),
    )
    op.create_table(
        "follower_position",
        sa.Column("follower", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("follower", name=op.f("pk_follower_position")),
    )
    op.create_table(
        "grant_to_charge",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("id_tag_key", sa.Text(), nullable=False),
        sa.Column("token_json", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_to_charge")),
    )
    op.create_index(
        op.f("ix_grant_to_charge_station_id_id_tag_key"),
        "grant_to_charge",
        ["station_id", "id_tag_key"],
        unique=False,
    )
    op.create_table(
        "idempotency",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("scope", "request_id", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "ledger_account",
        sa.Column("book_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "id", name=op.f("pk_ledger_account")),
    )
    op.create_table(
        "ledger_balance",
        sa.Column("book_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("debits_e4", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("credits_e4", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("book_id", "account_id", name=op.f("pk_ledger_balance")),
    )
    op.create_table(
        "ledger_book",
        sa.Column("book_id", sa.Text(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("book_id", name=op.f("pk_ledger_book")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("book_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reverses", sa.Text(), nullable=False),
        sa.Column("debtor", sa.Text(), nullable=False),
        sa.Column("creditor", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_e4", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transfers", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("effective_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("book_id", "id", name=op.f("pk_ledger_entry")),
    )
    op.create_index(
        "ix_ledger_entry_recorded", "ledger_entry", ["book_id", "recorded_us"], unique=True
    )
    op.create_index("ix_ledger_entry_source", "ledger_entry", ["book_id", "source"], unique=True)
    op.create_table(
        "ledger_transfer",
        sa.Column("book_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("debit_account_id", sa.Text(), nullable=False),
        sa.Column("credit_account_id", sa.Text(), nullable=False),
        sa.Column(
            "amount_e4", sa.BigInteger(), sa.CheckConstraint("amount_e4 > 0"), nullable=False
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("effective_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("debit_account_id <> credit_account_id", name="accounts_differ"),
        sa.PrimaryKeyConstraint("book_id", "id", name=op.f("pk_ledger_transfer")),
    )
    op.create_index(
        "ix_ledger_transfer_entry", "ledger_transfer", ["book_id", "entry_id", "seq"], unique=True
    )
    op.create_index(
        "ix_ledger_transfer_recorded", "ledger_transfer", ["book_id", "recorded_us"], unique=True
    )
    op.create_index(
        "ix_ledger_transfer_source",
        "ledger_transfer",
        ["book_id", "source", "recorded_us"],
        unique=False,
    )
    op.create_table(
        "location",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Text(), nullable=False),
        sa.Column("longitude", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("evses_json", sa.Text(), nullable=False),
        sa.Column("last_updated_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_location")),
    )
    op.create_index(
        op.f("ix_location_created_us_key"), "location", ["created_us", "key"], unique=False
    )
    op.create_table(
        "meter_reading",
        sa.Column("session_key", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("measurand", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("value_milli", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("signed_data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "session_key",
            "at_us",
            "measurand",
            "phase",
            "context",
            "location",
            name=op.f("pk_meter_reading"),
        ),
    )
    op.create_table(
        "orphan",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("attached_to", sa.Text(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orphan")),
    )
    op.create_index(
        op.f("ix_orphan_station_id_kind_attached_to_at_us"),
        "orphan",
        ["station_id", "kind", "attached_to", "at_us"],
        unique=False,
    )
    op.create_table(
        "partner",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_token_hash", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("previous_token_hash", sa.Text(), nullable=False),
        sa.Column("previous_until_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("our_token", sa.Text(), nullable=False),
        sa.Column("their_token", sa.Text(), nullable=False),
        sa.Column("token_literal", sa.Boolean(), nullable=False),
        sa.Column("versions_url", sa.Text(), nullable=False),
        sa.Column("ocpi_version", sa.Text(), nullable=False),
        sa.Column("endpoints_json", sa.Text(), nullable=False),
        sa.Column("parties_json", sa.Text(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("updated_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
    )
    op.create_index(
        op.f("ix_partner_first_token_hash"), "partner", ["first_token_hash"], unique=False
    )
    op.create_index(
        op.f("ix_partner_previous_token_hash"), "partner", ["previous_token_hash"], unique=False
    )
    op.create_index(op.f("ix_partner_token_hash"), "partner", ["token_hash"], unique=False)
    op.create_table(
        "partner_party",
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("party", name=op.f("pk_partner_party")),
    )
    op.create_index(
        op.f("ix_partner_party_partner_id"), "partner_party", ["partner_id"], unique=False
    )
    op.create_table(
        "reconciliation_run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("started_from_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("started_to_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sessions", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cdrs", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("matched", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("discrepancies_json", sa.Text(), nullable=False),
        sa.Column("ran_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_run")),
    )
    op.create_table(
        "route",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("gateway_id", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_route")),
    )
    op.create_index(op.f("ix_route_gateway_id"), "route", ["gateway_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("at_our_station", sa.Boolean(), nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("connector_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("station_transaction_id", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("evse_uid", sa.Text(), nullable=False),
        sa.Column("connector_id", sa.Text(), nullable=False),
        sa.Column("token_json", sa.Text(), nullable=False),
        sa.Column("authorization_id", sa.Text(), nullable=False),
        sa.Column("started_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.Column("meter_start_mwh", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("meter_stop_mwh", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("energy_mwh", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("cost_json", sa.Text(), nullable=False),
        sa.Column("tariff_key", sa.Text(), nullable=False),
        sa.Column("tariff_version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stop_reason", sa.Text(), nullable=False),
        sa.Column("flags_json", sa.Text(), nullable=False),
        sa.Column("periods_json", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_updated_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_session")),
    )
    op.create_index("ix_session_authorization_id", "session", ["authorization_id"], unique=False)
    op.create_index(
        op.f("ix_session_created_us_key"), "session", ["created_us", "key"], unique=False
    )
    op.create_index(
        "ix_session_open_station",
        "session",
        ["station_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('ACTIVE', 'PENDING')"),
        postgresql_where=sa.text("state IN ('ACTIVE', 'PENDING')"),
    )
    op.create_index(
        op.f("ix_session_partner_id_created_us_key"),
        "session",
        ["partner_id", "created_us", "key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_session_partner_id_started_us"),
        "session",
        ["partner_id", "started_us"],
        unique=False,
    )
    op.create_index(
        op.f("ix_session_station_id_transaction_id"),
        "session",
        ["station_id", "transaction_id"],
        unique=False,
    )
    op.create_table(
        "settlement_period",
        sa.Column("book_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("recorded_after_us", sa.BigInteger(), nullable=True),
        sa.Column("recorded_until_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("closed_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("statement_ids_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "id", name=op.f("pk_settlement_period")),
    )
    op.create_index(
        "ix_settlement_period_until",
        "settlement_period",
        ["book_id", "recorded_until_us"],
        unique=True,
    )
    op.create_table(
        "settlement_statement",
        sa.Column("book_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("period_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "id", name=op.f("pk_settlement_statement")),
    )
    op.create_index(
        "ix_settlement_statement_period",
        "settlement_statement",
        ["book_id", "period_id", "id"],
        unique=False,
    )
    op.create_table(
        "station",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("connectors_json", sa.Text(), nullable=False),
        sa.Column("settings_json", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("boot_json", sa.Text(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("generation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("gateway_id", sa.Text(), nullable=False),
        sa.Column("online_changed_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
    )
    op.create_table(
        "tariff",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("ocpi_version", sa.Text(), nullable=False),
        sa.Column("last_updated_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tariff")),
    )
    op.create_index(op.f("ix_tariff_created_us_key"), "tariff", ["created_us", "key"], unique=False)
    op.create_table(
        "tariff_version",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("ocpi_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "version", name=op.f("pk_tariff_version")),
    )
    op.create_table(
        "token",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("uid_key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("visual_number", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("valid", sa.Boolean(), nullable=False),
        sa.Column("whitelist", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("last_updated_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_token")),
    )
    op.create_index(op.f("ix_token_created_us_key"), "token", ["created_us", "key"], unique=False)
    op.create_index(op.f("ix_token_uid_key"), "token", ["uid_key"], unique=False)
    op.execute("INSERT INTO event_head (id, seq) VALUES (1, 0)")
    if op.get_context().dialect.name == "sqlite":
        make_insert_only_on_sqlite()
    else:
        make_insert_only_on_postgresql()


def make_insert_only_on_sqlite() -> None:
    for table in INSERT_ONLY:
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
            )


def make_insert_only_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION interwatt_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$"
    )
    for table in INSERT_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION interwatt_refuse_change()"
        )
