"""Leads as they arrived lately, each with its newest score and its first contact: what the last days brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from serving.store.calibration_cohort import ARRIVED
from serving.store.tables import Moment, contacts, leads, scores


@dataclass(frozen=True, slots=True)
class Arrival:
    """A lead that arrived: grade and probability are None where it was not scored, `first_contact` while none is."""

    arrived: datetime
    grade: str | None
    probability: float | None
    value: float | None
    first_contact: datetime | None


def read_arrivals(connection: Connection, start: datetime, end: datetime) -> Sequence[Arrival]:
    """The leads that arrived from `start` on and before `end`; contacts before the arrival are none of it."""
    its = (contacts.c.lead_id == leads.c.lead_id) & (contacts.c.started_at >= ARRIVED)
    first = select(func.min(contacts.c.started_at, type_=Moment())).where(its).scalar_subquery()
    shown = (ARRIVED, scores.c.grade, scores.c.probability, leads.c.value, first)
    found = select(*shown).select_from(leads.outerjoin(scores, scores.c.score_id == leads.c.score_id))
    rows = connection.execute(found.where(start <= ARRIVED, end > ARRIVED))
    return [Arrival(*row) for row in rows]
