"""The year by month: quality and handling of leads whose chances are known."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from analytics.leads_as_of.groups import Period
from analytics.report.trend import Trend, make_trend, trend_steps
from stats.estimates import Estimate, spread
from tests.analytics.populations import AFTER, BEFORE, Population, first_company

MONTHS = [dt.datetime(2025, month, 1, tzinfo=dt.UTC) for month in range(1, 10)]
PERIODS = [Period(start, end) for start, end in pairwise(MONTHS)]
OF_A_MONTH = 700
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module", params=["mix", "handling"])
def company(request: pytest.FixtureRequest) -> Population:
    return first_company(request.param, 12_000)


def trend_of(company: Population, leads: int = OF_A_MONTH) -> Trend:
    """Four months of the earlier period's leads, and four of the later one's."""
    rng = np.random.default_rng(5)
    rows = np.concatenate([rng.choice(company.at(BEFORE if month < 4 else AFTER), leads) for month in range(8)])
    facts, parsed = company.facts_of(rows, np.zeros(len(rows), dtype=int), rng)
    arrived = np.repeat([np.datetime64(start.replace(tzinfo=None), "us") for start in MONTHS[:8]], leads)
    facts = replace(facts, leads=facts.leads.assign(arrived_at=arrived))
    return make_trend(facts, parsed, company.schema, "month", PERIODS, rng)


def change(trend: Trend, name: str) -> Estimate:
    """Of the mean of the last four months against that of the first four."""
    found = [getattr(point, name) for point in trend.points]
    value = np.mean([one.value for one in found[4:]]) - np.mean([one.value for one in found[:4]])
    error = np.sqrt(sum(spread(one) ** 2 for one in found)) / 4
    return Estimate(float(value), float(value - 3 * error), float(value + 3 * error), len(found))


def test_what_truly_changed_is_found_on_its_own_side(company: Population) -> None:
    trend, truth = trend_of(company), company.truth
    assert len(trend.points) == 8
    assert change(trend, "quality").covers(truth.mix)
    assert change(trend, "handling").covers(truth.handling)
    moved, unmoved = ("quality", "handling") if abs(truth.mix) > abs(truth.handling) else ("handling", "quality")
    assert not change(trend, moved).covers(0.0)
    assert change(trend, unmoved).covers(0.0)


def test_both_parts_make_up_conversion(company: Population) -> None:
    for point in trend_of(company).points:
        assert point.conversion.value == pytest.approx((point.quality.value or 0) + (point.handling.value or 0))
        assert point.leads == OF_A_MONTH


def test_too_few_leads_tell_nothing_and_say_how_many_it_takes(company: Population) -> None:
    assert trend_of(company, 40).points == ()
    assert "500 of them, 30 of those won" in trend_of(company, 40).why


@pytest.mark.parametrize(
    ("days", "step", "first", "last", "number"),
    [
        (900, "month", dt.date(2025, 8, 1), dt.date(2026, 8, 1), 12),
        (302, "month", dt.date(2026, 2, 1), dt.date(2026, 8, 1), 6),
        (200, "week", dt.date(2026, 5, 18), dt.date(2026, 8, 31), 15),
        (80, "week", None, None, 0),
    ],
)
def test_only_whole_months_count_or_weeks_where_they_are_few(
    days: int, step: str, first: dt.date | None, last: dt.date | None, number: int
) -> None:
    as_of = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)  # leads that arrived before 31 August have matured
    arrivals = {(as_of - ago * DAY).date(): 10 for ago in range(1, days)}
    found, periods = trend_steps(arrivals, as_of, 90)
    assert (found, len(periods)) == (step, number)
    if periods:
        assert (periods[0].start.date(), periods[-1].end.date()) == (first, last)
