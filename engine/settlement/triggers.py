"""What makes the ledger insert-only in the database itself, whoever writes to it.

The migration that makes the tables runs these statements after it; running them again is harmless.
"""

from __future__ import annotations

INSERT_ONLY = (
    "ledger_account",
    "ledger_entry",
    "ledger_transfer",
    "settlement_period",
    "settlement_statement",
)


def sqlite() -> list[str]:
    """Return the statements for SQLite."""
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_refuses_{action.lower()} "
        f"BEFORE {action} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
        for table in INSERT_ONLY
        for action in ("UPDATE", "DELETE")
    ]


def postgresql() -> list[str]:
    """Return the statements for PostgreSQL."""
    function = (
        "CREATE OR REPLACE FUNCTION interwatt_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$"
    )
    return [function] + [
        f"CREATE OR REPLACE TRIGGER {table}_insert_only "
        f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION interwatt_refuse_change()"
        for table in INSERT_ONLY
    ]
