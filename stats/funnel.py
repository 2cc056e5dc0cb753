"""Which groups win more or less than expected, fairly for few and many leads.

The number of wins among leads of given chances is Poisson-binomial; a binomial of the same mean and variance stands
for it (Ehm 1991), which is exact for equal chances and close in the tails. Limits hold for all groups together: when
all are alike, one page in twenty or fewer shows anybody outside (Šidák 1967).

Where there are many leads, groups are outside for differences that are real and usual: some sell better, or get leads
that are better in ways no score shows. So it is also told who is unusual even for groups that vary as these do. The
variance between them is estimated after winsorising, lest the unusual hide themselves (Spiegelhalter 2005).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, ndtri, ndtri_exp

from stats.estimates import Estimate
from stats.random_effects import WINSORISED, spread_between, variance_from_q
from stats.types import Mask, Vector

PAGE_LEVEL = 0.05
LEFT_BY_WINSORISING = 0.678  # the variance of a standard normal number winsorised at its outer tenths
LEAST_EXPECTED = 5.0
HALVINGS = 30
TINY = 1e-12
ALIKE = "the agents differ by no more than chance explains"


@dataclass(frozen=True)
class Funnel:
    """One entry a group (k,): wins, those expected, and the limits within which wins are no news.

    `outside` is 1 for more wins than the upper limit, -1 for fewer than the lower one, 0 within; `unusual` is whether
    the usual differences between groups don't explain that either. A group is `judged` if at least 5 wins and 5 losses
    are expected, and another group is too; others are never outside. `spread` is how much groups usually vary beyond
    chance: the standard deviation of wins over expected. `differ` is the same with its interval, known only where
    somebody is outside and the interval lies above zero.
    """

    wins: Vector
    expected: Vector
    low: Vector
    high: Vector
    outside: NDArray[np.intp]
    unusual: Mask
    judged: Mask
    spread: float
    differ: Estimate


def funnel(wins: Vector, expected: Vector, variance: Vector, leads: Vector) -> Funnel:
    """Compare wins (k,) with the mean and the variance of what chance gives; the expected add up to the wins.

    Three agents with 500 leads each, of which 50 are expected to win:

    >>> found = funnel(np.array([20.0, 50.0, 80.0]), np.full(3, 50.0), np.full(3, 45.0), np.full(3, 500.0))
    >>> found.outside.tolist()
    [-1, 0, 1]
    """
    judged = (expected >= LEAST_EXPECTED) & (leads - expected >= LEAST_EXPECTED)
    judged &= judged.sum() > 1
    # a group is part of what it is compared with, so its wins err less from the expected than alone
    own = np.sqrt(np.maximum(1 - variance / max(variance.sum(), TINY), 1e-6))
    z = _normal_score(wins, expected, variance) / own
    limit = float(-ndtri((1 - (1 - PAGE_LEVEL) ** (1 / max(int(judged.sum()), 1))) / 2))
    low, high = (_wins_at(sign * limit * own, expected, variance, leads) for sign in (-1, 1))
    outside = np.where(judged & (np.abs(z) > limit), np.sign(z), 0).astype(np.intp)
    error = np.sqrt(variance) * own / np.maximum(expected, TINY)
    spread = _spread(z[judged], error[judged])
    unusual = (outside != 0) & (np.abs(z) > limit * np.sqrt(1 + (spread / np.maximum(error, TINY)) ** 2))
    differ = _differ(z[judged], error[judged]) if outside.any() else Estimate.unknown(ALIKE, int(judged.sum()))
    return Funnel(wins, expected, low, high, outside, unusual, judged, spread, differ)


def _differ(z: Vector, error: Vector) -> Estimate:
    found = spread_between(z, error)
    return found if not found.known or (found.low or 0.0) > 0 else Estimate.unknown(ALIKE, found.n)


def _spread(z: Vector, error: Vector) -> float:
    """Standard deviation between groups (DerSimonian and Laird 1986), from normal scores and standard errors."""
    if len(z) < 3:
        return 0.0
    inner = np.clip(z, *np.quantile(z, [WINSORISED, 1 - WINSORISED]))
    q = float((inner**2).sum()) / LEFT_BY_WINSORISING
    return float(np.sqrt(variance_from_q(q, error**-2)))


def _normal_score(wins: Vector, expected: Vector, variance: Vector) -> Vector:
    """The standard normal number as far out as these wins, their own chance included; 0 in the middle."""
    share = np.clip(1 - variance / np.maximum(expected, TINY), 1e-9, 1 - 1e-9)
    trials = expected / share
    with np.errstate(divide="ignore"):
        more = -ndtri_exp(np.log(_above(wins - 1, trials, share)))
        fewer = ndtri_exp(np.log(_above(trials - wins - 1, trials, 1 - share)))
    result: Vector = np.maximum(more, 0.0) + np.minimum(fewer, 0.0)
    return result


def _above(wins: Vector, trials: Vector, share: Vector) -> Vector:
    """Chance of more wins than these, of a binomial number with any real number of trials."""
    inside = (wins > -1) & (wins < trials)
    start = np.where(inside, wins + 1, 1.0)
    return np.where(inside, betainc(start, np.where(inside, trials - wins, 1.0), share), np.where(wins < 0, 1.0, 0.0))


def _wins_at(z: Vector, expected: Vector, variance: Vector, leads: Vector) -> Vector:
    """The wins at which the normal score reaches z (k,), by bisection."""
    low, high = np.zeros_like(expected), leads.astype(np.float64)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        reached = _normal_score(middle, expected, variance) >= z
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return (low + high) / 2
