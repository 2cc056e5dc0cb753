"""What the pages ask of the store beside leads and places: choices for filters, claims, and what was delivered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, select

from serving.store.scores import StoredScore, score_of
from serving.store.tables import claims, leads, outcomes, queue, scores

MOST_CHOICES = 100


@dataclass(frozen=True, slots=True)
class Choices:
    """The sources and agents that the queue knows."""

    sources: tuple[str, ...]
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rescored:
    """Open leads, and how many of them have the model's own score by now."""

    done: int
    leads: int


def choices(connection: Connection) -> Choices:
    """What the queue can be filtered by, in the order of the alphabet."""
    found = []
    for column in (queue.c.source, queue.c.agent):
        question = select(column).where(column.is_not(None)).distinct().order_by(column).limit(MOST_CHOICES)
        found.append(tuple(connection.scalars(question)))
    return Choices(*found)


def was_at_random(connection: Connection, claim_id: str | None) -> bool:
    """Whether a claim was picked by chance."""
    question = select(claims.c.at_random).where(claims.c.claim_id == claim_id)
    return claim_id is not None and connection.scalar(question) is True


def score_by_id(connection: Connection, score_id: str) -> StoredScore | None:
    """One score; None where there is none, or its lead was erased."""
    question = select(scores).where(scores.c.score_id == score_id, scores.c.lead_id.is_not(None))
    row = connection.execute(question).one_or_none()
    return None if row is None else score_of(row)


def rescored(connection: Connection, model_version: str) -> Rescored:
    """How far the open leads have a model's scores."""
    done = func.count().filter(queue.c.model_version == model_version)
    return Rescored(*connection.execute(select(done, func.count()).select_from(queue)).one())


def delivered(connection: Connection, horizon_days: int, now: datetime) -> tuple[list[float], list[bool]]:
    """What each matured lead was promised by its first score, and whether it was won within the horizon.

    A lead has matured when it arrived at least a horizon ago. A first score that came later than a day after the
    lead promised nothing, and is left out; so is one of another horizon.
    """
    earliest = scores.alias()
    first = select(func.min(earliest.c.score_id)).where(earliest.c.lead_id == leads.c.lead_id).scalar_subquery()
    arrived = func.coalesce(leads.c.created_at, leads.c.received_at, type_=leads.c.received_at.type)
    standing = and_(outcomes.c.lead_id == leads.c.lead_id, outcomes.c.stands, outcomes.c.status == "won")
    question = (
        select(scores.c.probability, arrived, scores.c.scored_at, outcomes.c.status, outcomes.c.at)
        .select_from(leads)
        .join(scores, scores.c.score_id == first)
        .outerjoin(outcomes, standing)
        .where(arrived <= now - timedelta(days=horizon_days), scores.c.horizon_days == horizon_days)
    )
    horizon, day = timedelta(days=horizon_days), timedelta(days=1)
    promised, won = [], []
    for probability, arrived_at, scored_at, status, at in connection.execute(question):
        if scored_at <= arrived_at + day:
            promised.append(probability)
            won.append(status is not None and (at is None or at <= arrived_at + horizon))
    return promised, won
