"""How long leads wait. In: seconds waited so far and whether the wait is over. Out: quantiles with intervals.

A lead that nobody has tried yet is not dropped: all that is known of its wait is that it is longer than so far. The
share of waits that are over by a time is Kaplan and Meier's (1958), so late arrivals don't make a team look slow,
and leads left lying don't make it look fast. A lead that is closed untried counts as still waiting: it is one that
nobody tried, not one that would have been tried like the others.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stats.estimates import Estimate, Z

Seconds = NDArray[np.float64]
Bools = NDArray[np.bool_]
ALMOST = 1e-9


@dataclass(frozen=True)
class Wait:
    """Of `leads` leads, `over` were tried; the time within which half and nine in ten of all are, in seconds.

    A quantile without a `high` may be longer than any wait that can be known yet.
    """

    leads: int
    over: int
    median: Estimate
    ninetieth: Estimate


def waits(seconds: Seconds, over: Bools, group: NDArray[np.intp], groups: int) -> list[Wait]:
    """The waits of each group, given each lead's wait so far, whether it is over, and its group from 0 on (n,)."""
    by_time = np.lexsort((~over, seconds))
    order = by_time[np.argsort(group[by_time].astype(np.int32), kind="stable")]
    ends = np.cumsum(np.bincount(group, minlength=groups))
    return [_wait(seconds[order[start:end]], over[order[start:end]]) for start, end in pairwise([0, *ends.tolist()])]


def _wait(seconds: Seconds, over: Bools) -> Wait:
    """Times are sorted, ends of waits before leads that still wait."""
    left = np.arange(len(seconds), 0, -1, dtype=np.float64)
    with np.errstate(divide="ignore"):
        log_waiting = np.cumsum(np.where(over, np.log1p(-1 / left), 0.0))
        variance = np.cumsum(np.where(over, 1 / (left * (left - 1)), 0.0))  # Greenwood 1926
    median, ninetieth = (_quantile(seconds, log_waiting, variance, part) for part in (0.5, 0.9))
    return Wait(len(seconds), int(over.sum()), median, ninetieth)


def _quantile(seconds: Seconds, log_waiting: Seconds, variance: Seconds, part: float) -> Estimate:
    """The first time by which this part of the waits is over (Brookmeyer and Crowley 1982, log-log interval)."""
    n = len(seconds)
    if n == 0:
        return Estimate.unknown("no leads")
    target = np.log(1 - part)
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = np.log(log_waiting / target) * -log_waiting / np.sqrt(variance)
    beyond = np.where(np.isinf(log_waiting), np.inf, np.where(log_waiting == 0, -np.inf, beyond))
    value, low, high = (
        float(seconds[reached.argmax()]) if reached.any() else None
        for reached in (log_waiting <= target + ALMOST, beyond >= -Z, beyond >= Z)
    )
    if value is None:
        return Estimate(None, low, None, n, f"fewer than {round(part * 100)} in 100 leads were tried")
    return Estimate(value, low, high, n)
