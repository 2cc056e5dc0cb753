"""What the ledger asks of leads, contacts and outcomes stands in their indexes: of a million leads no row is read."""

import sqlalchemy as sa
from alembic import op

revision = "007"
down_revision = "006"
branch_labels = None
depends_on = None

ARRIVED = sa.text("coalesce(created_at, received_at)")
STANDS = sa.text("stands")


def upgrade() -> None:
    op.create_index("ix_contacts_lead_id_started_at", "contacts", ["lead_id", "started_at"])
    op.drop_index("ix_contacts_lead_id", "contacts")
    if op.get_bind().dialect.name == "postgresql":
        _make_anew(arrived=["created_at", "received_at", "source"], standing=["status", "at"])


def downgrade() -> None:
    op.create_index("ix_contacts_lead_id", "contacts", ["lead_id"])
    op.drop_index("ix_contacts_lead_id_started_at", "contacts")
    if op.get_bind().dialect.name == "postgresql":
        _make_anew(arrived=[], standing=[])


def _make_anew(arrived: list[str], standing: list[str]) -> None:
    """Two indexes with these columns beside their keys, which SQLite's indexes cannot have.

    PostgreSQL has to look at the leads again, or it takes all ranges of arrivals for narrow ones.
    """
    op.drop_index("ix_leads_arrived", "leads")
    op.create_index("ix_leads_arrived", "leads", [ARRIVED, "lead_id"], postgresql_include=arrived)
    op.drop_index("uq_outcomes_standing", "outcomes")
    name, table, key = "uq_outcomes_standing", "outcomes", ["lead_id"]
    op.create_index(name, table, key, unique=True, postgresql_where=STANDS, postgresql_include=standing)
    op.execute("ANALYZE leads")
