"""What was stated to ad platforms, statement by statement, and the exports that did it."""

import sqlalchemy as sa
from alembic import op

revision = "006"
down_revision = "005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("export_id", sa.String(length=40), nullable=False),
        sa.Column("ledger", sa.String(length=24), nullable=False),
        sa.Column("platform", sa.String(length=24), nullable=False),
        sa.Column("way", sa.String(length=4), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held", sa.JSON(), nullable=False),
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("export_id", name="pk_exports"),
    )
    op.create_index("ix_exports_ledger", "exports", ["ledger"])
    op.create_table(
        "conversions",
        sa.Column("conversion_id", sa.String(length=40), nullable=False),
        sa.Column("export_id", sa.String(length=40), nullable=False),
        sa.Column("ledger", sa.String(length=24), nullable=False),
        sa.Column("platform", sa.String(length=24), nullable=False),
        sa.Column("lead_id", sa.String(length=200), nullable=True),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("conversion_id", name="pk_conversions"),
    )
    op.create_index("uq_conversions_once", "conversions", ["lead_id", "ledger", "stage", "number"], unique=True)
    op.create_index("ix_conversions_ledger", "conversions", ["ledger"])


def downgrade() -> None:
    op.drop_index("ix_conversions_ledger", table_name="conversions")
    op.drop_index("uq_conversions_once", table_name="conversions")
    op.drop_table("conversions")
    op.drop_index("ix_exports_ledger", table_name="exports")
    op.drop_table("exports")
