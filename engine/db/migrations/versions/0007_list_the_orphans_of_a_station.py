"""List the orphans of a station.

In order of time, however many others there are. Building the index holds up writers of `orphan` for
as long as one scan of the table takes.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_orphan_station_id_id", "orphan", ["station_id", "id"])
