"""Keep secrets in answers shortly.

Answers with a password or a token that was made were kept whole for as long as request ids are. A
new table has them for ten minutes; what is kept longer lacks them. Old records of these calls are
removed, so that a repetition from before this revision is a new request. Their rows are few; nobody
waits.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "whole_answer",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("scope", "request_id", name=op.f("pk_whole_answer")),
    )
    op.create_index(
        op.f("ix_whole_answer_recorded_us"), "whole_answer", ["recorded_us"], unique=False
    )
    op.execute(
        "DELETE FROM idempotency "
        "WHERE scope IN ('stations.put', 'partners.create', 'partners.register')"
    )
