"""Times to an event, some of which are only known to be longer: Kaplan–Meier, quantiles, a Weibull cure model.

A row without an event yet is not dropped: all that is known of its time is that it is longer than so far. So late
events don't make a team look slow, and rows that were left lying don't make it look fast.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from stats.estimates import Estimate, Z
from stats.types import Codes, Mask, Vector

ALMOST = 1e-9
SHORTEST = 0.02
"""Times are at least this long in the Weibull model, in the caller's unit: its likelihood has a pole at 0."""
CRITICAL = 1.92
"""Half the 95 % point of χ² with one degree of freedom: what a shape must gain in log-likelihood."""


@dataclass(frozen=True)
class KaplanMeier:
    """The share without an event by time (Kaplan and Meier 1958).

    `time` (n,) ascends, events before censored rows; `log_survival` (n,) and its Greenwood (1926) `variance` (n,) are
    those right after each.

    >>> found = KaplanMeier.fit(np.array([1.0, 2.0, 3.0]), np.array([True, False, True]))
    >>> np.exp(found.log_survival).round(3).tolist()
    [0.667, 0.667, 0.0]
    """

    time: Vector
    log_survival: Vector
    variance: Vector

    @classmethod
    def fit(cls, time: Vector, event: Mask) -> Self:
        """From times (n,), and whether each ended in the event (n,) or was cut off."""
        order = np.lexsort((~event, time))
        return cls.from_sorted(time[order], event[order])

    @classmethod
    def from_sorted(cls, time: Vector, event: Mask) -> Self:
        """`fit`, for times in ascending order, events before censored rows of the same time."""
        at_risk = np.arange(len(time), 0, -1, dtype=np.float64)
        with np.errstate(divide="ignore"):
            log_survival = np.cumsum(np.where(event, np.log1p(-1 / at_risk), 0.0))
            variance = np.cumsum(np.where(event, 1 / (at_risk * (at_risk - 1)), 0.0))
        return cls(time, log_survival, variance)

    def quantile(self, share: float) -> Estimate:
        """The first time by which this share has had the event (Brookmeyer and Crowley 1982, log-log interval).

        Without a `high`, it may be longer than any time that can be known yet; without a value, too few had the event.
        """
        n = len(self.time)
        if n == 0:
            return Estimate.unknown("no leads")
        target = np.log(1 - share)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.log(self.log_survival / target) * -self.log_survival / np.sqrt(self.variance)
        z = np.where(np.isinf(self.log_survival), np.inf, np.where(self.log_survival == 0, -np.inf, z))
        value = self._first(self.log_survival <= target + ALMOST)
        low, high = self._first(z >= -Z), self._first(z >= Z)
        if value is None:
            return Estimate(None, low, None, n, f"fewer than {round(share * 100)} in 100 leads got that far")
        return Estimate(value, low, high, n)

    def _first(self, reached: Mask) -> float | None:
        return float(self.time[reached.argmax()]) if reached.any() else None


@dataclass(frozen=True)
class Wait:
    """Of `leads` leads, `over` were tried; the time within which half and nine in ten of all are, in seconds."""

    leads: int
    over: int
    median: Estimate
    ninetieth: Estimate


def waits(seconds: Vector, over: Mask, group: Codes, groups: int) -> list[Wait]:
    """The waits of each group, given each lead's wait so far, whether it is over, and its group from 0 on (n,)."""
    by_time = np.lexsort((~over, seconds))
    order = by_time[np.argsort(group[by_time].astype(np.int32), kind="stable")]
    ends = np.cumsum(np.bincount(group, minlength=groups))
    rows = [order[start:end] for start, end in pairwise([0, *ends.tolist()])]
    return [_wait(seconds[mine], over[mine]) for mine in rows]


def _wait(seconds: Vector, over: Mask) -> Wait:
    curve = KaplanMeier.from_sorted(seconds, over)
    return Wait(len(seconds), int(over.sum()), curve.quantile(0.5), curve.quantile(0.9))


@dataclass(frozen=True)
class WeibullCure:
    """The share that ever has the event, and the scale and shape of its time (Boag 1949; Chapelle 2014).

    >>> WeibullCure(0.3, 10.0, 1.0).cumulative(np.array([0.0, 10.0])).round(3).tolist()
    [0.0, 0.632]
    """

    ever: float
    scale: float
    shape: float

    @classmethod
    def fit(cls, event_times: Vector, censored_times: Vector, longest_scale: float) -> Self:
        """By maximum likelihood; exponential unless another shape is clearly likelier (5 %, one degree of freedom).

        Args:
            event_times: times (k,) of the events.
            censored_times: how long each of the others was followed (m,).
            longest_scale: the largest scale looked for.
        """
        times = np.maximum(event_times, SHORTEST)
        followed = np.maximum(censored_times, SHORTEST)

        def loss(parameters: Vector) -> float:
            ever, scale, shape = parameters[0], np.exp(parameters[1]), np.exp(parameters[2])
            hazard = (times / scale) ** shape
            events = log_expit(ever) + np.log(shape / scale) + (shape - 1) * np.log(times / scale) - hazard
            return float(-events.sum() - np.log1p(-expit(ever) * -np.expm1(-((followed / scale) ** shape))).sum())

        def minimise_loss(shapes: tuple[float, float]) -> tuple[float, Vector]:
            start = np.array([0.0, np.log(2 * times.mean() + SHORTEST), 0.0])
            bounds = [(-12.0, 6.0), (np.log(SHORTEST), np.log(longest_scale)), shapes]
            found = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
            return float(found.fun), found.x

        exponential, free = minimise_loss((0.0, 0.0)), minimise_loss((-1.5, 1.5))
        best = free if free[0] < exponential[0] - CRITICAL else exponential
        ever, log_scale, log_shape = best[1]
        return cls(float(expit(ever)), float(np.exp(log_scale)), float(np.exp(log_shape)))

    def cumulative(self, time: Vector) -> Vector:
        """The share of those that ever have the event that has had it by each time (n,)."""
        return -np.expm1(-((time / self.scale) ** self.shape))
