"""What CRMs' hooks said, until it is done, and which leads are which CRM's."""

import sqlalchemy as sa
from alembic import op

revision = "011"
down_revision = "010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crm_notices",
        sa.Column("notice_id", sa.String(length=40), nullable=False),
        sa.Column("connection", sa.String(length=40), nullable=False),
        sa.Column("lead_id", sa.String(length=200), nullable=False),
        sa.Column("record_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("into_id", sa.String(length=200), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("record", sa.JSON(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("notice_id", name="pk_crm_notices"),
    )
    op.create_index("ix_crm_notices_state_next_at", "crm_notices", ["state", "next_at"])
    op.create_index("ix_crm_notices_lead_id", "crm_notices", ["lead_id"])
    op.create_table(
        "crm_records",
        sa.Column("lead_id", sa.String(length=200), nullable=False),
        sa.Column("connection", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome_hash", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name="pk_crm_records"),
    )


def downgrade() -> None:
    op.drop_table("crm_records")
    op.drop_index("ix_crm_notices_lead_id", table_name="crm_notices")
    op.drop_index("ix_crm_notices_state_next_at", table_name="crm_notices")
    op.drop_table("crm_notices")
