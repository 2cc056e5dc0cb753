"""What thresholds mean: leads a day, customers and calls by grade, for the scores of recent leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from serving.store.recent_scores import RecentScores
from training.model import GRADES

EDGES = (0, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1)
"""Of the bars: narrow where most leads are."""
NOBODY = 1.01
"""A threshold that no probability reaches: the grade has no leads."""

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GradeShare:
    """A grade's part of the leads: how many a day, what share of all, and how many of them become customers."""

    grade: str
    least: float
    a_day: float
    share: float
    mean: float


@dataclass(frozen=True, slots=True)
class Bar:
    """The leads a day with a probability from `low` to `high`, by grade."""

    low: float
    high: float
    by_grade: Mapping[str, float]

    @property
    def a_day(self) -> float:
        """All of them."""
        return sum(self.by_grade.values())


def settle(model: Sequence[float], wanted: Sequence[float | None]) -> tuple[float, ...]:
    """The least probabilities of A, B and C: those wanted, else the model's, none above the grade before it."""
    chosen = [float(given) if given is not None else least for least, given in zip(model, wanted, strict=True)]
    return tuple(np.minimum.accumulate(chosen).tolist())


def divide(recent: RecentScores, least: Sequence[float]) -> tuple[GradeShare, ...]:
    """The leads by grade, where A, B and C begin at `least`."""
    p, n = recent.probability, len(recent.probability)
    ends = np.searchsorted(p, [np.inf, *least, -np.inf])
    parts = [p[low:high] for high, low in pairwise(ends.tolist())]
    return tuple(
        GradeShare(
            grade=grade,
            least=begins,
            a_day=len(part) / recent.days,
            share=len(part) / n if n else 0.0,
            mean=float(part.mean()) if len(part) else 0.0,
        )
        for grade, begins, part in zip(GRADES, (*least, 0.0), parts, strict=True)
    )


def count_bars(recent: RecentScores, least: Sequence[float]) -> tuple[Bar, ...]:
    """The leads by their probability, from the first bar that has any to the last."""
    marks = np.unique([*EDGES, *(begin for begin in least if begin <= 1)])
    below = np.searchsorted(recent.probability, marks, side="left").astype(float)
    below[-1] = len(recent.probability)  # whoever has 1 belongs to the last
    counts: dict[tuple[float, float], dict[str, float]] = {}
    for low, leads in zip(marks[:-1], np.diff(below), strict=True):
        place = int(np.searchsorted(EDGES, low, side="right")) - 1
        grade = next((name for name, begins in zip(GRADES, least, strict=False) if low >= begins), GRADES[-1])
        bar = counts.setdefault((EDGES[place], EDGES[place + 1]), {})
        bar[grade] = bar.get(grade, 0.0) + leads / recent.days
    bars = [Bar(low, high, by_grade) for (low, high), by_grade in counts.items()]
    held = [place for place, bar in enumerate(bars) if bar.a_day]
    return tuple(bars[held[0] : held[-1] + 1]) if held else ()
