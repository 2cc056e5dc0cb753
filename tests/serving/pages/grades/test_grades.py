"""Scores spread over grades, and what other thresholds would mean."""

from datetime import timedelta

import numpy as np
import pytest

from serving.pages.grades.thresholds import NOBODY, count_bars, divide, settle
from serving.pages.grades.view import grades_view
from serving.pages.page_context import PageContext
from serving.store.recent_scores import RecentScores, read_recent_scores
from tests.serving.crm import NOW
from tests.serving.pages.floor import UTC_ZONE, Floor
from training.model import ScoringModel

FIFTY = RecentScores(np.sort(np.repeat([0.05, 0.1, 0.2, 0.4, 0.6], 10)), days=5.0, calls=30, called=20, at=NOW)
"""Ten leads of each probability, in five days."""
CONTEXT = PageContext(NOW, UTC_ZONE, "Ann", None)


def test_leads_are_divided_at_the_thresholds_and_each_grade_has_its_mean() -> None:
    shares = divide(FIFTY, (0.4, 0.2, 0.1))
    assert [(one.grade, one.a_day, one.share) for one in shares] == [
        ("A", 4.0, 0.4),
        ("B", 2.0, 0.2),
        ("C", 2.0, 0.2),
        ("D", 2.0, 0.2),
    ]
    assert [one.mean for one in shares] == pytest.approx([0.5, 0.2, 0.1, 0.05])
    assert [one.a_day for one in divide(FIFTY, (NOBODY, NOBODY, 0.0))] == [0.0, 0.0, 10.0, 0.0]


def test_a_bar_that_a_threshold_cuts_has_both_grades_and_none_is_lost() -> None:
    mixed = RecentScores(np.array([0.0, 0.21, 0.22, 0.24, 0.55, 1.0]), days=1.0, calls=0, called=0, at=NOW)
    bars = count_bars(mixed, (0.5, 0.22, 0.01))
    assert sum(bar.a_day for bar in bars) == 6
    cut = next(bar for bar in bars if bar.low == 0.2)
    assert {grade: a_day for grade, a_day in cut.by_grade.items() if a_day} == {"C": 1.0, "B": 2.0}
    assert (bars[0].by_grade, bars[-1].high, bars[-1].by_grade) == ({"D": 1.0}, 1, {"A": 1.0})
    assert [bar.low for bar in count_bars(FIFTY, (0.4, 0.2, 0.1))][:1] == [0.05]


def test_a_lower_a_takes_those_below_with_it() -> None:
    assert settle((0.4, 0.2, 0.1), (0.15, None, None)) == (0.15, 0.15, 0.1)
    assert settle((0.4, 0.2, 0.1), (None, None, 0.3)) == (0.4, 0.2, 0.2)


def test_the_page_answers_what_if_a_began_at_20(model: ScoringModel) -> None:
    view = grades_view(FIFTY, model, {"a": " 20 "}, CONTEXT)
    assert view.answer.startswith("If A began at 20 in 100: 6.0 leads a day instead of ")
    assert "At 1.5 calls a lead, as leads took in that time, A makes 9.0 calls a day." in view.basis
    assert view.table.rows[0][:6] == ("A", "20 in 100", "6.0", "60.0 %", "40 in 100", "9.0")
    assert view.fields[0].value == "20"
    assert not grades_view(FIFTY, model, {}, CONTEXT).is_changed


@pytest.mark.parametrize("typed", ["many", "-1", "101", "nan"])
def test_what_is_no_share_is_named_at_its_field(model: ScoringModel, typed: str) -> None:
    view = grades_view(FIFTY, model, {"b": typed}, CONTEXT)
    assert [field.error for field in view.fields] == ["", "expected a number from 0 to 100", ""]
    assert view.fields[1].value == typed


def test_scores_and_calls_of_the_last_weeks_are_counted(either_floor: Floor) -> None:
    floor = either_floor
    for number, days in enumerate((1, 2, 40)):
        floor.put(f"L-{number}", created_at=(NOW - timedelta(days=days)).isoformat())
    ann = floor.person()
    ann.act("/queue/call", lead_id="L-0", result="not_reached", again="1h")
    floor.clock.now += timedelta(seconds=30)
    ann.act("/queue/call", lead_id="L-0", result="callback", again="1h")
    later = NOW + timedelta(minutes=1)
    recent = floor.store.read_now(read_recent_scores, NOW - timedelta(weeks=4), later)
    assert (len(recent.probability), recent.calls, recent.called) == (2, 2, 1)
    assert recent.days == pytest.approx(28, abs=0.01)
    assert "2 leads that arrived in the 28 days up to 10:00 UTC" in ann.page("/model/grades?a=20")
    assert "what if A began elsewhere" in ann.page("/model")
    assert floor.person(scope="score").get("/model/grades").status_code == 403


def test_without_leads_the_page_says_so(floor: Floor) -> None:
    assert "No lead was scored in the last four weeks" in floor.person().page("/model/grades")
