"""Whether enough is known of leads like this one, beside each score and in the queue."""

import sqlalchemy as sa
from alembic import op

revision = "005"
down_revision = "004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scores", sa.Column("confidence", sa.String(length=16), nullable=True))
    op.add_column("queue", sa.Column("confidence", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("queue", "confidence")
    op.drop_column("scores", "confidence")
