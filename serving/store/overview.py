"""What the pages ask of the store beside leads and places: choices for filters, claims, and how far rescoring is."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, func, select

from serving.store.scores import StoredScore, score_of
from serving.store.tables import claims, queue, scores

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
    return Choices(*(_distinct_values(connection, column) for column in (queue.c.source, queue.c.agent)))


def _distinct_values(connection: Connection, column: Column[Any]) -> tuple[str, ...]:
    """A column's values, each found along its index behind the one before it: few of many leads are looked at."""
    found = select(func.min(column).label("value")).cte("found", recursive=True)
    following = select(func.min(column)).where(column > found.c.value).scalar_subquery()
    found = found.union_all(select(following).where(found.c.value.is_not(None)))
    return tuple(connection.scalars(select(found.c.value).where(found.c.value.is_not(None)).limit(MOST_CHOICES)))


def is_random_claim(connection: Connection, claim_id: str | None) -> bool:
    """Whether a claim was picked by chance."""
    question = select(claims.c.at_random).where(claims.c.claim_id == claim_id)
    return claim_id is not None and connection.scalar(question) is True


def score_by_id(connection: Connection, score_id: str) -> StoredScore | None:
    """One score; None where there is none, or its lead was erased."""
    question = select(scores).where(scores.c.score_id == score_id, scores.c.lead_id.is_not(None))
    row = connection.execute(question).one_or_none()
    return None if row is None else score_of(row)


def count_rescored(connection: Connection, model_version: str) -> Rescored:
    """How far the open leads have a model's scores."""
    done = func.count().filter(queue.c.model_version == model_version)
    return Rescored(*connection.execute(select(done, func.count()).select_from(queue)).one())
