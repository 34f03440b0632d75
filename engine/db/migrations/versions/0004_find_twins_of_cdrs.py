"""Find twins of CDRs.

A partner's CDR that comes again under another id, and names no session, is found by where, by whom
and in which minute the charge began. A new table, filled as CDRs are judged: those judged before
this revision are not in it. Takes no lock on what exists.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cdr_place_and_minute",
        sa.Column("place_and_minute", sa.Text(), nullable=False),
        sa.Column("cdr_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "place_and_minute", "cdr_key", name=op.f("pk_cdr_place_and_minute")
        ),
    )
