"""How good a set of probabilities is: probabilities and outcomes in, one number out, each with lead weights.

Equal probabilities are averaged over, never ranked by row order. Weights let a bootstrap draw leads by counting
how often each is drawn, so that the leads are sorted once.

Every metric is linear in `won`, so a lead whose outcome is known by a share may stand for its expectation: a win on
record counts 1 / share, no win 0, with the share as its weight.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

Vector = NDArray[np.float64]

BINS = 10
BANDS = 500
TINY = 1e-15


@dataclass(frozen=True)
class Judged:
    """n leads grouped by probability: `group` (n,) numbers the distinct probabilities, rising.

    `band` (n,) takes groups together into at most `BANDS` of equal size, with their mean log-odds.
    """

    probability: Vector
    won: Vector
    group: NDArray[np.intp]
    band: NDArray[np.intp]
    band_log_odds: Vector

    @classmethod
    def of(cls, probability: Vector, won: Vector) -> Self:
        probability = np.clip(probability, TINY, 1 - TINY)
        distinct, group = np.unique(probability, return_inverse=True)
        _, band = np.unique(group * min(BANDS, len(distinct)) // len(distinct), return_inverse=True)
        log_odds = np.bincount(band, logit(probability)) / np.bincount(band)
        return cls(probability, won, group, band, log_odds)

    def grouped(self, weight: Vector) -> tuple[Vector, Vector]:
        """Wins and leads of each distinct probability."""
        return _sums(self.group, weight * self.won), _sums(self.group, weight)


def _sums(group: NDArray[np.intp], weight: Vector) -> Vector:
    return np.asarray(np.bincount(group, weight), dtype=np.float64)


def auc(leads: Judged, weight: Vector) -> float:
    """The chance that a winner is ranked above another lead, ties counting half."""
    won, size = leads.grouped(weight)
    lost = size - won
    if won.sum() == 0 or lost.sum() == 0:
        return float("nan")
    return float((won * (np.cumsum(lost) - lost / 2)).sum() / (won.sum() * lost.sum()))


def average_precision(leads: Judged, weight: Vector) -> float:
    """Precision averaged over the winners, from the highest score down."""
    won, size = (part[::-1] for part in leads.grouped(weight))
    precision = np.cumsum(won) / np.maximum(np.cumsum(size), TINY)
    return float((precision * won).sum() / won.sum()) if won.sum() else float("nan")


def log_loss(leads: Judged, weight: Vector) -> float:
    """Mean negative log-likelihood, in nats."""
    likelihood = leads.won * np.log(leads.probability) + (1 - leads.won) * np.log1p(-leads.probability)
    return float(-(weight * likelihood).sum() / weight.sum())


def brier(leads: Judged, weight: Vector) -> float:
    """Mean squared error of the probability."""
    error = leads.probability**2 - 2 * leads.probability * leads.won + leads.won
    return float((weight * error).sum() / weight.sum())


def calibration_line(leads: Judged, weight: Vector) -> tuple[float, float]:
    """Slope and intercept of the outcomes on the predicted log-odds (Cox 1958); 1 and 0 for a calibrated model.

    Fitted by Newton's method on leads of nearly equal probability taken together.
    """
    won, size = np.bincount(leads.band, weight * leads.won), np.bincount(leads.band, weight)
    design = np.stack([leads.band_log_odds, np.ones(len(size))])
    line = np.array([0.0, float(logit(np.clip(won.sum() / size.sum(), 1e-6, 1 - 1e-6)))])
    for _ in range(50):
        p = expit(line @ design)
        gradient = design @ (won - size * p)
        hessian = (design * (size * p * (1 - p))) @ design.T + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        line = line + step * min(1.0, 3.0 / float(np.abs(step).max() + 1e-12))
        if np.abs(step).max() < 1e-7:
            break
    return float(line[0]), float(line[1])


def calibration_slope(leads: Judged, weight: Vector) -> float:
    """Below 1 where the probabilities are too far apart, above 1 where they are too close together."""
    return calibration_line(leads, weight)[0]


def calibration_intercept(leads: Judged, weight: Vector) -> float:
    """Above 0 where more leads won than promised, at the fitted slope."""
    return calibration_line(leads, weight)[1]


def ece(leads: Judged, weight: Vector) -> float:
    """Expected calibration error in ten bins of equal width."""
    bins = np.minimum((leads.probability * BINS).astype(np.intp), BINS - 1)
    gap = np.bincount(bins, weight * (leads.probability - leads.won), minlength=BINS)
    return float(np.abs(gap).sum() / weight.sum())


def ece_noise_floor(leads: Judged, seed: int, draws: int = 200) -> float:
    """The error that a perfect model with these probabilities shows on as many leads, on average."""
    rng = np.random.default_rng(seed)
    ones = np.ones(len(leads.won))
    perfect = (rng.random(len(ones)) < leads.probability for _ in range(draws))
    return float(np.mean([ece(replace(leads, won=won.astype(np.float64)), ones) for won in perfect]))


def gain(share: float) -> Callable[[Judged, Vector], float]:
    """The share of all wins found in the top `share` of the leads."""

    def gain_at(leads: Judged, weight: Vector) -> float:
        won, size = (part[::-1] for part in leads.grouped(weight))
        room = share * size.sum() - (np.cumsum(size) - size)
        taken = np.clip(room / np.maximum(size, TINY), 0, 1)
        return float((won * taken).sum() / won.sum()) if won.sum() else float("nan")

    return gain_at


def lift(share: float) -> Callable[[Judged, Vector], float]:
    """Wins in the top `share` over wins in an average one, ties averaged."""
    gain_at = gain(share)
    return lambda leads, weight: gain_at(leads, weight) / share


def promised(leads: Judged, weight: Vector) -> float:
    """The mean probability."""
    return float(np.average(leads.probability, weights=weight))


def delivered(leads: Judged, weight: Vector) -> float:
    """The share that won."""
    return float(np.average(leads.won, weights=weight))


Metric = Callable[[Judged, Vector], float]

METRICS: dict[str, Metric] = {
    "auc": auc,
    "average_precision": average_precision,
    "log_loss": log_loss,
    "brier": brier,
    "calibration_slope": calibration_slope,
    "calibration_intercept": calibration_intercept,
    "ece": ece,
    "lift_10": lift(0.1),
    "lift_20": lift(0.2),
    "lift_30": lift(0.3),
    "gain_10": gain(0.1),
    "gain_20": gain(0.2),
    "gain_30": gain(0.3),
    "promised": promised,
    "delivered": delivered,
}
