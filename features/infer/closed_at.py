"""Which date of the leads says when a lead was won or lost: a survey and who is closed in, the column out."""

from dataclasses import dataclass

import numpy as np

from features.infer import names, vocabulary
from features.infer.kinds import Reading
from features.infer.states import MIN_SIDE, States
from features.infer.survey import Survey
from features.values import Kind

_OF_CLOSED, _OF_OPEN = 0.9, 0.05
"""The shares of the won and of the open leads that a closing date has, where no name tells it."""
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class ClosedAt:
    """The column, and how it was told."""

    name: str
    why: str


def find_closed_at(survey: Survey, outcome: str, states: States) -> ClosedAt | None:
    """By its name, where it has dates for most of the won leads; else by being there for closed leads alone."""
    dates = [r for r in survey.readings if r.kind is Kind.DATETIME and r.name not in {outcome, survey.created_at}]
    lexicon = survey.lexicon
    named = [
        reading
        for reading in dates
        if names.said(reading.name) not in vocabulary.BARE_TIMES
        and lexicon.place("at", reading.name) is not None
        and _share(reading, states.won) >= _HALF
    ]
    if named:
        return ClosedAt(min(named, key=lambda r: lexicon.rank("at", r.name)).name, "when it was won or lost")
    told = [reading for reading in dates if _is_of_closed(reading, survey, states)]
    if told:
        best = max(told, key=lambda reading: _share(reading, states.won | states.lost))
        return ClosedAt(best.name, "when it was won or lost: dated for closed leads alone")
    return None


def _is_of_closed(reading: Reading, survey: Survey, states: States) -> bool:
    """Whether won leads have a date and open ones have none, and none lies before the arrival."""
    if min(states.won.sum(), states.open.sum()) < MIN_SIDE or names.is_planned(reading.name):
        return False
    if _share(reading, states.won) < _OF_CLOSED or _share(reading, states.open) > _OF_OPEN:
        return False
    if survey.arrived is None:
        return True
    seen = survey.times_of(reading.name)
    known = ~np.isnat(seen) & ~np.isnat(survey.arrived)
    return bool((seen[known] >= survey.arrived[known] - np.timedelta64(1, "D")).mean() >= _OF_CLOSED)


def _share(reading: Reading, rows: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> float:
    return float(reading.column.filled[rows].mean()) if rows.any() else 0.0
