"""An agent's note of a call, and the call at which an outcome was recorded, so that both can be taken back together."""

import sqlalchemy as sa
from alembic import op

revision = "008"
down_revision = "007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("note", sa.Text(), nullable=True))
    op.create_index("ix_contacts_agent_started_at", "contacts", ["agent", "started_at"])
    op.add_column("outcomes", sa.Column("contact_id", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("outcomes", "contact_id")
    op.drop_index("ix_contacts_agent_started_at", "contacts")
    op.drop_column("contacts", "note")
