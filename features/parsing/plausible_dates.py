"""Finds dates that can only be slips of the keyboard: after today, or far beyond all others.

A single arrival can only lie ahead, or before the year 2000.
"""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from stats.types import Mask, Times

LEAST_DATES = 20
"""Dates below which none is called far from the others."""
MOST_FAR = 0.01
"""The share of the dates, or one, that may lie beyond the others; more of them are no slip."""
LEAST_GAP = np.timedelta64(180, "D")
FAR = 0.5
"""The gap before a far date, in spans of the others."""

FIRST_ARRIVAL = datetime(2000, 1, 1, tzinfo=UTC)
"""Where a CRM does not know the day it writes 1900-01-01, 1970-01-01 or another early one."""
AHEAD = timedelta(days=1)
"""How far a time may lie ahead of the clock here: zones are mistaken, and clocks differ."""


def is_plausible_arrival(arrived: datetime, now: datetime) -> bool:
    """Whether a lead may have arrived at a time; of those ahead of `now`, only within `AHEAD`."""
    return FIRST_ARRIVAL <= arrived <= now + AHEAD


def last_plausible(times: Times, today: np.datetime64 | None) -> np.datetime64 | None:
    """The last of dates (n,) that may be: not after the day `today`, not far beyond all others; None where none may.

    A date is far beyond where it and what follows are at most one in a hundred, and the gap before them is wider than
    half a year and than half of what the others span.
    """
    dates = np.sort(times[~np.isnat(times)])
    if today is not None:
        dates = dates[dates < today.astype("datetime64[D]") + np.timedelta64(2, "D")]  # a day ahead somewhere on earth
    if not len(dates):
        return None
    return dates[_count_near(dates) - 1]


def _count_near(dates: Times) -> int:
    """How many of sorted dates lie before the first gap that sets a few off from the others."""
    if len(dates) < LEAST_DATES:
        return len(dates)
    most = max(1, int(MOST_FAR * len(dates)))
    for first in range(len(dates) - most, len(dates)):
        span = dates[first - 1] - dates[len(dates) // 100]
        if dates[first] - dates[first - 1] > max(LEAST_GAP, FAR * span):
            return first
    return len(dates)


def is_beyond(times: Times, last: np.datetime64) -> Mask:
    """Whether each of the dates (n,) lies after the last that may be."""
    return np.asarray(times > last)


def most_within(arrivals: Times, today: date | None) -> np.datetime64 | None:
    """`today`, or None where so many leads arrive later that it is the clock that is wrong, or the leads are made."""
    if today is None:
        return None
    day = np.datetime64(today, "us")
    dates = arrivals[~np.isnat(arrivals)]
    if not len(dates):
        return None
    share_ahead = float((dates > day + np.timedelta64(2, "D")).mean())
    return day if share_ahead <= MOST_FAR else None
