"""Boosters: the same for the same seed, whatever other threads do."""

import subprocess
import sys

import numpy as np
import pytest

from tests.training.forests import COLUMNS, column, training_matrix
from training.data.samples import Samples
from training.models.boosting import STARTING_SPECS, BoosterSpec, fit_booster, learning_rate_for


def test_the_same_seed_fits_the_same_trees_and_another_seed_others() -> None:
    rng = np.random.default_rng(11)
    X = training_matrix(rng, 300)
    samples = Samples([column(n) for n in range(COLUMNS)], X, (rng.random(300) < 0.3).astype(float), np.ones(300))
    first, again, other = (
        fit_booster(STARTING_SPECS[0], 5, samples, seed).booster.model_to_string() for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


FITS_WHILE_OTHERS_PREDICT = """
import sys, threading
import numpy as np
from features.encoders import Column
from training.models.boosting import BoosterSpec, fit_booster
from training.data.samples import Samples
from training.models.merged_trees import Trees, predict_raw

rng = np.random.default_rng(0)
X = np.where(rng.random((4_000, 20)) < 0.9, 0.0, rng.normal(size=(4_000, 20)))
samples = Samples([Column(f"c{n}", f"c{n}") for n in range(20)], X, (rng.random(4_000) < 0.2) * 1.0, np.ones(4_000))
trees = Trees.merge([fit_booster(BoosterSpec("small", {"num_leaves": 7}), 20, samples, 1).booster], [1.0])
done = threading.Event()

def predict():
    while not done.is_set():
        trees.raw_score(X[:50])
        predict_raw(trees.booster, X[:50])

others = [threading.Thread(target=predict) for _ in range(2)]
[thread.start() for thread in others]
for seed in range(150):
    fit_booster(BoosterSpec("small", {"num_leaves": 7}), 2, samples, seed)
done.set()
[thread.join() for thread in others]
"""


def test_boosters_are_fitted_while_other_threads_predict() -> None:
    subprocess.run([sys.executable, "-c", FITS_WHILE_OTHERS_PREDICT], check=True)


SMALL = BoosterSpec("small", {"num_leaves": 4, "learning_rate": 0.1})


@pytest.mark.parametrize(("rows", "least", "own"), [(100, 5, 5), (1_000, 20, 33), (100_000, 50, 70)])
def test_leaves_hold_fewer_leads_where_leads_are_few(rows: int, least: int, own: int) -> None:
    assert SMALL.parameters_for(rows, seed=3)["min_data_in_leaf"] == least
    assert BoosterSpec("own", {"min_data_in_leaf": 70}).parameters_for(rows, seed=3)["min_data_in_leaf"] == own


def test_of_few_leads_a_long_budget_pays_for_smaller_steps() -> None:
    rates = [learning_rate_for(rows, budget_s) for rows in (1_000, 30_000) for budget_s in (20.0, 120.0)]
    assert rates == [0.05, 0.025, 0.1, 0.1]
