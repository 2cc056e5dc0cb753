"""Logistic regression as an additive model."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from features.encoders import Column
from training.data.samples import Samples
from training.models.additive import Additive
from training.models.logistic import fit_logistic

NAN, INF = float("nan"), float("inf")


def samples_of(X: np.ndarray, won: np.ndarray, levels: dict[int, int] | None = None) -> Samples:
    names = {number: tuple(map(str, range(size))) for number, size in (levels or {}).items()}
    columns = [Column(f"x{number}", f"x{number}", names.get(number, ())) for number in range(X.shape[1])]
    return Samples(columns, X.astype(float), won.astype(float), np.ones(len(won)))


def test_logistic_regression_is_scikit_learns_on_standardised_numbers() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal([3.0, -1.0], [2.0, 0.5], (600, 2))
    won = rng.random(600) < expit(X[:, 0] - 3 + X[:, 1])
    theirs = LogisticRegression(C=0.1, max_iter=300, tol=1e-8).fit((X - X.mean(0)) / X.std(0), won)
    ours = fit_logistic(samples_of(X, won))
    assert ours.raw_score(X) == pytest.approx(theirs.decision_function((X - X.mean(0)) / X.std(0)), abs=1e-3)


def test_logistic_regression_finds_what_was_planted_in_numbers_categories_and_gaps() -> None:
    rng = np.random.default_rng(2)
    number, code = rng.normal(size=20_000), rng.integers(0, 3, 20_000).astype(float)
    number[rng.random(20_000) < 0.2] = NAN
    truth = np.where(np.isnan(number), 1.0, 0.8 * np.nan_to_num(number)) + np.array([-1.0, 0.0, 0.5])[code.astype(int)]
    X = np.column_stack([number, code])
    model = fit_logistic(samples_of(X, rng.random(20_000) < expit(truth), {1: 3}))
    asked = np.array([[NAN, 0], [NAN, 2], [1.0, 1], [-1.0, 1]])
    assert model.raw_score(asked) == pytest.approx([0.0, 1.5, 0.8, -0.8], abs=0.15)


def test_a_number_far_outside_the_training_range_carries_the_score_no_further_than_half_a_range() -> None:
    rng = np.random.default_rng(3)
    X = rng.uniform(0, 10, (500, 1))
    model = fit_logistic(samples_of(X, rng.random(500) < X[:, 0] / 10))
    at_end, beyond, far, inside = model.raw_score(np.array([[15.0], [15.1], [1e9], [14.0]]))
    assert at_end == pytest.approx(beyond, abs=0.03)
    assert beyond == far
    assert inside < at_end


def test_columns_that_say_nothing_leave_the_base_rate() -> None:
    X = np.column_stack([np.full(50, 7.0), np.full(50, NAN)])
    won = np.arange(50) < 10
    model = fit_logistic(samples_of(X, won))
    assert expit(model.raw_score(np.array([[7.0, NAN], [NAN, 3.0]]))) == pytest.approx([0.2, 0.2])


def test_few_winners_draw_the_coefficients_closer_to_zero() -> None:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(2_000, 1))
    won = rng.random(2_000) < expit(X[:, 0] - 1)
    many, few = fit_logistic(samples_of(X, won)), fit_logistic(samples_of(X[:120], won[:120]))

    def slope(model: Additive) -> float:
        return float(np.diff(model.raw_score(np.array([[0.0], [1.0]])))[0])

    assert slope(many) == pytest.approx(1.0, abs=0.15)
    assert 0 < slope(few) < 0.8
