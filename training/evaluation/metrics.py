"""How good a set of probabilities is: probabilities and outcomes in, one number out, each with lead weights.

Equal probabilities are averaged over, never ranked by row order. Weights let a bootstrap draw leads by counting
how often each is drawn, so that the leads are sorted once and all draws are judged together.

Every metric is linear in `won`, so a lead whose outcome is known by a share may stand for its expectation: a win on
record counts 1 / share, no win 0, with the share as its weight.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

Vector = NDArray[np.float64]
Places = NDArray[np.intp]

BINS = 10
BANDS = 500
TINY = 1e-15
RIDGE = 1e-9
"""Keeps the calibration line finite where all leads have the same probability."""


@dataclass(frozen=True)
class Judged:
    """n leads sorted by probability: `order` (n,), and where each distinct one begins in it, `first` (g,).

    `band` (b,) says where among the distinct probabilities bands begin, at most `BANDS` of about equal size;
    `band_log_odds` (b,) has their mean log-odds.
    """

    probability: Vector
    won: Vector
    order: Places
    first: Places
    band: Places
    band_log_odds: Vector

    @classmethod
    def of(cls, probability: Vector, won: Vector) -> Self:
        probability = np.clip(probability, TINY, 1 - TINY)
        order = np.argsort(probability, kind="stable")
        _, first = np.unique(probability[order], return_index=True)
        _, band = np.unique(np.arange(len(first)) * min(BANDS, len(first)) // len(first), return_index=True)
        log_odds = np.add.reduceat(logit(probability[order]), first[band])
        return cls(probability, won, order, first, band, log_odds / np.diff(first[band], append=len(order)))

    def weighed(self, weight: Vector) -> "Weighed":
        """These leads, each counting as often as `weight` (n,) says; (draws, n) for many draws at once."""
        return Weighed(self, weight)


@dataclass(frozen=True)
class Weighed:
    """Judged leads with weights (..., n); what is made of them has the shape (...)."""

    judged: Judged
    weight: Vector

    @cached_property
    def won(self) -> Vector:
        """Wins of each distinct probability, rising (..., g)."""
        return self._by_probability(self.weight * self.judged.won)

    @cached_property
    def size(self) -> Vector:
        """Leads of each distinct probability, rising (..., g)."""
        return self._by_probability(self.weight)

    @cached_property
    def from_the_top(self) -> tuple[Vector, Vector]:
        """Wins and leads found down to each distinct probability, the highest first, from 0 on (..., g + 1)."""
        won, size = (np.cumsum(part[..., ::-1], -1) for part in (self.won, self.size))
        none = np.zeros((*won.shape[:-1], 1))
        return np.concatenate([none, won], -1), np.concatenate([none, size], -1)

    @cached_property
    def calibration_line(self) -> tuple[Vector, Vector]:
        """Slope and intercept of the outcomes on the predicted log-odds (Cox 1958); 1 and 0 for a calibrated model.

        Fitted by Newton's method on leads of nearly equal probability taken together.
        """
        x = self.judged.band_log_odds
        won, size = (np.add.reduceat(part, self.judged.band, axis=-1) for part in (self.won, self.size))
        share = won.sum(-1) / size.sum(-1)
        slope, intercept = np.zeros_like(share), logit(np.clip(share, 1e-6, 1 - 1e-6))
        for _ in range(50):
            p = expit(slope[..., None] * x + intercept[..., None])
            miss, spread = won - size * p, size * p * (1 - p)
            a, b, c = spread @ x**2 + RIDGE, spread @ x, spread.sum(-1) + RIDGE
            along, up = miss @ x, miss.sum(-1)
            step = np.stack([c * along - b * up, a * up - b * along]) / (a * c - b * b)
            longest = np.abs(step).max(0)
            step = step * np.minimum(1.0, 3.0 / (longest + 1e-12))
            slope, intercept = slope + step[0], intercept + step[1]
            if longest.max() < 1e-7:
                break
        return slope, intercept

    def mean(self, value: Vector) -> Vector:
        """The weighted mean of a value (n,) of each lead."""
        return np.asarray(self.weight @ value / self.weight.sum(-1))

    def _by_probability(self, value: Vector) -> Vector:
        return np.asarray(np.add.reduceat(value[..., self.judged.order], self.judged.first, axis=-1))


Metric = Callable[[Weighed], Vector]


def auc(leads: Weighed) -> Vector:
    """The chance that a winner is ranked above another lead, ties counting half; NaN where all or none won."""
    won, lost = leads.won, leads.size - leads.won
    below = np.cumsum(lost, -1) - lost / 2
    return _share((won * below).sum(-1), won.sum(-1) * lost.sum(-1))


def average_precision(leads: Weighed) -> Vector:
    """Precision averaged over the winners, from the highest score down; NaN where none won."""
    found, seen = leads.from_the_top
    precision = found[..., 1:] / np.maximum(seen[..., 1:], TINY)
    return _share((precision * leads.won[..., ::-1]).sum(-1), found[..., -1])


def log_loss(leads: Weighed) -> Vector:
    """Mean negative log-likelihood, in nats."""
    p, won = leads.judged.probability, leads.judged.won
    return -leads.mean(won * np.log(p) + (1 - won) * np.log1p(-p))


def brier(leads: Weighed) -> Vector:
    """Mean squared error of the probability."""
    p, won = leads.judged.probability, leads.judged.won
    return leads.mean(p**2 - 2 * p * won + won)


def calibration_slope(leads: Weighed) -> Vector:
    """Below 1 where the probabilities are too far apart, above 1 where they are too close together."""
    return leads.calibration_line[0]


def calibration_intercept(leads: Weighed) -> Vector:
    """Above 0 where more leads won than promised, at the fitted slope."""
    return leads.calibration_line[1]


def ece(leads: Weighed) -> Vector:
    """Expected calibration error in ten bins of equal width."""
    p, won = leads.judged.probability, leads.judged.won
    gap = leads.weight @ ((p - won)[:, None] * _in_bins(p))
    return np.asarray(np.abs(gap).sum(-1) / leads.weight.sum(-1))


def ece_noise_floor(leads: Judged, seed: int, draws: int = 200) -> float:
    """The error that a perfect model with these probabilities shows on as many leads, on average."""
    rng, p = np.random.default_rng(seed), leads.probability
    bins = _in_bins(p)
    gaps = [((rng.random(len(p)) < p) - p) @ bins for _ in range(draws)]
    return float(np.abs(gaps).sum(-1).mean() / len(p))


def _in_bins(p: Vector) -> Vector:
    """A column for each bin: 1 where the probability is in it (n, BINS)."""
    return np.eye(BINS)[np.minimum((p * BINS).astype(np.intp), BINS - 1)]


def gain(share: float) -> Metric:
    """The share of all wins found in the top `share` of the leads, ties averaged; NaN where none won."""

    def gain_at(leads: Weighed) -> Vector:
        found, seen = leads.from_the_top
        room = share * seen[..., -1:]
        above = (seen[..., 1:-1] < room).sum(-1, keepdims=True)
        ends = [
            (np.take_along_axis(part, above, -1), np.take_along_axis(part, above + 1, -1)) for part in (found, seen)
        ]
        (found_above, found_below), (seen_above, seen_below) = ends
        taken = found_above + (found_below - found_above) * (room - seen_above) / (seen_below - seen_above)
        return _share(taken[..., 0], found[..., -1])

    return gain_at


def lift(share: float) -> Metric:
    """Wins in the top `share` over wins in an average one, ties averaged."""
    gain_at = gain(share)
    return lambda leads: gain_at(leads) / share


def promised(leads: Weighed) -> Vector:
    """The mean probability."""
    return leads.mean(leads.judged.probability)


def delivered(leads: Weighed) -> Vector:
    """The share that won."""
    return leads.mean(leads.judged.won)


def _share(part: Vector, whole: Vector) -> Vector:
    """NaN where there is no whole."""
    return np.asarray(np.where(whole == 0, np.nan, part / np.where(whole == 0, 1.0, whole)))


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
