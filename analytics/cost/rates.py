"""Wins, counted or expected, per amount of money, as rates with intervals.

A sum over leads that come at random is Poisson where each lead counts 0 or 1, and compound Poisson where it counts
its probability. `square` is the sum of the squared counts: that of wins is the number of wins itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaincinv, gammaln

from stats.estimates import TAIL, Estimate

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

NO_SPEND = "no spend recorded"

STRENGTHS = np.geomspace(0.5, 500, 40)
"""The numbers of wins that the whole's rate may be worth to one group."""
FACTORS = np.exp(np.linspace(-4, 4, 121))
"""The whole's rates that are averaged over, as factors on the pooled one."""
POINTS = (np.arange(400) + 0.5) / 400


def sum_interval(total: float, square: float, most: float) -> tuple[float, float]:
    """95 % interval of the mean of such a sum; `most` is what one lead can count (Fay and Feuer 1997)."""
    low = square / total * float(gammaincinv(total**2 / square, TAIL)) if total > 0 else 0.0
    more, wide = total + most, square + most**2
    return low, wide / more * float(gammaincinv(more**2 / wide, 1 - TAIL))


def cost_of_one(money: float, total: float, square: float, most: float, what: str) -> Estimate:
    """Money over a sum. With a sum of 0 only the lower end is known, and there is no upper one."""
    if money <= 0:
        return Estimate.unknown(NO_SPEND)
    low, high = sum_interval(total, square, most)
    if total <= 0:
        return Estimate(None, money / high, None, 0, f"no {what} yet from this spend")
    return Estimate(money / total, money / high, money / low, round(total))


@dataclass(frozen=True)
class Rate:
    """A gamma distribution: wins for each unit of money."""

    shape: float
    scale: float

    @property
    def mean(self) -> float:
        return self.shape * self.scale

    @property
    def low(self) -> float:
        return float(gammaincinv(self.shape, TAIL)) * self.scale

    @property
    def high(self) -> float:
        return float(gammaincinv(self.shape, 1 - TAIL)) * self.scale

    def times(self, money: float, n: int) -> Estimate:
        """The wins that this money brings."""
        return Estimate(money * self.mean, money * self.low, money * self.high, n)

    def cost_of_one(self, n: int) -> Estimate:
        """The money for one win."""
        return Estimate(1 / self.mean, 1 / self.high, 1 / self.low, n)


def chance_best(rates: Sequence[Rate]) -> list[float]:
    """For each rate, the chance that it is the highest."""
    shape, scale = (np.array(part) for part in zip(*((rate.shape, rate.scale) for rate in rates), strict=True))
    at = gammaincinv(shape[:, None], POINTS) * scale[:, None]
    lower = gammainc(shape[:, None, None], at / scale[:, None, None])
    lower[np.arange(len(at)), np.arange(len(at))] = 1.0
    best = lower.prod(axis=0).mean(axis=1)
    return (best / best.sum()).tolist()


def shrunk_rates(totals: ArrayLike, squares: ArrayLike, money: ArrayLike) -> list[Rate]:
    """Rates of groups, each drawn toward the whole as far as it is small and as they are alike.

    Gamma-Poisson: a group's rate is a draw around the whole's, which is worth some number of wins to it. Neither is
    taken for certain; both are averaged over on a grid, with every amount of shrinkage of a middling group as likely
    as any other (Christiansen and Morris 1997). The results have the posteriors' means and variances.
    """
    total, square, spent = (np.asarray(part, dtype=np.float64) for part in (totals, squares, money))
    unit = square.sum() / total.sum()  # wins that one effective win is worth
    own = np.divide(square, total, out=np.full_like(total, unit), where=total > 0)
    count, size = total / own, spent / own
    middles = (total.sum() + 0.5 * unit) / spent.sum() * FACTORS
    strength, middle = (grid.ravel() for grid in np.meshgrid(STRENGTHS, middles))
    weight = _posterior(count, np.outer(size, middle), strength)
    shape, time = count[:, None] + strength, size[:, None] + strength / middle
    mean = (shape / time) @ weight
    variance = (shape * (shape + 1) / time**2) @ weight - mean**2
    return [Rate(*pair) for pair in zip((mean**2 / variance).tolist(), (variance / mean).tolist(), strict=True)]


def _posterior(count: Vector, expected: Matrix, strength: Vector) -> Vector:
    """How likely each strength and middle rate (k,) is, from negative binomial likelihoods."""
    usual = max(float(np.median(count)), 1.0)
    log_weight = np.log(strength) - 2 * np.log(strength + usual)
    for one, mean in zip(count, expected, strict=True):
        log_weight += gammaln(one + strength) - gammaln(strength) + strength * np.log(strength)
        log_weight += one * np.log(mean) - (one + strength) * np.log(mean + strength)
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray(weight / weight.sum())
