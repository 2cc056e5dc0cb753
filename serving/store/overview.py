"""What the pages ask of the store beside leads and places: choices for filters, claims, and how far rescoring is."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

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
    found = []
    for column in (queue.c.source, queue.c.agent):
        question = select(column).where(column.is_not(None)).distinct().order_by(column).limit(MOST_CHOICES)
        found.append(tuple(connection.scalars(question)))
    return Choices(*found)


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
