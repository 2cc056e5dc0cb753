"""Venn–Abers prediction intervals of single probabilities, tabulated when the model is trained.

An inductive Venn–Abers predictor (Vovk, Petej and Fedorova 2015) fits the calibration leads by isotonic regression
twice, once with the new lead added as won and once as not won; the two fitted values are the interval. It is wide
where few calibration leads scored alike.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import isotonic_regression

from stats.interpolation import interpolate
from stats.types import Vector

BINS = 200


@dataclass(frozen=True)
class VennAbersInterval:
    """Lower and upper probabilities at raw scores (`knots`, rising)."""

    knots: tuple[float, ...] = (0.0,)
    low: tuple[float, ...] = (0.0,)
    high: tuple[float, ...] = (1.0,)

    @classmethod
    def fit(cls, raw: Vector, y: Vector) -> Self:
        """From out-of-fold raw scores (n,) and labels (n,)."""
        if len(raw) == 0:
            return cls()
        bins = _bin_scores(raw)
        size = np.bincount(bins).astype(np.float64)
        knots, wins = np.bincount(bins, raw) / size, np.bincount(bins, y).astype(np.float64)
        low = [_refit_with_one_more(wins, size, position, 0.0) for position in range(len(size))]
        high = [_refit_with_one_more(wins, size, position, 1.0) for position in range(len(size))]
        return cls(tuple(knots.tolist()), tuple(low), tuple(high))

    def interval(self, raw: Vector, probability: Vector) -> tuple[Vector, Vector]:
        """Lower and upper probability (n,), widened where needed to hold the calibrated one."""
        knots, low, high = self._curves
        return np.minimum(np.interp(raw, knots, low), probability), np.maximum(np.interp(raw, knots, high), probability)

    def interval_of(self, raw: float, probability: float) -> tuple[float, float]:
        """`interval` of one lead."""
        low, high = interpolate(raw, self.knots, self.low), interpolate(raw, self.knots, self.high)
        return min(low, probability), max(high, probability)

    @cached_property
    def _curves(self) -> tuple[Vector, Vector, Vector]:
        return np.array(self.knots), np.array(self.low), np.array(self.high)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        return cls(**{name: tuple(values) for name, values in state.items()})


def _bin_scores(raw: Vector) -> NDArray[np.intp]:
    """Which of at most `BINS` bins of about equal size each lead (n,) falls into; equal scores share one."""
    _, group, leads = np.unique(raw, return_inverse=True, return_counts=True)
    middle = (np.cumsum(leads) - leads / 2) / len(raw)
    return np.unique((middle * BINS).astype(np.intp), return_inverse=True)[1][group]


def _refit_with_one_more(wins: Vector, size: Vector, position: int, outcome: float) -> float:
    """The isotonic fit at one bin when it holds one lead more, with this outcome."""
    wins, size = wins.copy(), size.copy()
    wins[position] += outcome
    size[position] += 1
    return float(isotonic_regression(wins / size, sample_weight=size, y_min=0.0, y_max=1.0)[position])
