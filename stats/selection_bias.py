"""The winner's curse: an effect that is reported because it is large, corrected for the luck that made it so.

Effects that are reported only beyond a limit are overstated: of small ones only the lucky pass it. Given that it is
reported, the number follows a normal distribution that is truncated at the limit. Its mean is estimated so that it is
as often too high as too low, and the interval covers it in 95 of 100 reports (Zhong and Prentice 2008).
"""

import math

from scipy.optimize import brentq
from scipy.special import log_ndtr

from stats.estimates import TAIL, Estimate

FARTHEST = 60.0
"""Standard errors below the limit at which a mean is looked for."""


def after_selection(value: float, error: float, limit: float, n: int) -> Estimate:
    """The mean of a normal number with the standard error `error` that is reported as it is above the limit.

    >>> found = after_selection(2.1, 1.0, 1.96, 100)
    >>> found.value < 1.0
    True

    Raises:
        ValueError: for a number that is not above the limit.
    """
    if not value > limit:
        raise ValueError(f"{value} would not be reported: it is not above {limit}")
    z, cut = value / error, limit / error
    middle, low, high = (_mean_at(z, cut, level) * error for level in (0.5, TAIL, 1 - TAIL))
    return Estimate(middle, low, high, n)


def _mean_at(z: float, cut: float, level: float) -> float:
    """The mean with which numbers above the cut are above z with this chance."""

    def too_likely(mean: float) -> float:
        return float(log_ndtr(mean - z) - log_ndtr(mean - cut) - math.log(level))

    lowest = cut - FARTHEST
    return lowest if too_likely(lowest) > 0 else float(brentq(too_likely, lowest, z + 10.0))
