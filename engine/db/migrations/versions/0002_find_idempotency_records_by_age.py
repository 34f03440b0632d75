"""Find idempotency records by age.

They are kept for a while and then removed, oldest first. Making the index keeps writers of the
table waiting: about a second a million rows.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_idempotency_recorded_us"), "idempotency", ["recorded_us"], unique=False
    )
