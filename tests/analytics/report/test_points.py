"""What to discuss: no point reads a cause into what changed at the same time, or asks where nothing is clear."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from analytics.cost.dear import clearly_dearer
from analytics.leads_as_of.groups import RowsBy
from analytics.report import Report
from analytics.report.compared import Compared, ConversationsCompared, ResponseCompared
from analytics.report.cost import CostSection
from analytics.report.points import points
from analytics.report.report import Point, days
from analytics.response.speed import Verdict
from stats.estimates import Estimate
from tests.serving.reports import cost, known, made_report

NONE_CLEAR = "Speed, reach and calls per lead did not change clearly, so what changed is more likely after the first"


def handled(response: ResponseCompared, talks: ConversationsCompared) -> str:
    """The first point of a report in which handling moved conversion clearly."""
    made = made_report()
    change = replace(made.change, handling=known(-0.021, 0.008), mix=known(0.0, 0.006))
    report = replace(
        made,
        change=change,
        response=replace(made.response, compared=response),
        conversations=replace(made.conversations, compared=talks),
    )
    return points(report)[0].says


def same(pair: Compared) -> Compared:
    """As if nothing had changed there."""
    return Compared(pair.before, pair.before, known(0.0, 1.0), clear=False)


@pytest.fixture
def quiet() -> tuple[ResponseCompared, ConversationsCompared]:
    made = made_report()
    response = ResponseCompared(**{name: same(pair) for name, pair in vars(made.response.compared).items()})
    talks = ConversationsCompared(**{name: same(pair) for name, pair in vars(made.conversations.compared).items()})
    return response, talks


def test_where_nothing_in_the_work_changed_clearly_the_point_says_so(
    quiet: tuple[ResponseCompared, ConversationsCompared],
) -> None:
    assert NONE_CLEAR in handled(*quiet)


def test_what_changed_at_the_same_time_is_told_and_not_as_the_cause(
    quiet: tuple[ResponseCompared, ConversationsCompared],
) -> None:
    response, talks = quiet
    slower = replace(response, attempt_median=made_report().response.compared.attempt_median)

    says = handled(slower, talks)

    assert "the median time to first call went from 44 working minutes to 5.9 working hours" in says
    assert "Whether that is why cannot be told from this." in says
    assert NONE_CLEAR not in says


def test_work_that_changed_strongly_is_to_be_discussed_though_conversion_does_not_show_it(
    quiet: tuple[ResponseCompared, ConversationsCompared],
) -> None:
    response, talks = quiet
    made = made_report()
    unmoved = replace(made.change, handling=known(-0.001, 0.01), mix=known(0.0, 0.01))

    def told(minutes: float) -> list[Point]:
        slower = Compared(known(200.0, 20.0), known(200.0 + minutes, 20.0), known(minutes, 28.0), clear=True)
        work = replace(made.response, compared=replace(response, attempt_median=slower))
        talked = replace(made.conversations, compared=talks)
        report = replace(made, change=unmoved, response=work, conversations=talked)
        return [point for point in points(report) if point.says.startswith("Conversion does not clearly show it")]

    assert told(40.0) == []
    (point,) = told(1_360.0)
    assert "the median time to first call went from 3.3 working hours to 26 working hours. What was" in point.says
    assert point.metrics == ("first_attempt",)


def test_where_the_work_is_not_recorded_nothing_is_said_of_it(
    quiet: tuple[ResponseCompared, ConversationsCompared],
) -> None:
    response, talks = quiet
    nothing = Estimate.unknown("contacts are not recorded")
    unheard = replace(talks, reach=Compared(nothing, nothing, nothing, clear=False))

    says = handled(response, unheard)

    assert NONE_CLEAR not in says
    assert "In the same weeks" not in says


def test_wins_lost_to_waiting_are_told_with_their_doubt_and_their_weeks() -> None:
    made = made_report()
    speed = replace(made.response.speed, adjusted=known(0.057, 0.019), wins_lost=known(63, 20), verdict=Verdict.SPEED)
    report = replace(made, response=replace(made.response, speed=speed))
    says = next(point.says for point in points(report) if "wins_lost_to_delay" in point.metrics)

    assert "more often than those called later: +5.7 points (+3.8 to +7.6)." in says
    assert "Unless agents chose whom to call first by what no score or field shows, 63 (between 43 and 83)" in says
    assert f"more of the leads that arrived {days(report.windows.both)} would have won, called sooner" in says


def sources(report: Report, *wins: int) -> CostSection:
    """Sources that cost the same and brought so many customers."""
    rows = tuple(
        replace(cost((f"source {place}",), 80_000.0, each), per_win=known(40_000 / each, 100))
        for place, each in enumerate(wins)
    )
    return replace(report.cost, whole=cost((), 80_000.0 * len(wins), sum(wins)), tables=(RowsBy(("source",), rows),))


def asked(*wins: int) -> list[str]:
    made = made_report()
    quiet = replace(made.change, p_value=1.0)
    report = replace(made, change=quiet, cost=sources(made, *wins), drift=replace(made.drift, retrain=False))
    return [point.says for point in points(report) if "cac" in point.metrics]


def test_whether_a_source_is_worth_its_cost_is_asked_only_where_it_clearly_costs_more() -> None:
    (says,) = asked(30, 160, 160, 160)

    assert says.startswith("A customer from source 0 costs 1,333 EUR")
    assert "from all other sources with spend 250 EUR" in says
    assert "clearly more, adjusted for the 4 sources compared" in says
    assert asked(140, 160, 160, 160) == []


def test_of_companies_whose_sources_cost_the_same_one_in_twenty_is_asked_of_one_at_most() -> None:
    rng = np.random.default_rng(5)
    spend = np.array([5_000.0, 20_000.0, 50_000.0, 8_000.0, 9_000.0, 16_000.0])
    drawn = rng.poisson(spend / 400, size=(2_000, len(spend)))

    alarms = np.mean([any(clearly_dearer(spend.tolist(), wins.tolist())) for wins in drawn])

    assert alarms <= 0.05
    assert clearly_dearer(spend.tolist(), [0, 50, 125, 20, 22, 40])[0]
    assert clearly_dearer([100.0], [1]) == [False]


def test_days_of_a_window_include_the_last() -> None:
    window = made_report().windows.after
    assert days(replace(window, end=window.start + timedelta(days=1))).count(" to ") == 0
    assert " to " in days(window)
