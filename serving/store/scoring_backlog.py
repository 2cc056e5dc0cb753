"""Leads that want a score: those that wait with another model's, and imported ones that still may be won."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from serving.store.calibration_cohort import ARRIVED
from serving.store.leads import WITH_SCORES, LeadFacts, facts_of
from serving.store.tables import leads, outcomes, queue


def find_outdated(connection: Connection, model_version: str, most: int) -> list[tuple[str, LeadFacts]]:
    """Leads in the queue with the score of another model: the score's id, and the lead."""
    version = queue.c.model_version
    is_another = or_(version < model_version, version > model_version)  # along the index, which `!=` is not read by
    waiting = select(queue.c.lead_id).where(is_another).limit(most)
    rows = connection.execute(WITH_SCORES.where(leads.c.lead_id.in_(waiting)))
    return [(row.score_id, facts_of(row)) for row in rows]


def find_unscored(connection: Connection, since: datetime, after: str, most: int) -> list[LeadFacts]:
    """Up to `most` leads without score or end that arrived since, by id, behind the id `after`."""
    question = WITH_SCORES.where(_is_open(since), leads.c.lead_id > after).order_by(leads.c.lead_id).limit(most)
    return [facts_of(row) for row in connection.execute(question)]


def find_without_score(connection: Connection, since: datetime, after: str, most: int) -> list[LeadFacts]:
    """The same with those that are won or lost."""
    unscored = and_(since <= ARRIVED, leads.c.score_id.is_(None))
    question = WITH_SCORES.where(unscored, leads.c.lead_id > after).order_by(leads.c.lead_id).limit(most)
    return [facts_of(row) for row in connection.execute(question)]


def count_unscored(connection: Connection, since: datetime) -> int:
    """How many leads without score or end arrived since."""
    return connection.scalars(select(func.count()).select_from(leads).where(_is_open(since))).one()


def _is_open(since: datetime) -> ColumnElement[bool]:
    closed = select(outcomes.c.lead_id).where(outcomes.c.stands, outcomes.c.status != "open")
    return and_(since <= ARRIVED, leads.c.score_id.is_(None), leads.c.lead_id.not_in(closed))
