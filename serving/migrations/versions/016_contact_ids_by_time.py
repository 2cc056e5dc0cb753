"""Ids of contacts begin with when they began, so that contacts of one time stand together in the ids' index.

They were hashes alone, so each of an import's commits changed pages all over the index. What was the first part of the
hash is the last part of the new id: the same content still gives the same id, as `serving.store.ids.contact_id` makes
it since then.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "016"
down_revision = "015"
branch_labels = None
depends_on = None

OLD_LENGTH, NEW_LENGTH, HASH_KEPT = 35, 40, 22
YEAR_ONE = 62_135_596_800
"""Seconds from the start of the year 1 to that of 1970."""
AT_ONCE = 5_000
CONTACTS = sa.table(
    "contacts", *(sa.column(name) for name in ("contact_id", "lead_id", "agent", "channel", "direction"))
)
STARTED_AT: sa.ColumnClause[Any] = sa.column("started_at")
OUTCOMES = sa.table("outcomes", sa.column("contact_id"))


def upgrade() -> None:
    of_contact, of_outcome = CONTACTS.c.contact_id, OUTCOMES.c.contact_id
    made = sa.literal("ct_") + _began_in_hex() + sa.func.substr(of_contact, 4, HASH_KEPT)
    its_contact = sa.select(made).where(of_contact == of_outcome).scalar_subquery()
    is_old = [sa.and_(one.like("ct%"), sa.func.length(one) == OLD_LENGTH) for one in (of_outcome, of_contact)]
    connection = op.get_bind()
    connection.execute(
        sa.update(OUTCOMES).where(is_old[0]).values(contact_id=sa.func.coalesce(its_contact, of_outcome))
    )
    connection.execute(sa.update(CONTACTS).where(is_old[1]).values(contact_id=made))


def _began_in_hex() -> sa.ColumnElement[str]:
    """Microseconds since the year 1, as 15 digits."""
    if op.get_bind().dialect.name == "sqlite":
        seconds: sa.ColumnElement[int] = sa.cast(
            sa.func.strftime("%s", sa.func.substr(STARTED_AT, 1, 19)), sa.BigInteger
        )
        beyond: sa.ColumnElement[int] = sa.cast(sa.func.substr(STARTED_AT, 21, 6), sa.BigInteger)
        return sa.func.printf("%015x", (seconds + YEAR_ONE) * 1_000_000 + beyond, type_=sa.Text())
    seconds = sa.cast(sa.extract("epoch", sa.func.date_trunc("second", STARTED_AT)), sa.BigInteger)
    beyond = sa.cast(sa.extract("microseconds", STARTED_AT), sa.BigInteger) % 1_000_000
    return sa.func.lpad(sa.func.to_hex((seconds + YEAR_ONE) * 1_000_000 + beyond), 15, "0", type_=sa.Text())


def downgrade() -> None:
    """The hash is made anew; a contact whose lead or agent was changed since keeps what there is of it."""
    connection, made, after = op.get_bind(), CONTACTS.c.contact_id, ""
    moment = sa.type_coerce(STARTED_AT, sa.DateTime(timezone=True)).label("started_at")
    part = sa.select(*CONTACTS.c, moment).where(made.like("ct%"), sa.func.length(made) == NEW_LENGTH)
    part = part.select_from(CONTACTS).order_by(made).limit(AT_ONCE)
    while rows := connection.execute(part.where(made > after)).all():
        changes = [{"its": row.contact_id, "was": _old_id(row)} for row in rows]
        for table in (OUTCOMES, CONTACTS):
            its = table.c.contact_id == sa.bindparam("its")
            connection.execute(sa.update(table).where(its).values(contact_id=sa.bindparam("was")), changes)
        after = rows[-1].contact_id


def _old_id(row: Any) -> str:
    started_at: datetime = row.started_at if row.started_at.tzinfo else row.started_at.replace(tzinfo=UTC)
    content = (row.lead_id, started_at.astimezone(UTC).isoformat(), row.agent, row.channel, row.direction)
    made, kept = hashlib.sha256(ascii(content).encode()).hexdigest()[:32], row.contact_id[-HASH_KEPT:]
    return f"ct_{made if made.startswith(kept) else kept.ljust(32, '0')}"
