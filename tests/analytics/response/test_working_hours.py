from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.response.working_hours import WorkingHours

BERLIN = WorkingHours.parse("Mon-Fri 09:00-18:00 Europe/Berlin")
ZONES = ("UTC", "Europe/Berlin", "America/Havana", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia")
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 10, 30, 45]))
MOMENTS = st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
SPANS = st.timedeltas(timedelta(0), timedelta(days=40))


@st.composite
def any_hours(draw: st.DrawFn) -> WorkingHours:
    days = draw(st.sets(st.integers(0, 6), min_size=1))
    opens, closes = draw(CLOCKS), draw(CLOCKS | st.just(time(0)))
    if closes != time(0) and opens >= closes:
        opens, closes = (closes, opens) if opens != closes else (opens, time(0))
    return WorkingHours(tuple(days), opens, closes, draw(st.sampled_from(ZONES)))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        (
            "Mon-Fri 09:00-18:00 Europe/Berlin",
            WorkingHours((0, 1, 2, 3, 4), time(9), time(18), "Europe/Berlin"),
        ),
        ("Mon,Wed-Fri 08:30-17:00", WorkingHours((0, 2, 3, 4), time(8, 30), time(17))),
        ("sun - thu  9:00 – 24:00", WorkingHours((6, 0, 1, 2, 3), time(9), time(0))),
        ("always", WorkingHours()),
        ("Always Asia/Tokyo", WorkingHours(zone="Asia/Tokyo")),
        ("Mon-Sun 00:00-24:00", WorkingHours()),
    ],
)
def test_working_hours_are_read_from_words(text: str, hours: WorkingHours) -> None:
    assert WorkingHours.parse(text) == hours


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "'' cannot be read"),
        ("Mon-Fri", "'Mon-Fri' cannot be read"),
        ("Mon- 09:00-18:00", "cannot be read"),
        ("Monday 09:00-18:00", "no day 'Monday'"),
        ("Mon 09:00-25:00", "no time '25:00'"),
        ("Mon 24:00-24:00", "no time '24:00'"),
        ("Fri 22:00-06:00", "closing time must be later"),
        ("Mon 09:00-18:00 Mars/Olympus", "no time zone 'Mars/Olympus'"),
        ("Mon 09:00-18:00 Europe", "no time zone 'Europe'"),
    ],
)
def test_words_that_are_no_working_hours_are_refused_with_an_example(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"{why}.*such as 'Mon-Fri 09:00-18:00 Europe/Berlin'"):
        WorkingHours.parse(text)


def test_a_week_without_a_working_day_is_refused() -> None:
    with pytest.raises(ValueError, match="no working day"):
        WorkingHours(())


@given(any_hours())
def test_working_hours_say_themselves_in_words_that_are_read_back(hours: WorkingHours) -> None:
    assert WorkingHours.parse(str(hours)) == hours


def test_the_words_are_short() -> None:
    assert str(WorkingHours((4, 0, 2, 3), time(8, 30), time(0))) == "Mon,Wed-Fri 08:30-24:00 UTC"
    assert str(WorkingHours()) == "always"


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-06-01T08:00", 2, "2026-06-01T10:00"),  # a Monday, 10:00 in Berlin
        ("2026-06-01T15:30", 1, "2026-06-02T07:30"),
        ("2026-06-05T15:00", 1, "2026-06-05T16:00"),  # until closing time, not until opening time on Monday
        ("2026-06-06T13:00", 0.5, "2026-06-08T07:30"),
        ("2026-06-06T13:00", 0, "2026-06-06T13:00"),
        ("2026-03-27T16:00", 2, "2026-03-30T08:00"),  # over the weekend when summer time begins
        ("2026-10-23T15:00", 2, "2026-10-26T09:00"),  # and when it ends
        ("2026-06-01T07:00", 45 * 52, "2027-05-28T16:00"),
    ],
)
def test_a_span_runs_in_working_hours_only(start: str, hours: float, end: str) -> None:
    assert BERLIN.after(utc(start), timedelta(hours=hours)) == utc(end)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-07", 24)])
def test_a_whole_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    sundays = WorkingHours.parse("Sun 00:00-24:00 Europe/Berlin")
    noon = utc(f"{day}T12:00")
    assert sundays.seconds_between(noon - timedelta(days=2), noon + timedelta(days=2)) == hours * 3600


def test_an_hour_that_the_clocks_skip_is_no_working_time() -> None:
    early = WorkingHours.parse("Sun 02:15-04:00 Europe/Berlin")
    assert early.seconds_between(utc("2026-03-29T00:00"), utc("2026-03-30T00:00")) == 3600


def test_a_moment_is_told_in_utc() -> None:
    start = datetime(2026, 6, 1, 10, tzinfo=ZoneInfo("Europe/Berlin"))
    assert str(BERLIN.after(start, timedelta(hours=1))) == "2026-06-01 09:00:00+00:00"
    assert str(WorkingHours().after(start, timedelta(hours=1))) == "2026-06-01 09:00:00+00:00"


@given(any_hours(), MOMENTS, SPANS)
def test_a_span_later_lies_that_span_of_working_time(hours: WorkingHours, start: datetime, span: timedelta) -> None:
    assert hours.seconds_between(start, hours.after(start, span)) == pytest.approx(span.total_seconds(), abs=1e-6)


@given(any_hours(), MOMENTS, MOMENTS)
def test_no_earlier_moment_would_do(hours: WorkingHours, one: datetime, other: datetime) -> None:
    start, end = min(one, other), max(one, other)
    moment = hours.after(start, timedelta(seconds=hours.seconds_between(start, end)))
    assert moment <= end
    assert hours.seconds_between(moment, end) == 0


@given(any_hours(), MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up_and_is_never_longer_than_time(
    hours: WorkingHours, a: datetime, b: datetime, c: datetime
) -> None:
    first, second = hours.seconds_between(a, b), hours.seconds_between(b, c)
    assert first + second == pytest.approx(hours.seconds_between(a, c), abs=1e-3)
    assert 0 <= first * (1 if a <= b else -1) <= abs(b - a).total_seconds()


@given(st.sampled_from(ZONES), MOMENTS, MOMENTS, SPANS)
def test_always_is_plain_time(zone: str, start: datetime, end: datetime, span: timedelta) -> None:
    always = WorkingHours(zone=zone)
    assert always.seconds_between(start, end) == pytest.approx((end - start).total_seconds(), abs=1e-6)
    assert always.after(start, span) == start + span


@given(any_hours(), st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=5))
def test_many_rows_are_counted_as_single_ones(hours: WorkingHours, pairs: list[tuple[datetime, datetime]]) -> None:
    start, end = (
        np.array([one.replace(tzinfo=None) for one in ends], "datetime64[us]") for ends in zip(*pairs, strict=True)
    )
    assert hours.between(start, end).tolist() == [hours.seconds_between(*pair) for pair in pairs]


@pytest.mark.parametrize("hours", [BERLIN, WorkingHours()])
def test_a_missing_moment_gives_a_missing_time(hours: WorkingHours) -> None:
    start = np.array(["2026-06-01T08:00", "NaT", "NaT"], "datetime64[us]")
    end = np.array(["2026-06-01T09:00", "2026-06-01T09:00", "NaT"], "datetime64[us]")
    assert hours.between(start, end) == pytest.approx([3600, np.nan, np.nan], nan_ok=True)
    assert np.isnan(hours.between(start[1:], end[1:])).all()
    assert hours.between(start[:0], end[:0]).size == 0


def test_dates_of_any_century_are_counted() -> None:
    start, end = (np.array([text], "datetime64[us]") for text in ("1600-01-01", "2500-12-31"))
    weeks = (end - start)[0] / np.timedelta64(7, "D")
    assert BERLIN.between(start, end)[0] == pytest.approx(weeks * 45 * 3600, rel=1e-4)


def test_a_time_without_a_zone_and_a_negative_span_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        BERLIN.after(datetime(2026, 6, 1), timedelta(hours=1))
    with pytest.raises(ValueError, match="not negative"):
        BERLIN.after(utc("2026-06-01"), timedelta(hours=-1))


def test_the_hour_of_the_week_is_told_by_the_zones_clocks() -> None:
    moments = np.array(["2026-06-01T22:30", "2026-12-06T22:30", "2026-12-06T23:00", "NaT"], "datetime64[us]")
    assert BERLIN.hour_of_week(moments).tolist() == [24, 167, 0, -1]
