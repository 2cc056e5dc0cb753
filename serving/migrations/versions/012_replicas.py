"""What processes on several machines share: who does the work that one does for all, and what keys were let through.

And the indexes that the queue of a million leads is read along.
"""

import sqlalchemy as sa
from alembic import op

revision = "012"
down_revision = "011"
branch_labels = None
depends_on = None


ADDED = (
    ("ix_queue_promised_by_grade_attempts", ["promised_by", "grade", "attempts"]),
    ("ix_queue_free_from_promised_by", ["free_from", "promised_by"]),
    ("ix_queue_attempts_arrived", ["attempts", "arrived"]),
    ("ix_queue_source_free_from_promised_by", ["source", "free_from", "promised_by"]),
    ("ix_queue_agent_claimed_until", ["agent", "claimed_until"]),
)
REMOVED = (("ix_queue_promised_by", ["promised_by"]), ("ix_queue_arrived", ["arrived"]))
IS_CLAIMED = sa.text("claimed_until > 0")


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
    for name, _ in REMOVED:
        op.drop_index(name, "queue")
    for name, columns in ADDED:
        op.create_index(name, "queue", columns)
    op.create_index(
        "ix_queue_claimed", "queue", ["claimed_until"], sqlite_where=IS_CLAIMED, postgresql_where=IS_CLAIMED
    )


def downgrade() -> None:
    op.drop_index("ix_queue_claimed", "queue")
    for name, _ in ADDED:
        op.drop_index(name, "queue")
    for name, columns in REMOVED:
        op.create_index(name, "queue", columns)
    op.drop_table("request_counts")
    op.drop_table("leases")
