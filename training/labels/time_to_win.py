"""How long winners take: what was seen of each lead in, the share of its outcome that can be known at an age out.

For each group of leads (a source with enough wins; the others together) the chance of a win within so many days is
the Kaplan–Meier estimate over all of its leads: one that is lost, or older than the horizon, was seen to the end of
the horizon, an open one up to its age. Where too few leads are as old as the horizon to see that far, a Weibull delay
among the share that ever wins (Boag 1949; Chapelle 2014, whose delay is its exponential case) says what comes after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit

Vector = NDArray[np.float64]
Groups = NDArray[np.intp]

LEAST_WINS = 20
LEAST_AT_END = 20
"""Leads that must be as old as the horizon for its end to be told without an assumption."""
LEAST_DAYS = 0.02
STEPS = 200
CRITICAL = 1.92
"""Half the 95 % point of χ² with one degree of freedom: what a shape must gain in log-likelihood."""


@dataclass(frozen=True)
class Curve:
    """Of the leads that win within the horizon, the `share` (k,) that has won within so many `days` (k,).

    `rate` is the share of all leads that wins within the horizon; `assumed` says that the end was not seen.
    """

    days: Vector
    share: Vector
    rate: float
    assumed: bool = False

    def at(self, days: Vector) -> Vector:
        """The share (n,) at ages (n,) in days."""
        return np.interp(days, self.days, self.share)


@dataclass(frozen=True)
class Delays:
    """A curve for each group of leads, and `curve_of` (groups,), the number of each group's curve."""

    curves: Sequence[Curve]
    curve_of: Groups

    @classmethod
    def fit(
        cls, delay: Vector, age: Vector, lost: NDArray[np.bool_], group: Groups, groups: int, horizon_days: float
    ) -> Self:
        """From each lead's days to the win (n,), NaN for none within the horizon, its age (n,), and whether it is lost.

        `group` (n,) is below `groups`.
        """
        won = ~np.isnan(delay)
        wins = np.bincount(group[won], minlength=groups)
        own = np.flatnonzero(wins >= LEAST_WINS)
        curve_of = np.zeros(len(wins), dtype=np.intp)
        curve_of[own] = np.arange(1, len(own) + 1)
        others = ~np.isin(group, own)
        together = others if (others & won).sum() >= LEAST_WINS else np.ones(len(group), dtype=bool)
        members = [together, *(group == number for number in own)]
        return cls([_curve(delay[rows], age[rows], lost[rows], horizon_days) for rows in members], curve_of)

    @property
    def assumed(self) -> bool:
        """Whether wins later than any lead was followed are counted on."""
        return any(curve.assumed for curve in self.curves)

    def known(self, group: Groups, days: Vector) -> Vector:
        """The share of its winners that a group (n,) has seen at these ages (n,)."""
        known, mine = np.empty(len(days)), self.curve_of[group]
        for number, curve in enumerate(self.curves):
            known[mine == number] = curve.at(days[mine == number])
        return known

    def rate(self, group: Groups) -> Vector:
        """The share of each lead's group (n,) that wins within the horizon."""
        return np.array([curve.rate for curve in self.curves])[self.curve_of[group]]


def _curve(delay: Vector, age: Vector, lost: NDArray[np.bool_], horizon_days: float) -> Curve:
    if np.isnan(delay).all():
        return Curve(np.array([0.0, horizon_days]), np.array([0.0, 1.0]), 0.0)
    followed = np.where(lost, horizon_days, age)
    if (age >= horizon_days).sum() < LEAST_AT_END:
        return _weibull(delay, followed, horizon_days)
    return _kaplan_meier(delay, followed, horizon_days)


def _kaplan_meier(delay: Vector, followed: Vector, horizon_days: float) -> Curve:
    won = ~np.isnan(delay)
    days = np.where(won, delay, np.minimum(followed, horizon_days))
    order = np.lexsort((~won, days))
    at_risk = len(days) - np.arange(len(days))
    chance = 1 - np.cumprod(1 - won[order] / at_risk)
    last = np.append(np.diff(days[order]) > 0, True)
    rate = float(chance[-1])
    return Curve(np.append(0.0, days[order][last]), np.append(0.0, chance[last]) / rate, rate)


def _weibull(delay: Vector, followed: Vector, horizon_days: float) -> Curve:
    """The share that ever wins, and the scale and shape of its delay, by maximum likelihood."""
    won = ~np.isnan(delay)
    days = np.maximum(delay[won], LEAST_DAYS)
    unseen = np.maximum(np.minimum(followed[~won], horizon_days), LEAST_DAYS)

    def loss(parameters: Vector) -> float:
        ever, scale, shape = parameters[0], np.exp(parameters[1]), np.exp(parameters[2])
        hazard = (days / scale) ** shape
        wins = log_expit(ever) + np.log(shape / scale) + (shape - 1) * np.log(days / scale) - hazard
        return float(-wins.sum() - np.log1p(-expit(ever) * -np.expm1(-((unseen / scale) ** shape))).sum())

    def best(shapes: tuple[float, float]) -> tuple[float, Vector]:
        start = np.array([0.0, np.log(2 * days.mean() + LEAST_DAYS), 0.0])
        scales = (np.log(LEAST_DAYS), np.log(20 * horizon_days))
        found = minimize(loss, start, method="L-BFGS-B", bounds=[(-12.0, 6.0), scales, shapes])
        return float(found.fun), found.x

    exponential, free = best((0.0, 0.0)), best((-1.5, 1.5))
    ever, log_scale, log_shape = (free if free[0] < exponential[0] - CRITICAL else exponential)[1]
    grid = np.linspace(0.0, 1.0, STEPS + 1) ** 2 * horizon_days
    chance = -np.expm1(-((grid / np.exp(log_scale)) ** np.exp(log_shape)))
    return Curve(grid, chance / chance[-1], float(expit(ever) * chance[-1]), assumed=True)
