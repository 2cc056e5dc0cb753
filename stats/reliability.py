"""How well probabilities are calibrated: slope, intercept, expected calibration error, reliability curve."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from stats.predictions import Predictions, WeightedPredictions
from stats.types import Matrix, Vector

BINS = 10
LEAST_IN_BIN = 20


@dataclass(frozen=True)
class ReliabilityCurve:
    """Bins (k,) of about equal size by probability: mean prediction, share of events, and their number of rows.

    `low` and `high` are the ends of what a perfect model would show 95 times of 100 (binomial).
    """

    predicted: Vector
    actual: Vector
    low: Vector
    high: Vector
    size: Vector


def calibration_slope(scored: WeightedPredictions) -> Vector:
    """The slope of the calibration line; below 1 where probabilities are too far apart (overfitting)."""
    return scored.calibration_line[0]


def calibration_intercept(scored: WeightedPredictions) -> Vector:
    """The intercept of the calibration line; above 0 where there were more events than predicted."""
    return scored.calibration_line[1]


def expected_calibration_error(scored: WeightedPredictions) -> Vector:
    """Expected calibration error in ten bins of equal width (Naeini, Cooper and Hauskrecht 2015).

    >>> scored = Predictions.of(np.array([0.25, 0.25]), np.array([0.0, 1.0])).unweighted()
    >>> float(expected_calibration_error(scored))
    0.25
    """
    p, outcome = scored.predictions.probability, scored.predictions.outcome
    gap = scored.weight @ ((p - outcome)[:, None] * _bin_indicators(p))
    return np.asarray(np.abs(gap).sum(-1) / scored.weight.sum(-1))


def calibration_noise_floor(predictions: Predictions, seed: int, draws: int = 200) -> float:
    """The mean expected calibration error of a perfect model with these probabilities on as many rows."""
    rng, p = np.random.default_rng(seed), predictions.probability
    bins = _bin_indicators(p)
    gaps = [((rng.random(len(p)) < p) - p) @ bins for _ in range(draws)]
    return float(np.abs(gaps).sum(-1).mean() / len(p))


def reliability_curve(predictions: Predictions, least_in_bin: int = LEAST_IN_BIN) -> ReliabilityCurve:
    """Return at most `BINS` bins with at least about `least_in_bin` rows; equal probabilities share one."""
    n = len(predictions.outcome)
    bins = int(np.clip(n // least_in_bin, 1, BINS))
    middle = (predictions.first + np.append(predictions.first[1:], n)) / (2 * n)
    begin = predictions.first[np.unique((middle * bins).astype(np.intp), return_index=True)[1]]
    size = np.diff(begin, append=n).astype(np.float64)
    predicted = np.add.reduceat(predictions.probability[predictions.order], begin) / size
    actual = np.add.reduceat(predictions.outcome[predictions.order], begin) / size
    low, high = binom.interval(0.95, size, predicted)
    return ReliabilityCurve(predicted, actual, low / size, high / size, size)


def _bin_indicators(p: Vector) -> Matrix:
    """A column for each bin: 1 where the probability is in it (n, BINS)."""
    return np.eye(BINS)[np.minimum((p * BINS).astype(np.intp), BINS - 1)]
