"""Find sessions by transaction.

Transaction ids are unique whatever the station, so an index on them alone finds a session in one
probe; with the station in front each of a batch's ids was looked for at each of its stations.
Building the index holds up writers of `session` for as long as one scan of the table takes.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_session_station_id_transaction_id", table_name="session")
    op.create_index("ix_session_transaction_id", "session", ["transaction_id"])
