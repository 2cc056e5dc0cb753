"""What the metrics say of the store: a connection in, figures out. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, case, exists, func, literal, or_, select, text

from serving.store.sql import Days
from serving.store.tables import contacts, leads, outbox, outcomes, queue, scores

LONGEST_MS = 5_000
"""PostgreSQL gives up a question after this: a scrape must not wait for a database that does not answer."""
RECENT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is to do at the moment."""

    waiting: int
    overdue: int
    rescore_remaining: int | None
    events: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of one source's leads that matured lately: the wins promised at first sight and those delivered in time."""

    source: str | None
    leads: int
    promised: float
    delivered: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """What came back from the company."""

    calibrations: tuple[Calibration, ...]
    newest_outcome: datetime | None


def counts(connection: Connection, champion: str | None, now: datetime) -> Counts:
    """The queue and the outbox; `rescore_remaining` is None where there is no champion."""
    _hurry(connection)
    broken = func.count().filter(queue.c.promised_by < now.timestamp())
    waiting, overdue = connection.execute(select(func.count(), broken).select_from(queue)).one()
    old = select(func.count()).select_from(queue).where(queue.c.model_version != champion)
    remaining = None if champion is None else connection.execute(old).scalar_one()
    states = connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    return Counts(waiting, overdue, remaining, dict(tuple(row) for row in states))


def feedback(connection: Connection, now: datetime) -> Feedback:
    """Promised against delivered, by source, the largest first, and when the newest outcome was reported."""
    _hurry(connection)
    newest = connection.execute(select(func.max(outcomes.c.reported_at))).scalar_one()
    contacts_known = connection.execute(select(contacts.c.contact_id).limit(1)).first() is not None
    rows = connection.execute(_promised_and_delivered(now, contacts_known))
    return Feedback(tuple(Calibration(*row) for row in rows), newest)


def _promised_and_delivered(now: datetime, contacts_known: bool) -> Select[Any]:
    """Leads that matured within `RECENT`, as their first score saw them.

    A score that came later than a day after the lead promised nothing. As in training, a lead that nobody tried
    does not count, where contacts are known.
    """
    arrived = Days(func.coalesce(leads.c.created_at, leads.c.received_at))
    age = Days(literal(now, leads.c.received_at.type)) - arrived
    matured = age.between(scores.c.horizon_days, scores.c.horizon_days + RECENT.days)
    prompt = Days(scores.c.scored_at) - arrived <= 1
    first = and_(scores.c.before.is_(None), scores.c.lead_id == leads.c.lead_id, prompt)
    stands = and_(outcomes.c.lead_id == leads.c.lead_id, outcomes.c.stands)
    in_time = or_(outcomes.c.at.is_(None), Days(outcomes.c.at) - arrived <= scores.c.horizon_days)
    won = and_(outcomes.c.status == "won", in_time)
    joined = leads.join(scores, first).outerjoin(outcomes, stands)
    number = func.count()
    figures = (number, func.sum(scores.c.probability), func.sum(case((won, 1), else_=0)))
    query = select(leads.c.source, *figures).select_from(joined).where(matured)
    if contacts_known:
        query = query.where(or_(won, exists().where(contacts.c.lead_id == leads.c.lead_id)))
    return query.group_by(leads.c.source).order_by(number.desc(), leads.c.source)


def _hurry(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL statement_timeout = {LONGEST_MS}"))
