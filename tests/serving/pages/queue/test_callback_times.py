"""Times to call again: within working hours, and told as they are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analytics.response.working_hours import WorkingHours
from serving.pages.queue.callback_times import CallbackRefused, choices, moment_of
from serving.settings import Settings

RULES = replace(Settings().queue_rules, hours=WorkingHours.parse("Mon-Fri 09:00-18:00 Europe/Berlin"))
DAYS_AHEAD = ("tomorrow (09:00)", "in 3 days (Fri 09:00)", "in a week (Tue 10 Mar 09:00)")
TUESDAY, FRIDAY, SATURDAY = (datetime(2026, 3, day, 9, tzinfo=UTC) for day in (3, 6, 7))
"""Ten in the morning in Berlin."""


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (
            TUESDAY,
            ["in 1 hour (11:00)", "in 3 hours (13:00)", *DAYS_AHEAD],
        ),
        (FRIDAY + timedelta(hours=6), ["in 1 hour (17:00)", "Mon 09:00", "in a week (Fri 13 Mar 09:00)"]),
        (SATURDAY, ["Mon 09:00", "in 3 days (Tue 09:00)", "Mon 16 Mar 09:00"]),
        (
            TUESDAY - timedelta(hours=5),
            ["09:00", *DAYS_AHEAD],
        ),
    ],
)
def test_times_to_call_again_are_working_hours_and_no_two_are_the_same(now: datetime, said: list[str]) -> None:
    offered = choices(RULES, now)
    assert [choice.text for choice in offered] == [*said, "no time set: back in 24 h"]
    times = [moment_of({"again": choice.value}, RULES, now) for choice in offered if choice.value]
    assert len(set(times)) == len(times)
    for at in times:
        assert at is not None
        assert RULES.hours.seconds_between(at, at + timedelta(minutes=1)) == 60


def test_who_works_always_is_called_at_the_hour() -> None:
    always = replace(RULES, hours=WorkingHours.parse("always"))
    late = SATURDAY.replace(hour=23)
    assert moment_of({"again": "1h"}, always, late) == late + timedelta(hours=1)
    assert choices(always, late)[0].text == "in 1 hour (tomorrow 00:00)"


@pytest.mark.parametrize("text", ["soon", "0001-01-01T00:00", "9999-12-31T23:59-05:00", "2026-03-02T09:00"])
def test_a_time_that_cannot_be_is_refused_with_what_is_accepted(text: str) -> None:
    with pytest.raises(CallbackRefused, match=r"cannot be read|must lie ahead"):
        moment_of({"again_at": text}, RULES, TUESDAY)
