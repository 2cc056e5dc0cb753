"""What the plots draw: judged leads in, points of a curve out; equal probabilities make one point."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from training.metrics import Judged

Vector = NDArray[np.float64]

BINS = 10
LEAST_IN_BIN = 20


@dataclass(frozen=True)
class Curve:
    """Points (n,), along x."""

    x: Vector
    y: Vector


@dataclass(frozen=True)
class Reliability:
    """Bins of about equal size by probability: what was promised and what was delivered in each.

    `low` and `high` are the ends of what a perfect model would deliver 95 times of 100 (binomial).
    """

    promised: Vector
    delivered: Vector
    low: Vector
    high: Vector
    leads: Vector


def roc(leads: Judged) -> Curve:
    """The share of winners found (y) for the share of the others let through (x)."""
    won, size = _from_the_top(leads)
    return Curve(_shares(size - won), _shares(won))


def precision_recall(leads: Judged) -> Curve:
    """The share of winners among those picked (y) for the share of all winners found (x)."""
    won, size = (np.cumsum(part) for part in _from_the_top(leads))
    return Curve(won / max(won[-1], 1.0), won / size)


def gains(leads: Judged) -> Curve:
    """The share of all winners (y) in the best share of the leads (x)."""
    won, size = _from_the_top(leads)
    return Curve(_shares(size), _shares(won))


def reliability(leads: Judged) -> Reliability:
    """Promised beside delivered in at most `BINS` bins; leads of equal probability share one."""
    sizes = np.bincount(leads.group)
    bins = int(np.clip(len(leads.won) // LEAST_IN_BIN, 1, BINS))
    middle = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    bin_of_group = np.unique((middle * bins).astype(np.intp), return_inverse=True)[1]
    bin_of_lead = bin_of_group[leads.group]
    count = np.bincount(bin_of_lead).astype(np.float64)
    promised = np.bincount(bin_of_lead, leads.probability) / count
    low, high = binom.interval(0.95, count, promised)
    return Reliability(promised, np.bincount(bin_of_lead, leads.won) / count, low / count, high / count, count)


def _from_the_top(leads: Judged) -> tuple[Vector, Vector]:
    """Wins and leads of each distinct probability, the highest first."""
    won, size = leads.grouped(np.ones(len(leads.won)))
    return won[::-1], size[::-1]


def _shares(counts: Vector) -> Vector:
    """Cumulative shares, from 0 to 1."""
    return np.concatenate([[0.0], np.cumsum(counts) / max(counts.sum(), 1.0)])
