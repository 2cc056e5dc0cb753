"""The newest scores of the leads that arrived lately, and how many calls leads took."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from serving.store.calibration_cohort import ARRIVED
from serving.store.tables import contacts, leads, scores


@dataclass(frozen=True, slots=True)
class RecentScores:
    """Probabilities (n,) of the leads that arrived in the `days` days up to `at`, rising.

    `calls` is how many calls those leads took that were called in these days, `called` how many leads these were.
    """

    probability: NDArray[np.float64]
    days: float
    calls: int
    called: int
    at: datetime


def read_recent_scores(connection: Connection, start: datetime, now: datetime) -> RecentScores:
    """The scores of leads that arrived from `start` until now; fewer days where the first lead came later."""
    first = connection.scalar(select(func.min(ARRIVED)))
    begin = start if first is None else max(start, first)
    found = select(scores.c.probability).join(leads, leads.c.score_id == scores.c.score_id)
    probability = connection.scalars(found.where(begin <= ARRIVED, now >= ARRIVED)).all()
    counted = select(func.count(), func.count(contacts.c.lead_id.distinct()))
    calls, called = connection.execute(counted.where(contacts.c.started_at >= begin)).one()
    days = max((now - begin).total_seconds() / 86_400, 1.0)
    return RecentScores(np.sort(np.array(probability, dtype=float)), days, calls, called, now)
