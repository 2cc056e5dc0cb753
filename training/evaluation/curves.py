"""What the plots draw: judged leads in, points of a curve out; equal probabilities make one point."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from training.evaluation.metrics import Judged

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
    found, seen = _from_the_top(leads)
    return Curve(_shares(seen - found), _shares(found))


def precision_recall(leads: Judged) -> Curve:
    """The share of winners among those picked (y) for the share of all winners found (x)."""
    found, seen = (part[1:] for part in _from_the_top(leads))
    return Curve(_shares(found), found / seen)


def gains(leads: Judged) -> Curve:
    """The share of all winners (y) in the best share of the leads (x)."""
    found, seen = _from_the_top(leads)
    return Curve(_shares(seen), _shares(found))


def reliability(leads: Judged) -> Reliability:
    """Promised beside delivered in at most `BINS` bins; leads of equal probability share one."""
    n = len(leads.won)
    bins = int(np.clip(n // LEAST_IN_BIN, 1, BINS))
    middle = (leads.first + np.append(leads.first[1:], n)) / (2 * n)
    begin = leads.first[np.unique((middle * bins).astype(np.intp), return_index=True)[1]]
    count = np.diff(begin, append=n).astype(np.float64)
    promised, delivered = (
        np.add.reduceat(value[leads.order], begin) / count for value in (leads.probability, leads.won)
    )
    low, high = binom.interval(0.95, count, promised)
    return Reliability(promised, delivered, low / count, high / count, count)


def _from_the_top(leads: Judged) -> tuple[Vector, Vector]:
    return leads.weighed(np.ones(len(leads.won))).from_the_top


def _shares(cumulative: Vector) -> Vector:
    return cumulative / max(cumulative[-1], 1.0)
