"""Predicted probabilities beside outcomes, sorted once, so that all draws of a bootstrap are measured together.

Equal probabilities are averaged over, never ranked by row order. A weight says how often a row counts, so a bootstrap
draw is a row of weights.

Log loss, Brier score and the sums behind the other metrics are linear in the outcome, so an outcome of which a share
can be known yet may stand for its expectation: a win on record counts 1 / share, no win 0, with the share as weight.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy.special import expit, logit

from stats.types import Rows, Vector

BANDS = 500
TINY = 1e-15
RIDGE = 1e-9
"""Keeps the calibration line finite where all probabilities are equal."""


@dataclass(frozen=True)
class Predictions:
    """Probabilities (n,) and outcomes (n,), 1 for an event, with their ascending order worked out.

    `order` (n,) sorts the rows by probability and `first` (g,) says where each distinct probability begins in it.
    `band` (b,) says where among the distinct probabilities bands of about equal size begin, at most `BANDS` of them;
    `band_log_odds` (b,) are their mean log-odds.
    """

    probability: Vector
    outcome: Vector
    order: Rows
    first: Rows
    band: Rows
    band_log_odds: Vector

    @classmethod
    def of(cls, probability: Vector, outcome: Vector) -> Self:
        """Sort probabilities, kept off 0 and 1 by 1e-15."""
        probability = np.clip(probability, TINY, 1 - TINY)
        order = np.argsort(probability, kind="stable")
        _, first = np.unique(probability[order], return_index=True)
        _, band = np.unique(np.arange(len(first)) * min(BANDS, len(first)) // len(first), return_index=True)
        log_odds = np.add.reduceat(logit(probability[order]), first[band])
        return cls(probability, outcome, order, first, band, log_odds / np.diff(first[band], append=len(order)))

    def weighted(self, weight: Vector) -> "WeightedPredictions":
        """Return these predictions with weights (n,), or (draws, n) for many draws at once."""
        return WeightedPredictions(self, weight)

    def unweighted(self) -> "WeightedPredictions":
        """Return these predictions, each counting once."""
        return WeightedPredictions(self, np.ones(len(self.outcome)))


@dataclass(frozen=True)
class WeightedPredictions:
    """Predictions with weights (..., n); a metric of them has the shape (...)."""

    predictions: Predictions
    weight: Vector

    @cached_property
    def events(self) -> Vector:
        """Weighted events at each distinct probability, ascending (..., g)."""
        return self._sum_by_probability(self.weight * self.predictions.outcome)

    @cached_property
    def size(self) -> Vector:
        """Weighted rows at each distinct probability, ascending (..., g)."""
        return self._sum_by_probability(self.weight)

    @cached_property
    def from_the_top(self) -> tuple[Vector, Vector]:
        """Cumulative events and rows down to each distinct probability, the highest first, from 0 on (..., g + 1)."""
        events = np.cumsum(self.events[..., ::-1], -1)
        size = np.cumsum(self.size[..., ::-1], -1)
        zero = np.zeros((*events.shape[:-1], 1))
        return np.concatenate([zero, events], -1), np.concatenate([zero, size], -1)

    @cached_property
    def calibration_line(self) -> tuple[Vector, Vector]:
        """Slope and intercept of a logistic regression of the outcome on the predicted log-odds (Cox 1958).

        They are 1 and 0 for a calibrated model. Fitted by Newton's method on bands of nearly equal probability.
        """
        x = self.predictions.band_log_odds
        events = np.add.reduceat(self.events, self.predictions.band, axis=-1)
        size = np.add.reduceat(self.size, self.predictions.band, axis=-1)
        share = events.sum(-1) / size.sum(-1)
        slope, intercept = np.zeros_like(share), logit(np.clip(share, 1e-6, 1 - 1e-6))
        for _ in range(50):
            p = expit(slope[..., None] * x + intercept[..., None])
            residual, variance = events - size * p, size * p * (1 - p)
            a, b, c = variance @ x**2 + RIDGE, variance @ x, variance.sum(-1) + RIDGE
            gradient_slope, gradient_intercept = residual @ x, residual.sum(-1)
            step = np.stack([c * gradient_slope - b * gradient_intercept, a * gradient_intercept - b * gradient_slope])
            step = step / (a * c - b * b)
            longest = np.abs(step).max(0)
            step = step * np.minimum(1.0, 3.0 / (longest + 1e-12))
            slope, intercept = slope + step[0], intercept + step[1]
            if longest.max() < 1e-7:
                break
        return slope, intercept

    def mean(self, value: Vector) -> Vector:
        """The weighted mean of a value (n,)."""
        return np.asarray(self.weight @ value / self.weight.sum(-1))

    def _sum_by_probability(self, value: Vector) -> Vector:
        return np.asarray(np.add.reduceat(value[..., self.predictions.order], self.predictions.first, axis=-1))


Metric = Callable[[WeightedPredictions], Vector]


def log_loss(scored: WeightedPredictions) -> Vector:
    """Mean negative log-likelihood, in nats.

    >>> float(log_loss(Predictions.of(np.array([0.5, 0.5]), np.array([0.0, 1.0])).unweighted()).round(4))
    0.6931
    """
    p, outcome = scored.predictions.probability, scored.predictions.outcome
    return -scored.mean(outcome * np.log(p) + (1 - outcome) * np.log1p(-p))


def brier(scored: WeightedPredictions) -> Vector:
    """Mean squared error of the probability (Brier 1950).

    >>> float(brier(Predictions.of(np.array([0.5, 0.5]), np.array([0.0, 1.0])).unweighted()))
    0.25
    """
    p, outcome = scored.predictions.probability, scored.predictions.outcome
    return scored.mean(p**2 - 2 * p * outcome + outcome)


def mean_predicted(scored: WeightedPredictions) -> Vector:
    """The mean probability."""
    return scored.mean(scored.predictions.probability)


def mean_outcome(scored: WeightedPredictions) -> Vector:
    """The share of events."""
    return scored.mean(scored.predictions.outcome)
