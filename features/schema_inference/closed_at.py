"""Which date of the leads says when a lead was won or lost: a survey and who is closed in, the column out."""

from dataclasses import dataclass

import numpy as np

from features.schema_inference import names, vocabulary
from features.schema_inference.dates import Times
from features.schema_inference.kinds import Reading
from features.schema_inference.states import MIN_SIDE, States
from features.schema_inference.survey import Survey
from features.values import Kind

_OF_CLOSED, _OF_OPEN = 0.9, 0.05
"""The shares of the won and of the open leads that a closing date has, where no name tells it."""
_HALF, _AHEAD = 0.5, 0.8


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
        and not lexicon.is_another_moment(reading.name)
        and _share(reading, states.won) >= _HALF
    ]
    by_name = min(named, key=lambda r: lexicon.rank("at", r.name), default=None)
    if by_name and not vocabulary.EXPECTED_WORDS.intersection(names.said(by_name.name).split()):
        return ClosedAt(by_name.name, "when it was won or lost")
    told = [reading for reading in dates if _is_of_closed(reading, survey, states)]
    if told:
        best = max(told, key=lambda reading: _share(reading, states.won | states.lost))
        return ClosedAt(best.name, "when it was won or lost: what open leads have of it is nothing, or lies ahead")
    return ClosedAt(by_name.name, "when it was won or lost, of closed leads") if by_name else None


def _is_of_closed(reading: Reading, survey: Survey, states: States) -> bool:
    """Whether won leads have a date and open ones have none, and none lies before the arrival."""
    if min(states.won.sum(), states.open.sum()) < MIN_SIDE or names.is_planned(reading.name):
        return False
    seen = survey.times_of(reading.name)
    dated_open = _share(reading, states.open) > _OF_OPEN and not _lies_ahead(seen, survey, states)
    if _share(reading, states.won) < _OF_CLOSED or dated_open:
        return False
    if survey.arrived is None:
        return True
    known = ~np.isnat(seen) & ~np.isnat(survey.arrived)
    return bool((seen[known] >= survey.arrived[known] - np.timedelta64(1, "D")).mean() >= _OF_CLOSED)


def _lies_ahead(seen: Times, survey: Survey, states: States) -> bool:
    """Whether the dates of open leads lie beyond the newest arrival, as expected ones do, and others do not."""
    if survey.arrived is None or np.isnat(survey.arrived).all():
        return False
    newest = np.nanmax(survey.arrived)
    closed = states.won | states.lost
    of_open, of_closed = (seen[rows & ~np.isnat(seen)] > newest for rows in (states.open, closed))
    return bool(len(of_open) and len(of_closed) and of_open.mean() >= _AHEAD and of_closed.mean() <= 1 - _AHEAD)


def _share(reading: Reading, rows: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> float:
    return float(reading.column.filled[rows].mean()) if rows.any() else 0.0
