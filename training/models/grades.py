"""Percentiles and grades A to D: where a probability stands among those of recent leads."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from stats.interpolation import interpolate
from stats.types import Vector

GRADES = ("A", "B", "C", "D")
SHARES = (0.10, 0.20, 0.30)
POINTS = 1_001
OUT_OF_REACH = 2.0
"""A cut-off that no probability meets: where ties leave a grade without leads."""
LEAST_DIFFERENCE = 1.1
"""Ratio of odds by which neighbouring grades differ on average; grades that differ by less are merged."""


@dataclass(frozen=True)
class GradeScale:
    """Percentiles at `probabilities` (rising), and the least probability for A, B and C."""

    probabilities: tuple[float, ...]
    percentiles: tuple[float, ...]
    cutoffs: tuple[float, ...]

    @classmethod
    def fit(cls, recent: Vector, shares: Sequence[float] = SHARES) -> Self:
        """The scale of these probabilities (n,). Ties share the middle of their ranks, so none is favoured.

        Neighbouring grades whose odds differ by less than `LEAST_DIFFERENCE` are merged into the one that the middle
        of their ranks has, so that leads which all score alike do not get grades A to D.
        """
        distinct, counts = np.unique(recent, return_counts=True)
        middle = 100 * (np.cumsum(counts) - counts / 2) / counts.sum()
        least = 100 * (1 - np.cumsum(shares))
        grades = _grade_distinct(distinct, counts, middle, least)
        cutoffs = [_least_or_out_of_reach(distinct[grades <= place]) for place in range(len(shares))]
        if grades[0] < (middle[0] < least).sum():  # the worst leads are no grade of their own
            cutoffs[grades[0] :] = [0.0] * (len(shares) - grades[0])
        points = np.unique(np.linspace(0, len(distinct) - 1, POINTS).round().astype(int))
        return cls(
            tuple(distinct[points].tolist()),
            tuple(middle[points].tolist()),
            tuple(cutoffs),
        )

    def percentile(self, probability: Vector) -> Vector:
        """The share of recent leads below, 0 to 100 (n,), to one decimal."""
        return np.interp(probability, *self._points).round(1)

    def percentile_of(self, probability: float) -> float:
        """`percentile` of one lead."""
        percentile = interpolate(probability, self.probabilities, self.percentiles)
        return round(percentile * 10) / 10  # as numpy rounds

    def grade_of(self, probability: float) -> str:
        """`grade` of one lead."""
        return next((grade for grade, least in zip(GRADES, self.cutoffs, strict=False) if probability >= least), "D")

    @cached_property
    def _points(self) -> tuple[Vector, Vector]:
        return np.array(self.probabilities), np.array(self.percentiles)

    def grade(self, probability: Vector) -> NDArray[np.str_]:
        """A to D (n,)."""
        below = np.searchsorted(self.cutoffs[::-1], probability, side="right")
        return np.array(GRADES[::-1])[below]

    @property
    def has_several_grades(self) -> bool:
        """Whether scores differ enough for more than one grade."""
        return len(np.unique(self.grade(np.array(self.probabilities)))) > 1

    def least_probabilities(self) -> dict[str, float | None]:
        """The least probability for each grade; None where ties leave a grade without leads."""
        reachable = (None if cutoff == OUT_OF_REACH else cutoff for cutoff in self.cutoffs)
        return dict(zip(GRADES, (*reachable, 0.0), strict=True))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        return cls(**{name: tuple(values) for name, values in state.items()})


def _grade_distinct(distinct: Vector, counts: NDArray[np.intp], middle: Vector, least: Vector) -> NDArray[np.intp]:
    """The index in `GRADES` of each rising probability (k,), held `counts` (k,) times at a middle percentile (k,)."""
    placed = (middle[:, None] < least).sum(axis=1)
    groups = [np.flatnonzero(placed == place) for place in np.unique(placed)]  # the best first
    while len(groups) > 1:
        odds = [_odds(np.average(distinct[rows], weights=counts[rows])) for rows in groups]
        ratios = [better / worse for better, worse in pairwise(odds)]
        closest = int(np.argmin(ratios))
        if ratios[closest] >= LEAST_DIFFERENCE:
            break
        groups[closest : closest + 2] = [np.concatenate(groups[closest : closest + 2])]
    for rows in groups:
        placed[rows] = (np.average(middle[rows], weights=counts[rows]) < least).sum()
    return placed


def _least_or_out_of_reach(rising: Vector) -> float:
    return float(rising[0]) if len(rising) else OUT_OF_REACH


def _odds(probability: float) -> float:
    return max(probability, 1e-9) / max(1 - probability, 1e-9)
