"""How long winners take to win, and so the share of a lead's outcome that can be known at its age.

For each group of leads (a source with enough wins; the others together) the chance of a win within so many days is
the Kaplan–Meier estimate over all of its leads: one that is lost, or older than the horizon, was seen to the end of
the horizon, an open one up to its age. Where too few leads are as old as the horizon to see that far, a Weibull delay
among the share that ever wins (Boag 1949; Chapelle 2014, whose delay is its exponential case) says what comes after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from stats.survival import KaplanMeier, WeibullCure
from stats.types import Codes, Mask, Vector

LEAST_WINS = 20
LEAST_AT_END = 20
"""Leads that must be as old as the horizon for its end to be told without an assumption."""
STEPS = 200


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
    curve_of: Codes

    @classmethod
    def fit(cls, delay: Vector, age: Vector, lost: Mask, group: Codes, groups: int, horizon_days: float) -> Self:
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

    def known(self, group: Codes, days: Vector) -> Vector:
        """The share of its winners that a group (n,) has seen at these ages (n,)."""
        known, mine = np.empty(len(days)), self.curve_of[group]
        for number, curve in enumerate(self.curves):
            known[mine == number] = curve.at(days[mine == number])
        return known

    def rate(self, group: Codes) -> Vector:
        """The share of each lead's group (n,) that wins within the horizon."""
        return np.array([curve.rate for curve in self.curves])[self.curve_of[group]]


def _curve(delay: Vector, age: Vector, lost: Mask, horizon_days: float) -> Curve:
    if np.isnan(delay).all():
        return Curve(np.array([0.0, horizon_days]), np.array([0.0, 1.0]), 0.0)
    followed = np.where(lost, horizon_days, age)
    if (age >= horizon_days).sum() < LEAST_AT_END:
        return _weibull(delay, followed, horizon_days)
    return _kaplan_meier(delay, followed, horizon_days)


def _kaplan_meier(delay: Vector, followed: Vector, horizon_days: float) -> Curve:
    won = ~np.isnan(delay)
    found = KaplanMeier.fit(np.where(won, delay, np.minimum(followed, horizon_days)), won)
    chance = -np.expm1(found.log_survival)
    last_of_day = np.append(np.diff(found.time) > 0, True)
    rate = float(chance[-1])
    return Curve(np.append(0.0, found.time[last_of_day]), np.append(0.0, chance[last_of_day]) / rate, rate)


def _weibull(delay: Vector, followed: Vector, horizon_days: float) -> Curve:
    won = ~np.isnan(delay)
    model = WeibullCure.fit(delay[won], np.minimum(followed[~won], horizon_days), 20 * horizon_days)
    grid = np.linspace(0.0, 1.0, STEPS + 1) ** 2 * horizon_days
    chance = model.cumulative(grid)
    return Curve(grid, chance / chance[-1], float(model.ever * chance[-1]), assumed=True)
