"""What a lead may be found by, in an index: a search reads no fields but of those it finds.

The texts are made as `serving.store.lead_search` made them then: what it makes one day takes a migration of its own.
"""

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "014"
down_revision = "013"
branch_labels = None
depends_on = None

AT_ONCE = 5_000
MOST_BYTES, LONGEST_VALUE, FEWEST_DIGITS = 1_700, 120, 4
NOT_DIGITS = re.compile(r"\D")
SPACED_NUMBER = re.compile(r"\d+[ ()./-][\d ()./-]*\d")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
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
        connection.execute(
            change, [{"its": row.lead_id, "told": _search_text(row.lead_id, row.fields)} for row in rows]
        )
        after = rows[-1].lead_id


def _search_text(lead_id: str, fields: Mapping[str, Any]) -> str:
    """The id and the short texts, a line each, case folded, then phone numbers as digits."""
    values = [value for value in fields.values() if isinstance(value, str | int) and not isinstance(value, bool)]
    texts = [text for text in (lead_id, *map(str, values)) if 1 < len(text) <= LONGEST_VALUE]
    told = "\n".join(text for text in texts if not DATE.match(text)).casefold()
    digits = [NOT_DIGITS.sub("", number) for number in SPACED_NUMBER.findall(told)]
    numbers = [number for number in digits if len(number) >= FEWEST_DIGITS]
    return "\n".join((told, *numbers)).encode()[:MOST_BYTES].decode(errors="ignore")
