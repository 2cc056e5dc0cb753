"""Leads that nobody tried, by their chance: where many wait for too long, the next claim is found along this index."""

from alembic import op

revision = "015"
down_revision = "014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_queue_attempts_probability", "queue", ["attempts", "probability"])


def downgrade() -> None:
    op.drop_index("ix_queue_attempts_probability", table_name="queue")
