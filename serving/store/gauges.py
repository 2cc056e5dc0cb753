"""What the metrics say of the store: a connection in, figures out. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, desc, func, select, text

from features.contact_log import ContactLog
from serving.store import crm_notices
from serving.store.calibration_cohort import CohortWindow, cohort, read_contact_log
from serving.store.outbox import count_by_state
from serving.store.tables import outcomes, queue

LONGEST_MS = 5_000
"""PostgreSQL gives up a question after this: a scrape must not wait for a database that does not answer."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is to do at the moment."""

    waiting: int
    overdue: int
    rescore_remaining: int | None
    events: Mapping[str, int]
    notices: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of one source's leads that matured lately: the wins that first scores predicted and those won in time."""

    source: str | None
    leads: int
    predicted: float
    won: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """What came back from the company; `log` is None where no contact is recorded."""

    calibrations: tuple[Calibration, ...]
    newest_outcome: datetime | None
    log: ContactLog | None


def counts(connection: Connection, champion: str | None, now: datetime) -> Counts:
    """The queue and the outbox; `rescore_remaining` is None where there is no champion."""
    _hurry(connection)
    broken = func.count().filter(queue.c.promised_by < now.timestamp())
    waiting, overdue = connection.execute(select(func.count(), broken).select_from(queue)).one()
    old = select(func.count()).select_from(queue).where(queue.c.model_version != champion)
    remaining = None if champion is None else connection.execute(old).scalar_one()
    notices = crm_notices.count_states(connection)
    return Counts(waiting, overdue, remaining, count_by_state(connection), notices)


def feedback(connection: Connection, window: CohortWindow) -> Feedback:
    """Predicted and won, by source, the largest first, and when the newest outcome was reported."""
    _hurry(connection)
    newest = connection.execute(select(func.max(outcomes.c.reported_at))).scalar_one()
    log = read_contact_log(connection, window.as_of, window.horizon_days)
    lead = cohort(window, log).subquery().c
    figures = (func.count().label("leads"), func.sum(lead.probability), func.sum(lead.won))
    question = select(lead.source, *figures).group_by(lead.source).order_by(desc("leads"), lead.source)
    return Feedback(tuple(Calibration(*row) for row in connection.execute(question)), newest, log)


def _hurry(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL statement_timeout = {LONGEST_MS}"))
