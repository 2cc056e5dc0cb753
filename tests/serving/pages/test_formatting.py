"""Numbers, times and changes as people say them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.pages import formatting
from serving.pages.lead.view import _why
from serving.store.outbox import Before
from serving.store.scores import Change
from tests.serving.crm import NOW
from tests.serving.pages.floor import UTC_ZONE


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.18, "18 in 100"),
        (0.0, "fewer than 1 in 1,000"),
        (0.0004, "fewer than 1 in 1,000"),
        (0.004, "4 in 1,000"),
        (0.0094, "9 in 1,000"),
        (0.0096, "1 in 100"),
        (0.994, "99 in 100"),
        (0.9951, "more than 99 in 100"),
        (1.0, "more than 99 in 100"),
    ],
)
def test_a_probability_is_told_as_a_frequency(probability: float, said: str) -> None:
    assert formatting.in_hundred(probability) == said


@given(st.floats(0, 1))
def test_no_probability_is_told_as_never_or_always(probability: float) -> None:
    said = formatting.in_hundred(probability)
    assert not said.startswith(("0 in", "10 in 1,000", "100 in", "1000 in"))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 min"),
        (59 * 60 + 59, "59 min"),
        (60 * 60, "1 h"),
        (100 * 60, "1 h 40 min"),
        (2 * 3600, "2 h"),
        (10.5 * 3600, "10 h"),
        (47.9 * 3600, "47 h"),
        (48 * 3600, "2 days"),
    ],
)
def test_a_duration_is_told_as_people_say_it(seconds: float, said: str) -> None:
    assert formatting.duration(seconds) == said


@pytest.mark.parametrize(
    ("waited", "promised", "tried", "said"),
    [
        (timedelta(minutes=12), timedelta(minutes=15), False, "waiting 12 min, call due within 15 min"),
        (timedelta(hours=2), timedelta(minutes=15), False, "waiting 2 h, call due within 15 min"),
        (timedelta(minutes=12), timedelta(hours=2), False, "waiting 12 min, call due within 2 h"),
        (timedelta(minutes=12), timedelta(hours=23), False, "waiting 12 min, call due tomorrow 08:48"),
        (timedelta(minutes=12), timedelta(hours=4), True, "waiting 12 min, call again due 13:48"),
        (timedelta(days=3), None, False, "waiting 3 days, "),
    ],
)
def test_a_wait_is_told_against_its_promise(
    waited: timedelta, promised: timedelta | None, tried: bool, said: str
) -> None:
    arrived = NOW - waited
    due_at = None if promised is None else arrived + promised
    target = formatting.response_target(arrived, due_at, tried, NOW, UTC_ZONE)
    assert f"{formatting.waiting(arrived, NOW)}, {target}" == said


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(hours=2), "12:00"),
        (timedelta(days=1), "tomorrow 10:00"),
        (timedelta(days=-1), "yesterday 10:00"),
        (timedelta(days=6), "Mon 10:00"),
        (timedelta(days=7), "Tue 10 Mar 10:00"),
        (timedelta(days=-7), "24 Feb"),
        (timedelta(days=365), "Wed 3 Mar 2027 10:00"),
    ],
)
def test_a_moment_is_told_as_one_says_it_and_when_it_is_to_come_with_its_hour(ahead: timedelta, said: str) -> None:
    assert formatting.moment(NOW + ahead, NOW, UTC_ZONE) == said


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_parts_of_a_change_add_up_as_they_are_shown(old: float, model_on_old: float, new: float) -> None:
    change = Change(Before(old, "B"), model_on_old - old, new - model_on_old)
    told = _why(change, new).replace("−", "-")
    total, of_model, of_lead = (round(10 * float(part)) for part in re.findall(r"[-+]?\d+\.\d", told))
    assert total == of_model + of_lead


def test_money_beside_money_has_one_precision() -> None:
    told = formatting.money_beside(480.0, 453.95)
    assert [told(480.0), told(453.95), told(-26.05)] == ["480", "454", "−26"]
    assert formatting.money_beside(12.5, None)(3.25) == "3.25"


@pytest.mark.parametrize("told", [formatting.whole, formatting.one_decimal, formatting.two_decimals, formatting.money])
def test_nothing_that_rounds_to_zero_has_a_minus_sign(told: Callable[[float], str]) -> None:
    assert told(-0.0001).strip("0.") == ""
    assert told(-3).startswith("−3")


@pytest.mark.parametrize(
    ("at", "zone", "said"),
    [
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "Europe/Berlin", "9999-12-31 23:59:59 UTC"),
        (datetime(1, 1, 1, tzinfo=UTC), "America/New_York", "0001-01-01 00:00:00 UTC"),
        (datetime(2026, 7, 1, 12, tzinfo=UTC), "Europe/Berlin", "2026-07-01 14:00:00 CEST"),
    ],
)
def test_a_crm_s_word_for_no_date_is_shown_by_a_clock_that_has_it(at: datetime, zone: str, said: str) -> None:
    assert formatting.exact(at, ZoneInfo(zone)) == said
