"""Imported leads that still may be won: without a score, and neither won nor lost."""

from sqlalchemy import Connection, Select, and_, func, select
from sqlalchemy.sql.elements import ColumnElement

from serving.store.leads import WITH_SCORES, Facts, facts_of
from serving.store.tables import leads, outcomes


def find(connection: Connection, after: str, most: int) -> list[Facts]:
    """Up to `most` of them, by id, behind the id `after`."""
    rows = connection.execute(WITH_SCORES.where(_open(), leads.c.lead_id > after).order_by(leads.c.lead_id).limit(most))
    return [facts_of(row) for row in rows]


def count(connection: Connection) -> int:
    """How many there are."""
    return connection.scalars(select(func.count()).select_from(leads).where(_open())).one()


def _open() -> ColumnElement[bool]:
    return and_(leads.c.score_id.is_(None), leads.c.lead_id.not_in(_closed()))


def _closed() -> Select[tuple[str]]:
    return select(outcomes.c.lead_id).where(outcomes.c.stands, outcomes.c.status != "open")
