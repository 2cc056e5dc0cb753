"""A probability among those of recent leads."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.models.grades import GradeScale

PROBABILITIES = st.lists(st.sampled_from([0.05, 0.1, 0.3]) | st.floats(0.001, 0.999), min_size=1, max_size=80)


def graded(ranking: GradeScale, *probabilities: float) -> str:
    return "".join(ranking.grade(np.array(probabilities)).tolist())


@pytest.mark.parametrize("leads", [1_000, 20_000])
def test_a_tenth_are_a_two_tenths_b_three_tenths_c_and_the_rest_d(leads: int) -> None:
    recent = np.random.default_rng(1).beta(2, 8, leads)
    grades = GradeScale.fit(recent).grade(recent)
    shares = [float((grades == grade).mean()) for grade in "ABCD"]
    assert shares == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.002)


def test_other_shares_are_kept() -> None:
    recent = np.linspace(0.01, 0.99, 1_000)
    grades = GradeScale.fit(recent, (0.05, 0.05, 0.5)).grade(recent)
    assert [float((grades == grade).mean()) for grade in "ABCD"] == pytest.approx([0.05, 0.05, 0.5, 0.4], abs=0.002)


def test_where_all_leads_are_alike_each_is_in_the_middle() -> None:
    ranking = GradeScale.fit(np.full(300, 0.12))
    assert ranking.percentile(np.array([0.12])).tolist() == [50.0]
    assert graded(ranking, 0.12) == "C"
    assert ranking.least_probabilities() == {"A": None, "B": None, "C": 0.12, "D": 0.0}


def test_a_large_tie_shares_one_grade_and_the_middle_of_its_places() -> None:
    recent = np.array([0.5] * 30 + [0.2] * 60 + [0.1] * 10)
    ranking = GradeScale.fit(recent)
    assert graded(ranking, 0.5, 0.2, 0.1) == "BCD"
    assert ranking.percentile(np.array([0.5, 0.2, 0.1])).tolist() == [85.0, 40.0, 5.0]
    assert ranking.least_probabilities() == {"A": None, "B": 0.5, "C": 0.2, "D": 0.0}


def test_probabilities_beyond_all_recent_ones_are_first_and_last() -> None:
    ranking = GradeScale.fit(np.linspace(0.1, 0.4, 1_000))
    assert graded(ranking, 0.99, 0.0001) == "AD"
    assert ranking.percentile(np.array([0.99, 0.0001])).tolist() == [100.0, 0.0]


@settings(max_examples=150, deadline=None)
@given(PROBABILITIES, PROBABILITIES)
def test_a_higher_probability_never_ranks_lower(recent: list[float], asked: list[float]) -> None:
    ranking = GradeScale.fit(np.array(recent))
    rising = np.sort(np.array(asked))
    percentiles, grades = ranking.percentile(rising), graded(ranking, *rising)
    assert (np.diff(percentiles) >= 0).all()
    assert list(grades) == sorted(grades, reverse=True)
    assert percentiles.min() >= 0
    assert percentiles.max() <= 100


@settings(max_examples=100, deadline=None)
@given(PROBABILITIES)
def test_the_order_of_recent_leads_does_not_matter(recent: list[float]) -> None:
    assert GradeScale.fit(np.array(recent)) == GradeScale.fit(np.array(recent[::-1]))


def test_the_percentile_is_the_share_below_also_where_the_curve_is_thinned() -> None:
    recent = np.random.default_rng(2).beta(1, 20, 30_000)
    asked = np.quantile(recent, [0.01, 0.25, 0.5, 0.9, 0.999])
    ranking = GradeScale.fit(recent)
    assert len(ranking.probabilities) == 1_001
    assert ranking.percentile(asked) == pytest.approx([1, 25, 50, 90, 99.9], abs=0.15)


def test_a_stored_ranking_comes_back_as_it_was() -> None:
    ranking = GradeScale.fit(np.random.default_rng(3).random(50))
    assert GradeScale.from_json(json.loads(json.dumps(ranking.to_json()))) == ranking


def test_leads_that_hardly_differ_all_get_the_grade_of_the_middle() -> None:
    """30 to 60 leads at 8.05 to 8.08 % had grades A to D, and 15 minutes for the best tenth."""
    ranking = GradeScale.fit(np.linspace(0.0805, 0.0808, 60))
    assert graded(ranking, 0.0808, 0.08065, 0.0805, 0.08) == "CCCC"
    assert not ranking.has_several_grades
    assert ranking.least_probabilities() == {"A": None, "B": None, "C": 0.0, "D": 0.0}
    assert not GradeScale.from_json(json.loads(json.dumps(ranking.to_json()))).has_several_grades


def test_a_grade_that_differs_is_kept_beside_those_that_do_not() -> None:
    recent = np.concatenate([np.linspace(0.0805, 0.0808, 90), np.linspace(0.3, 0.4, 10)])
    ranking = GradeScale.fit(recent)
    assert graded(ranking, 0.35, 0.0808, 0.0805) == "ACC"
    assert ranking.has_several_grades


def test_high_rates_are_compared_by_their_odds() -> None:
    assert GradeScale.fit(np.linspace(0.88, 0.97, 500)).has_several_grades
