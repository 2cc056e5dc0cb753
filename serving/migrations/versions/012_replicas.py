"""What processes on several machines share: who does the work that one does for all, and what keys were let through.

And the indexes that the queue of a million leads is read along.
"""

import sqlalchemy as sa
from alembic import op

revision = "012"
down_revision = "011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "request_counts",
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_request_counts"),
    )


def downgrade() -> None:
    op.drop_table("request_counts")
    op.drop_table("leases")
