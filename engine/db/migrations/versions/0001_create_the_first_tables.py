"""Create the first tables, whatever they are while the schema is not yet released."""

from alembic import op
from sqlalchemy.schema import CreateIndex, CreateTable

from engine.db.migrations.new import load_tables
from engine.db.schema import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    load_tables()
    for table in metadata.sorted_tables:
        op.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            op.execute(CreateIndex(index))
    op.execute("INSERT INTO event_head (id, seq) VALUES (1, 0)")
