"""Imported leads that still may be won: young enough, without a score, and neither won nor lost."""

from datetime import datetime

from sqlalchemy import Connection, Select, and_, func, select
from sqlalchemy.sql.elements import ColumnElement

from serving.store.leads import WITH_SCORES, LeadFacts, facts_of
from serving.store.tables import leads, outcomes


def find(connection: Connection, since: datetime, after: str, most: int) -> list[LeadFacts]:
    """Up to `most` of those that arrived since, by id, behind the id `after`."""
    rows = connection.execute(
        WITH_SCORES.where(_open(since), leads.c.lead_id > after).order_by(leads.c.lead_id).limit(most)
    )
    return [facts_of(row) for row in rows]


def count(connection: Connection, since: datetime) -> int:
    """How many arrived since."""
    return connection.scalars(select(func.count()).select_from(leads).where(_open(since))).one()


def _open(since: datetime) -> ColumnElement[bool]:
    arrived = func.coalesce(leads.c.created_at, leads.c.received_at, type_=leads.c.received_at.type)
    return and_(arrived >= since, leads.c.score_id.is_(None), leads.c.lead_id.not_in(_closed()))


def _closed() -> Select[tuple[str]]:
    return select(outcomes.c.lead_id).where(outcomes.c.stands, outcomes.c.status != "open")
