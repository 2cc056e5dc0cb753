"""A time with a zone as tables hold it, in microseconds of UTC, and back."""

from datetime import UTC, datetime

import numpy as np


def to_instant(time: datetime) -> np.datetime64:
    """A time with a zone as the UTC microseconds in which tables hold theirs.

    >>> from zoneinfo import ZoneInfo
    >>> str(to_instant(datetime(2026, 11, 2, 9, 30, tzinfo=ZoneInfo("Europe/Berlin"))))
    '2026-11-02T08:30:00.000000'
    """
    return np.datetime64(time.astimezone(UTC).replace(tzinfo=None), "us")


def to_datetime(instant: np.datetime64) -> datetime:
    """The time in UTC, to the microsecond.

    >>> to_datetime(np.datetime64("2026-11-02")).isoformat()
    '2026-11-02T00:00:00+00:00'
    """
    time: datetime = instant.astype("datetime64[us]").item()
    return time.replace(tzinfo=UTC)
