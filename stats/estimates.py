"""Numbers with their 95 % intervals: counts and draws in, `Estimate`s out.

Intervals are two-sided. What cannot be known is an estimate without a value, with the reason: never 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, betaln, gammaincinv, log_expit
from scipy.stats import norm

from stats.types import Codes, Vector

TAIL = 0.025
Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""

SHARES = 1 / (1 + np.exp(-np.linspace(-9, 9, 181)))
"""The overall shares that shrinking averages over."""
STRENGTHS = np.geomspace(1, 100_000, 46)
"""The numbers of leads that the overall share may be worth to one group."""


@dataclass(frozen=True)
class Estimate:
    """A number from `n` leads (or other units) with its 95 % interval.

    Where it is unknown, the number is None and `reason` says why. Where only the interval is unknown, `low` and
    `high` are None.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str = ""

    @classmethod
    def unknown(cls, reason: str, n: int = 0) -> Self:
        return cls(None, None, None, n, reason)

    @property
    def known(self) -> bool:
        return self.value is not None

    def covers(self, value: float) -> bool:
        """Whether the value is within the interval; everything is within one that is not known."""
        return self.low is None or self.high is None or self.low <= value <= self.high


def normal(value: float, variance: float, n: int) -> Estimate:
    """A value that errs normally with this variance."""
    reach = Z * float(np.sqrt(variance))
    return Estimate(float(value), float(value) - reach, float(value) + reach, n)


def spread(number: Estimate) -> float:
    """The standard error behind a symmetric interval; 0 where it is not known."""
    return 0.0 if number.low is None or number.high is None else (number.high - number.low) / (2 * Z)


def p_value(number: Estimate) -> float:
    """The probability of such a number where the truth is 0, if it errs normally; 1 where that is not known."""
    error = spread(number)
    return 1.0 if number.value is None or not error > 0 else float(2 * norm.sf(abs(number.value) / error))


def from_draws(value: float, draws: ArrayLike, n: int) -> Estimate:
    """A value with the percentile interval of its bootstrap draws (Efron and Tibshirani 1993, ch. 13)."""
    low, high = np.quantile(np.asarray(draws, dtype=np.float64), [TAIL, 1 - TAIL])
    return Estimate(float(value), float(low), float(high), n)


def difference_of(one: Estimate, other: Estimate) -> Estimate:
    """One estimate less another of other leads; the interval follows from both of theirs (Zou and Donner 2008).

    Each end is as far from the difference as the two ends that stretch it are from their numbers, squared and added.

    >>> found = difference_of(normal(5.0, 1.0, 10), normal(3.0, 1.0, 10))
    >>> found.value, round(found.high, 3)
    (2.0, 4.772)
    """
    n = one.n + other.n
    if one.value is None or other.value is None:
        return Estimate.unknown(one.reason or other.reason, n)
    value = one.value - other.value
    low, high = (
        _reach(*ends)
        for ends in ((one.value, one.low, other.value, other.high), (one.value, one.high, other.value, other.low))
    )
    return Estimate(value, None if low is None else value - low, None if high is None else value + high, n)


def _reach(value: float, end: float | None, other: float, other_end: float | None) -> float | None:
    return None if end is None or other_end is None else float(np.hypot(value - end, other - other_end))


def exact_share(count: int, n: int, nothing: str = "no leads") -> Estimate:
    """A share with the exact binomial interval (Clopper and Pearson 1934); unknown, as `nothing` says, for n = 0.

    >>> found = exact_share(3, 10)
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.3, 0.067, 0.652)
    """
    if n == 0:
        return Estimate.unknown(nothing)
    return Estimate(count / n, *exact_interval(count, n), n)


def exact_shares(counts: Vector | Codes, sizes: Vector | Codes, nothing: str = "no leads") -> list[Estimate]:
    """`exact_share` of each count (k,) in its group's size (k,)."""
    return [exact_share(int(count), int(size), nothing) for count, size in zip(counts, sizes, strict=True)]


def exact_interval(count: float, n: float) -> tuple[float, float]:
    """The exact binomial interval of the share count / n (Clopper and Pearson 1934); fractions are allowed.

    >>> low, high = exact_interval(0, 10)
    >>> low, round(high, 3)
    (0.0, 0.308)
    """
    low = float(betaincinv(count, n - count + 1, TAIL)) if count > 0 else 0.0
    high = float(betaincinv(count + 1, n - count, 1 - TAIL)) if count < n else 1.0
    return low, high


def exact_count(count: int) -> Estimate:
    """A count with the exact Poisson interval of its mean (Garwood 1936).

    >>> round(exact_count(0).high, 3)
    3.689
    """
    low = float(gammaincinv(count, TAIL)) if count > 0 else 0.0
    return Estimate(float(count), low, float(gammaincinv(count + 1, 1 - TAIL)), count)


def beta_interval(mean: ArrayLike, variance: ArrayLike) -> tuple[Vector, Vector]:
    """Interval of shares (n,) that are beta distributed with these means and variances; it never leaves 0 to 1."""
    mean, variance = np.asarray(mean, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    spread = mean * (1 - mean)
    certain = (variance <= 1e-12 * spread) | (spread <= 1e-9)
    strength = np.maximum(np.where(certain, 1.0, spread / np.where(certain, 1.0, variance) - 1), 0.01)
    within = np.where(certain, 0.5, mean)
    low, high = (betaincinv(within * strength, (1 - within) * strength, tail) for tail in (TAIL, 1 - TAIL))
    return np.where(certain, mean, low), np.where(certain, mean, high)


def shrunk_shares(counts: ArrayLike, sizes: ArrayLike) -> list[Estimate]:
    """Shares of groups, each drawn toward the whole as far as it is small and as the groups are alike.

    Beta-binomial: a group's share is a draw around the overall share, which is worth some number of leads to it.
    Neither is taken for certain, or the intervals of few groups would be too short; both are averaged over, on a
    grid, with every amount of shrinkage of a group of median size as likely as any other (Christiansen and Morris
    1997). The interval is that of the beta distribution with the posterior's mean and variance.

    >>> small, large = shrunk_shares([1, 30], [2, 300])
    >>> 0.1 < small.value < 0.5
    True
    """
    y, n = np.asarray(counts, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    if len(y) == 0 or n.sum() == 0:
        return [Estimate.unknown("no leads") for _ in y]
    share, strength = (grid.ravel() for grid in np.meshgrid(SHARES, STRENGTHS))
    weight = _posterior(y, n, share, strength)
    likely = weight > 1e-6 * weight.max()
    weight, share, strength = weight[likely] / weight[likely].sum(), share[likely], strength[likely]
    won, all_ = y[:, None] + share * strength, n[:, None] + strength
    means = won / all_
    mean = means @ weight
    variance = (means * (1 - means) / (all_ + 1) + means**2) @ weight - mean**2
    low, high = beta_interval(mean, variance)
    return [Estimate(float(m), float(lo), float(hi), int(k)) for m, lo, hi, k in zip(mean, low, high, n, strict=True)]


def _posterior(y: Vector, n: Vector, share: Vector, strength: Vector) -> Vector:
    """How likely each overall share and strength is, not normalised; the grid is even in logit and logarithm."""
    won, lost = share * strength, (1 - share) * strength
    log_odds = np.log(share / (1 - share))
    middle = float(np.median(n[n > 0]))
    log_weight = np.log(strength) - 2 * np.log(strength + middle) + log_expit(log_odds) + log_expit(-log_odds)
    before = betaln(won, lost)
    pairs, times = np.unique(np.stack([y, n]), axis=1, return_counts=True)
    for (count, size), repeated in zip(pairs.T, times, strict=True):
        log_weight += repeated * (betaln(won + count, lost + size - count) - before)
    return np.exp(log_weight - log_weight.max())


def holm(p_values: Sequence[float], level: float) -> list[bool]:
    """Which of several tests are beyond noise when all of them together may err at this level (Holm 1979).

    >>> holm([0.01, 0.04, 0.03], 0.05)
    [True, False, False]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    passed = np.minimum.accumulate(p[order] <= level / np.arange(len(p), 0, -1))
    beyond = np.zeros(len(p), dtype=bool)
    beyond[order] = passed
    return beyond.tolist()
