"""Run by alembic: writes the SQL of an upgrade, or compares a database with the tables in the code.

An upgrade is always written as text (see `engine.db.migrate`); a connection comes only from
`engine.db.migrations.new`, which looks for what a new revision must do.
"""

from __future__ import annotations

from alembic import context

from engine.db.schema import metadata

attributes = context.config.attributes
context.configure(
    connection=attributes.get("connection"),
    dialect_name=attributes.get("dialect"),
    dialect_opts={"paramstyle": "named"},  # or a percent sign would be doubled
    target_metadata=metadata,
    transactional_ddl=False,  # who runs the text opens the transaction
)
context.run_migrations()
