"""What is told only because it was large, without the luck that made it so. In: a normal number. Out: an `Estimate`.

Whoever tells an effect only where it is beyond noise tells too much: of small effects only the lucky ones are told.
Given that it is told, the number follows a normal distribution that is cut at the limit. Its mean is estimated so that
it is as often too high as too low, and the interval holds it in 95 of 100 tellings (Zhong and Prentice 2008).
"""

import math

from scipy.optimize import brentq
from scipy.special import log_ndtr

from stats.estimates import TAIL, Estimate

FARTHEST = 60.0
"""Standard errors below the limit at which a mean is looked for."""


def after_selection(value: float, error: float, limit: float, n: int) -> Estimate:
    """The mean of a number that errs normally by `error` and is told because it is above the limit, as this one is.

    >>> found = after_selection(2.1, 1.0, 1.96, 100)
    >>> found.value < 1.0
    True

    Raises:
        ValueError: for a number that is not above the limit.
    """
    if not value > limit:
        raise ValueError(f"{value} would not be told: it is not above {limit}")
    z, cut = value / error, limit / error
    middle, low, high = (_mean_at(z, cut, level) * error for level in (0.5, TAIL, 1 - TAIL))
    return Estimate(middle, low, high, n)


def _mean_at(z: float, cut: float, level: float) -> float:
    """The mean with which numbers above the cut are above z with this chance."""

    def too_likely(mean: float) -> float:
        return float(log_ndtr(mean - z) - log_ndtr(mean - cut) - math.log(level))

    lowest = cut - FARTHEST
    return lowest if too_likely(lowest) > 0 else float(brentq(too_likely, lowest, z + 10.0))
