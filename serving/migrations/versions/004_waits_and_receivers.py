"""How long an event waits, so that a clock that is set back does not make it longer; receivers that are gone."""

import sqlalchemy as sa
from alembic import op

revision = "004"
down_revision = "003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("wait_s", sa.Double(), nullable=True))
    op.create_table(
        "gone_receivers",
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("receiver", name="pk_gone_receivers"),
    )


def downgrade() -> None:
    op.drop_table("gone_receivers")
    op.drop_column("outbox", "wait_s")
