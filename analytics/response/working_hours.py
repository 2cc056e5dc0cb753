"""Working hours, read from a setting: the working time between moments in UTC, or after one.

Working time is elapsed time: a day on which the clocks are put forward is shorter. An hour that the clocks skip is
no working time; of an hour that they repeat, opening and closing take the first.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stats.types import Times

Seconds = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MIDNIGHT = time(0)
SECOND = 1_000_000  # moments are counted in microseconds since 1970
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ACCEPTED = (
    "accepted are days of the week, opening and closing time and, where it is not UTC, an IANA time zone, "
    "such as 'Mon-Fri 09:00-18:00 Europe/Berlin' or 'Mon,Wed-Fri 08:30-24:00', or 'always'"
)
_WORDS = re.compile(r"(?P<days>\S+) (?P<opens>\d{1,2}:\d\d)-(?P<closes>\d{1,2}:\d\d)(?: (?P<zone>\S+))?")
_ALWAYS = re.compile(r"always(?: (?P<zone>\S+))?", re.IGNORECASE)


@dataclass(frozen=True)
class WorkingHours:
    """From `opens` to `closes` on some days of the week, Monday being 0, by the clocks of a time zone.

    Closing at midnight means the end of the day, so 00:00 to 00:00 is the whole day.

    Raises:
        ValueError: for hours that cannot be; the message says what is accepted.
    """

    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    opens: time = MIDNIGHT
    closes: time = MIDNIGHT
    zone: str = "UTC"

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", tuple(sorted(set(self.days))))
        if not self.days or not set(self.days) <= set(range(7)):
            raise _refused("there is no working day")
        if self.closes != MIDNIGHT and self.opens >= self.closes:
            raise _refused("closing time must be later than opening time on the same day")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise _refused(f"there is no time zone {self.zone!r}") from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 'Mon-Fri 09:00-18:00 Europe/Berlin', without a zone UTC, or 'always', which also takes a zone.

        Raises:
            ValueError: for anything else; the message says what is accepted.
        """
        words = re.sub(r"\s*([-,])\s*", r"\1", " ".join(text.replace("–", "-").split()))
        if always := _ALWAYS.fullmatch(words):
            return cls(zone=always["zone"] or "UTC")
        if not (found := _WORDS.fullmatch(words)):
            raise _refused(f"{text!r} cannot be read as working hours")
        closes = MIDNIGHT if found["closes"] == "24:00" else _clock(found["closes"])
        return cls(_days(found["days"]), _clock(found["opens"]), closes, found["zone"] or "UTC")

    @property
    def always(self) -> bool:
        """Whether working time is plain time."""
        return len(self.days) == len(DAY_NAMES) and self.opens == self.closes == MIDNIGHT

    def __str__(self) -> str:
        if self.always:
            return "always" if self.zone == "UTC" else f"always {self.zone}"
        closes = "24:00" if self.closes == MIDNIGHT else f"{self.closes:%H:%M}"
        return f"{_day_words(self.days)} {self.opens:%H:%M}-{closes} {self.zone}"

    def after(self, start: datetime, span: timedelta) -> datetime:
        """The first moment, in UTC, at which so much working time has passed since `start`, an aware time.

        Raises:
            ValueError: for a start without a zone, or a negative span.
            OverflowError: for a moment after the year 9999.
        """
        if span < timedelta(0):
            raise ValueError(f"a span of working time is not negative: {span}")
        begin = _microseconds(start)
        if self.always or not span:
            return start.astimezone(UTC) + span
        room = span + timedelta(days=14)
        while True:
            calendar = _calendar(self, start.astimezone(UTC).year // 10, (start + room).astimezone(UTC).year // 10)
            target = calendar.worked_until(begin) + span // timedelta(microseconds=1)
            if target <= calendar.total:
                return EPOCH + timedelta(microseconds=calendar.reached(target))
            room *= 2

    def seconds_between(self, start: datetime, end: datetime) -> float:
        """Working time from one aware time to another, in seconds; negative where `end` is the earlier one."""
        begin, stop = (np.array([_microseconds(moment)]) for moment in (start, end))
        return float(self._worked(begin, stop)[0]) / SECOND

    def between(self, start: Times, end: Times) -> Seconds:
        """Working time from `start` (n,) to `end` (n,), both naive UTC, in seconds; NaN where either is missing."""
        begin, stop = (np.asarray(times).astype("datetime64[us]") for times in (start, end))
        known = ~(np.isnat(begin) | np.isnat(stop))
        result = np.full(known.shape, np.nan)
        if known.any():
            result[known] = self._worked(begin[known].view(np.int64), stop[known].view(np.int64)) / SECOND
        return result

    def _worked(self, begin: Ints, stop: Ints) -> Ints:
        if self.always:
            return stop - begin
        first, last = min(begin.min(), stop.min()), max(begin.max(), stop.max())
        calendar = _calendar(self, *_decades(int(first), int(last)))
        return calendar.worked(stop) - calendar.worked(begin)

    def hour_of_week(self, moments: Times) -> Ints:
        """By the zone's clocks, for naive UTC moments (n,): 0 is Monday 00:00 to 01:00, 167 the last, -1 missing."""
        local = pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(self.zone)
        hours = local.day_of_week * 24 + local.hour
        return np.where(local.isna(), -1, hours).astype(np.int64)


@dataclass(frozen=True)
class _Calendar:
    """Working days one after the other, in microseconds: `before` is the working time before each of them."""

    opens: Ints
    closes: Ints
    before: Ints
    total: int

    def worked(self, at: Ints) -> Ints:
        """Working time from the calendar's start."""
        day = np.maximum(np.searchsorted(self.opens, at, side="right") - 1, 0)
        today = np.clip(at - self.opens[day], 0, self.closes[day] - self.opens[day])
        result: Ints = self.before[day] + today
        return result

    def worked_until(self, at: int) -> int:
        """`worked` of one moment, without the price of arrays."""
        day = max(bisect_right(self.opens, at) - 1, 0)
        opens, closes = int(self.opens[day]), int(self.closes[day])
        return int(self.before[day]) + min(max(at - opens, 0), closes - opens)

    def reached(self, worked: int) -> int:
        """The first moment at which so much has been worked."""
        day = max(bisect_left(self.before, worked) - 1, 0)
        return int(self.opens[day]) + worked - int(self.before[day])


@lru_cache(maxsize=32)
def _calendar(hours: WorkingHours, first_decade: int, last_decade: int) -> _Calendar:
    first, last = (np.datetime64(f"{decade * 10:04}-01-01", "D") for decade in (first_decade, last_decade + 1))
    days = np.arange(first - 2, last + 2)  # the zone's clocks may be a day ahead or behind
    days = days[np.isin((days.astype(np.int64) + 3) % 7, hours.days)]  # 1 January 1970 was a Thursday
    closes_on = days + 1 if hours.closes == MIDNIGHT else days
    opens, closes = (_in_utc(on, at, hours.zone) for on, at in ((days, hours.opens), (closes_on, hours.closes)))
    worked = np.cumsum(closes - opens)
    return _Calendar(opens, closes, worked - (closes - opens), int(worked[-1]))


def _in_utc(days: Times, at: time, zone: str) -> Ints:
    local = pd.DatetimeIndex(days.astype("datetime64[us]") + np.timedelta64(at.hour * 60 + at.minute, "m"))
    placed = local.tz_localize(zone, ambiguous=np.ones(len(local), dtype=bool), nonexistent="shift_forward")
    return placed.tz_convert("UTC").tz_localize(None).as_unit("us").to_numpy().view(np.int64)


def _decades(first: int, last: int) -> tuple[int, int]:
    years = (np.array([first, last], "datetime64[us]").astype("datetime64[Y]").astype(int) + 1970) // 10
    return int(years[0]), int(years[1])


def _microseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("working time is counted from a time with a zone, such as UTC")
    return (moment - EPOCH) // timedelta(microseconds=1)


def _days(text: str) -> tuple[int, ...]:
    days: list[int] = []
    for part in text.split(","):
        first, *rest = part.split("-", 1)
        begin, end = _day(first), _day(rest[0] if rest else first)
        days += [day % 7 for day in range(begin, begin + (end - begin) % 7 + 1)]
    return tuple(days)


def _day(name: str) -> int:
    if name.title() not in DAY_NAMES:
        raise _refused(f"there is no day {name!r}")
    return DAY_NAMES.index(name.title())


def _clock(text: str) -> time:
    hour, minute = map(int, text.split(":"))
    if hour > 23 or minute > 59:
        raise _refused(f"there is no time {text!r}")
    return time(hour, minute)


def _day_words(days: tuple[int, ...]) -> str:
    runs = [day for day in days if day - 1 not in days]
    ends = [day for day in days if day + 1 not in days]
    return ",".join(
        DAY_NAMES[first] if first == last else f"{DAY_NAMES[first]}-{DAY_NAMES[last]}"
        for first, last in zip(runs, ends, strict=True)
    )


def _refused(why: str) -> ValueError:
    return ValueError(f"{why}; {ACCEPTED}")
