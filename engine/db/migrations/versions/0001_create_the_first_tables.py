"""Create the first tables, whatever they are while the schema is not yet released."""

import importlib
import pkgutil
from contextlib import suppress

from alembic import op
from sqlalchemy.schema import CreateIndex, CreateTable

import engine
from engine.db.migrations.new import _TABLE_MODULES
from engine.db.schema import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        if _TABLE_MODULES.fullmatch(module.name):
            with suppress(Exception):
                importlib.import_module(module.name)
    for table in metadata.sorted_tables:
        op.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            op.execute(CreateIndex(index))
    op.execute("INSERT INTO event_head (id, seq) VALUES (1, 0)")
    from engine.settlement import triggers

    made = triggers.sqlite() if op.get_context().dialect.name == "sqlite" else triggers.postgresql()
    for statement in made:
        op.execute(statement)
