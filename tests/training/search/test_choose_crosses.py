"""Crosses are chosen where columns say something together that fewer of them don't, and only there."""

from dataclasses import replace

import numpy as np

from features.encoders import Column
from tests.training.forests import column
from training.data.samples import Samples
from training.data.split import make_stratified_folds
from training.models.crosses import Cross
from training.search.choose_crosses import can_ask_threes, choose_crosses
from training.search.cross_validation import CrossValidation
from training.search.time_budget import TimeBudget


def choose(seed: int, strength: float, of_three: float = 0.0) -> tuple[tuple[Cross, ...], tuple[Cross, ...]]:
    """The pairs and threes of 2,000 leads.

    Their odds hang on the sign of x0 · x1, on the group beside x2's, on x3 alone, and on the sign of x3 · x4 · x5.
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(2_000, 7))
    X[:, 6] = rng.integers(0, 6, 2_000)
    log_odds = X[:, 3] - 1 + strength * (np.sign(X[:, 0] * X[:, 1]) + np.where(X[:, 6] % 2, 1, -1) * X[:, 2])
    log_odds += of_three * np.sign(X[:, 3] * X[:, 4] * X[:, 5])
    won = (rng.random(2_000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    columns = [*(column(at) for at in range(6)), Column("x6", "x6", tuple("abcdef"))]
    samples = Samples(columns, X, won, np.ones(2_000))
    folds = CrossValidation(samples, make_stratified_folds(won, seed), [], seed)
    return folds.find_crosses(TimeBudget(lambda: 0.0, 0.0, 1.0))


def test_what_columns_say_together_is_found_and_what_each_says_alone_is_not() -> None:
    for seed in range(3):
        assert set(choose(seed, 0.7)[0][:2]) == {("x0", "x1"), ("x2", "x6")}


def test_where_columns_say_nothing_together_hardly_a_pair_is_chosen() -> None:
    pairs, threes = zip(*(choose(seed, 0.0) for seed in range(20)), strict=True)
    assert sum(map(len, pairs)) <= 4  # of 420
    assert sum(map(len, threes)) <= 4  # of 700


def test_three_columns_are_chosen_where_no_two_of_them_say_anything() -> None:
    for seed in range(3):
        pairs, threes = choose(seed, 0.0, of_three=1.0)
        assert threes == (("x3", "x4", "x5"),)
        assert not {("x3", "x4"), ("x3", "x5"), ("x4", "x5")} & set(pairs)


def test_pairs_are_found_among_more_columns_than_threes_are_asked_of() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(1_500, 201))
    won = (rng.random(1_500) < 1 / (1 + np.exp(1 - 1.5 * np.sign(X[:, 0] * X[:, 1])))).astype(float)
    samples = Samples([column(at) for at in range(201)], X, won, np.ones(1_500))
    rows = np.arange(1_500)
    assert choose_crosses(samples, rows, np.full(1_500, -0.8), 2, 1)[0] == ("x0", "x1")
    asked = {count: can_ask_threes(replace(samples, columns=samples.columns[:count])) for count in (2, 3, 50, 201)}
    assert asked == {2: False, 3: True, 50: True, 201: False}


def test_what_two_columns_say_is_not_chosen_again_with_a_third_one() -> None:
    threes = [choose(seed, 0.7)[1] for seed in range(10)]
    assert sum(map(len, threes)) <= 2  # of 350, of which 100 hold either pair
