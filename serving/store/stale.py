"""Leads that wait with the score of another model than the champion."""

from sqlalchemy import Connection, func, select

from serving.store.leads import WITH_SCORES, LeadFacts, facts_of
from serving.store.tables import leads, queue


def find(connection: Connection, model_version: str, most: int) -> list[tuple[str, LeadFacts]]:
    """Leads that wait with the score of another model: the score's id, and the lead."""
    waiting = select(queue.c.lead_id).where(queue.c.model_version != model_version).limit(most)
    rows = connection.execute(WITH_SCORES.where(leads.c.lead_id.in_(waiting)))
    return [(row.score_id, facts_of(row)) for row in rows]


def count(connection: Connection, model_version: str) -> int:
    """How many leads wait with the score of another model."""
    return connection.scalars(select(func.count()).where(queue.c.model_version != model_version)).one()
