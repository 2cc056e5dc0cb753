"""What a lead may be found by, in an index: a search reads no fields but of those it finds."""

import sqlalchemy as sa
from alembic import op

from serving.store.lead_search import search_text

revision = "014"
down_revision = "013"
branch_labels = None
depends_on = None

AT_ONCE = 5_000
LEADS = sa.table("leads", sa.column("lead_id"), sa.column("fields", sa.JSON()), sa.column("search_text"))


def upgrade() -> None:
    op.add_column("leads", sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    _fill()
    op.create_index("ix_leads_received_at_lead_id_search_text", "leads", ["received_at", "lead_id", "search_text"])
    op.drop_index("ix_leads_received_at", "leads")


def downgrade() -> None:
    op.create_index("ix_leads_received_at", "leads", ["received_at"])
    op.drop_index("ix_leads_received_at_lead_id_search_text", "leads")
    op.drop_column("leads", "search_text")


def _fill() -> None:
    """The texts of the leads that are stored, some at a time, so that of millions few are in memory."""
    connection, c, after = op.get_bind(), LEADS.c, ""
    part = sa.select(c.lead_id, c.fields).order_by(c.lead_id).limit(AT_ONCE)
    change = sa.update(LEADS).where(c.lead_id == sa.bindparam("its")).values(search_text=sa.bindparam("told"))
    while rows := connection.execute(part.where(c.lead_id > after)).all():
        connection.execute(change, [{"its": row.lead_id, "told": search_text(row.lead_id, row.fields)} for row in rows])
        after = rows[-1].lead_id
