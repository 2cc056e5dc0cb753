"""Choose the two periods that are compared, by the days on which leads arrived or as asked for.

By default the newest weeks whose leads have all matured are compared with as many weeks before them: four, or more
where leads are few. Weeks begin on Monday, days at midnight UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from analytics.leads_as_of.groups import Period
from features.errors import Refused

USUAL_WEEKS, MOST_WEEKS = 4, 26
ENOUGH = 500
"""Leads in each period from which the usual weeks are compared."""
LATELY = timedelta(weeks=4)
DAY = timedelta(days=1)
EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)


class PeriodsRefused(Refused):
    """Periods that cannot be compared; the message says why."""


@dataclass(frozen=True)
class Ask:
    """Days of the later period and of the earlier one, all included; None is left to the report."""

    first: date | None = None
    last: date | None = None
    before_first: date | None = None
    before_last: date | None = None


NEWEST = Ask()


@dataclass(frozen=True)
class Periods:
    """The two periods that are compared and the newest weeks, with the reason for each."""

    before: Period
    after: Period
    lately: Period
    why_before: str
    why_after: str
    why_lately: str

    @property
    def both(self) -> Period:
        """From the first day of either to the last day of either."""
        return Period(min(self.before.start, self.after.start), max(self.before.end, self.after.end))


def choose_periods(arrivals: Mapping[date, int], as_of: datetime, horizon_days: int, ask: Ask) -> Periods:
    """The periods asked for, or the newest that can be told about.

    Raises:
        PeriodsRefused: for periods that overlap, end before they begin, have not begun, or are of another century.
    """
    for day in (ask.first, ask.last, ask.before_first, ask.before_last):
        if day is not None and not EARLIEST <= day <= LATEST:
            raise PeriodsRefused(f"a period lies between {EARLIEST} and {LATEST}")
    after, why_after = _later(arrivals, as_of.astimezone(UTC), horizon_days, ask)
    before, why_before = _earlier(after, ask)
    _check(before, after, as_of)
    newest = max(arrivals, default=as_of.date() - DAY)
    end = min(as_of, _midnight(newest + DAY))
    return Periods(
        before=before,
        after=after,
        lately=Period(end - LATELY, end),
        why_before=why_before,
        why_after=why_after,
        why_lately=f"the newest {LATELY.days} days in which leads arrived, matured or not",
    )


def _later(arrivals: Mapping[date, int], as_of: datetime, horizon_days: int, ask: Ask) -> tuple[Period, str]:
    matured = (as_of - timedelta(days=horizon_days)).date()
    newest = max((day for day in arrivals if day < matured), default=matured - DAY)
    end = _monday(min(matured, newest + timedelta(days=7)))
    last = ask.last + DAY if ask.last else (end if ask.first is None or ask.first < end else matured)
    if ask.first:
        return Period(_midnight(ask.first), _midnight(last)), "the days asked for"
    weeks = _weeks(arrivals, last)
    start = last - timedelta(weeks=weeks)
    if ask.last:
        return Period(_midnight(start), _midnight(last)), f"the {weeks} weeks up to the day asked for"
    why = f"the newest {weeks} whole weeks whose leads are all older than {horizon_days} days"
    return Period(_midnight(start), _midnight(last)), why


def _earlier(after: Period, ask: Ask) -> tuple[Period, str]:
    length = after.end - after.start
    if ask.before_first is None and ask.before_last is None:
        return Period(after.start - length, after.start), "as many days just before"
    if ask.before_first is None:
        end = _midnight(ask.before_last + DAY) if ask.before_last else after.start
        return Period(end - length, end), "as many days up to the day asked for"
    start = _midnight(ask.before_first)
    end = _midnight(ask.before_last + DAY) if ask.before_last else start + length
    return Period(start, end), "the days asked for"


def _weeks(arrivals: Mapping[date, int], end: date) -> int:
    """The usual weeks, or more until there are enough leads; where there never are, what gives most to either."""
    least = {weeks: _least_of_two(arrivals, end, timedelta(weeks=weeks)) for weeks in range(1, MOST_WEEKS + 1)}
    enough = [weeks for weeks in range(USUAL_WEEKS, MOST_WEEKS + 1) if least[weeks] >= ENOUGH]
    if enough:
        return enough[0]
    return max(least, key=lambda weeks: (least[weeks], weeks == USUAL_WEEKS, -weeks))


def _least_of_two(arrivals: Mapping[date, int], end: date, length: timedelta) -> int:
    starts = (end - length, end - 2 * length)
    return min(sum(n for day, n in arrivals.items() if start <= day < start + length) for start in starts)


def _check(before: Period, after: Period, as_of: datetime) -> None:
    for name, period in (("later", after), ("earlier", before)):
        if period.start >= period.end:
            raise PeriodsRefused(f"the {name} period ends before it begins")
        if period.start >= as_of:
            raise PeriodsRefused(f"the {name} period has not begun by {as_of:%Y-%m-%d}")
    if before.start < after.end and after.start < before.end:
        raise PeriodsRefused("the periods overlap: a lead cannot stand on both sides of a comparison")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)
