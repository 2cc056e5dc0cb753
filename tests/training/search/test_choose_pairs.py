"""Pairs of columns are chosen where they say something together, and only there."""

import numpy as np

from features.encoders import Column
from tests.training.forests import column
from training.data.samples import Samples
from training.data.split import make_stratified_folds
from training.models.crosses import Pair
from training.search.cross_validation import CrossValidation
from training.search.time_budget import TimeBudget


def choose(seed: int, strength: float) -> tuple[Pair, ...]:
    """The pairs of 2,000 leads whose odds hang on the sign of x0 · x1, on the group beside x2's, and on x3 alone."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(2_000, 7))
    X[:, 6] = rng.integers(0, 6, 2_000)
    log_odds = X[:, 3] - 1 + strength * (np.sign(X[:, 0] * X[:, 1]) + np.where(X[:, 6] % 2, 1, -1) * X[:, 2])
    won = (rng.random(2_000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    columns = [*(column(at) for at in range(6)), Column("x6", "x6", tuple("abcdef"))]
    samples = Samples(columns, X, won, np.ones(2_000))
    folds = CrossValidation(samples, make_stratified_folds(won, seed), [], seed)
    return folds.find_pairs(TimeBudget(lambda: 0.0, 0.0, 1.0))


def test_what_columns_say_together_is_found_and_what_each_says_alone_is_not() -> None:
    for seed in range(3):
        assert set(choose(seed, 0.7)[:2]) == {Pair("x0", "x1"), Pair("x2", "x6")}


def test_where_columns_say_nothing_together_hardly_a_pair_is_chosen() -> None:
    chosen = [choose(seed, 0.0) for seed in range(20)]
    assert sum(map(len, chosen)) <= 4  # of 420 pairs
