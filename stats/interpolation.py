"""Linear interpolation of one number, without the price of an array."""

from bisect import bisect_right
from collections.abc import Sequence


def interpolate(x: float, knots: Sequence[float], values: Sequence[float]) -> float:
    """`numpy.interp` of one finite number, to the last bit: flat beyond the knots, which rise.

    >>> interpolate(2.5, (1.0, 2.0, 4.0), (0.0, 10.0, 20.0))
    12.5
    """
    at = bisect_right(knots, x) - 1
    if at < 0:
        return values[0]
    if at >= len(knots) - 1:
        return values[-1]
    if knots[at] == x:
        return values[at]
    slope = (values[at + 1] - values[at]) / (knots[at + 1] - knots[at])
    return slope * (x - knots[at]) + values[at]
