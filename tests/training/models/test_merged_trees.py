"""The tabulated reasons are LightGBM's own, to the last digit where they can be."""

import math
import subprocess
import sys

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.encoders import Column
from tests.training.forests import COLUMNS, booster, strange_matrix, training_matrix
from training.data.samples import Samples
from training.models import merged_trees
from training.models.boosting import STARTING_SPECS, BoosterSpec, fit_booster
from training.models.merged_trees import Trees
from training.models.treeshap import Leaf, Tree, tabulate

SEEDS = st.integers(0, 10_000)
few = settings(max_examples=40, deadline=None)


def assert_as_lightgbm(model: Trees, X: np.ndarray) -> None:
    raw, parts = model.explain(X)
    theirs = np.asarray(model.booster.predict(X, pred_contrib=True))
    assert raw.tolist() == np.asarray(model.booster.predict(X, raw_score=True)).tolist()
    assert raw.tolist() == model.raw_score(X).tolist()
    np.testing.assert_allclose(parts, theirs[:, :-1], rtol=0, atol=1e-9)
    assert model.base_value == pytest.approx(theirs[0, -1], abs=1e-9)
    np.testing.assert_allclose(parts.sum(axis=1) + model.base_value, raw, rtol=0, atol=1e-9)


@few
@given(SEEDS)
def test_reasons_and_raw_scores_are_lightgbms_whatever_the_trees_and_the_lead(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = Trees(booster(rng).model_to_string())
    assert tabulate(model.text, COLUMNS) is not None
    assert_as_lightgbm(model, strange_matrix(rng, 60))


@few
@given(SEEDS, st.lists(st.floats(0.01, 1.0), min_size=2, max_size=3))
def test_the_merged_model_is_the_weighted_sum_and_its_reasons_are_lightgbms(seed: int, weights: list[float]) -> None:
    rng = np.random.default_rng(seed)
    boosters = [booster(rng, rounds=6) for _ in weights]
    X = strange_matrix(rng, 40)
    merged = Trees.merge(boosters, weights)
    assert_as_lightgbm(merged, X)
    raws = [np.asarray(one.predict(X, raw_score=True)) for one in boosters]
    np.testing.assert_allclose(merged.raw_score(X), np.array(weights) @ raws, rtol=0, atol=1e-12)
    parts = [np.asarray(one.predict(X, pred_contrib=True)) for one in boosters]
    together = sum(weight * part for weight, part in zip(weights, parts, strict=True))
    np.testing.assert_allclose(merged.explain(X)[1], together[:, :-1], rtol=0, atol=1e-9)


def test_the_text_of_a_model_is_all_there_is_to_it() -> None:
    rng = np.random.default_rng(1)
    merged, X = Trees.merge([booster(rng), booster(rng)], [0.3, 0.7]), strange_matrix(rng, 50)
    again = Trees(merged.text)
    assert again.raw_score(X).tolist() == merged.raw_score(X).tolist()
    assert again.explain(X)[1].tolist() == merged.explain(X)[1].tolist()


def test_a_path_that_asks_the_same_column_again_and_again_is_explained_exactly() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(-3, 3, 400)
    X = np.column_stack([x, rng.normal(size=400)])
    data = lgb.Dataset(X, (np.sin(3 * x) > 0).astype(float))
    text = lgb.train(
        {"objective": "binary", "num_leaves": 31, "max_depth": 8, "verbosity": -1, "num_threads": 1}, data, 8
    ).model_to_string()
    deepest = max(bin(leaf.conditions[0].mask).count("1") for leaf in _leaves_of_the_first_tree(text))
    assert deepest >= 3
    assert_as_lightgbm(Trees(text), X)


def _leaves_of_the_first_tree(text: str) -> list[Leaf]:
    first = Tree(text.split("Tree=0\n", 1)[1].split("\n\n", 1)[0])
    return [leaf for branch in first.branches() for leaf in branch.leaves]


def test_trees_that_never_split_add_a_constant_and_no_reason() -> None:
    X = np.random.default_rng(3).normal(size=(30, COLUMNS))
    won = np.repeat([1.0, 0.0], [6, 24])
    data = lgb.Dataset(X, won, params={"verbosity": -1})
    stump = lgb.train({"objective": "binary", "verbosity": -1, "min_data_in_leaf": 30}, data, 3)
    model = Trees.merge([stump, booster(np.random.default_rng(3), rounds=2)], [0.5, 0.5])
    assert_as_lightgbm(model, X)
    alone = Trees.merge([stump], [0.5])
    raw, parts = alone.explain(X)
    assert raw == pytest.approx(np.full(30, 0.5 * math.log(6 / 24)), abs=1e-6)
    assert not parts.any()
    assert alone.base_value == pytest.approx(raw[0])


def test_a_column_without_gaps_in_training_takes_a_gap_for_zero_as_lightgbm_does() -> None:
    rng = np.random.default_rng(4)
    model = Trees(booster(rng).model_to_string())
    X = training_matrix(rng, 50)
    empty, zero = X.copy(), X.copy()
    empty[:, 3], zero[:, 3] = np.nan, 0.0
    assert model.explain(empty)[0].tolist() == model.explain(zero)[0].tolist()
    assert_as_lightgbm(model, empty)


def test_a_lead_scored_alone_is_explained_as_in_a_table() -> None:
    rng = np.random.default_rng(5)
    model, X = Trees(booster(rng).model_to_string()), strange_matrix(rng, 30)
    raw, parts = model.explain(X)
    for row in range(30):
        alone, its_parts = model.explain(X[row : row + 1])
        assert (alone[0], its_parts[0].tolist()) == (raw[row], parts[row].tolist())


def test_no_leads_give_no_scores() -> None:
    raw, parts = Trees(booster(np.random.default_rng(6)).model_to_string()).explain(np.empty((0, COLUMNS)))
    assert (raw.shape, parts.shape) == ((0,), (0, COLUMNS))


def test_without_numba_lightgbm_explains_and_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    text, X = Trees.merge([booster(rng), booster(rng)], [0.4, 0.6]).text, strange_matrix(rng, 40)
    tabulated, slow = Trees(text), Trees(text)
    raw, parts = tabulated.explain(X)
    expected = tabulated.base_value
    monkeypatch.setattr(merged_trees, "treeshap", None)
    assert slow.explain(X)[0].tolist() == raw.tolist()
    np.testing.assert_allclose(slow.explain(X)[1], parts, rtol=0, atol=1e-9)
    assert slow.base_value == pytest.approx(expected, abs=1e-9)


def test_trees_of_long_paths_are_explained_by_lightgbm() -> None:
    rng = np.random.default_rng(8)
    X = rng.normal(size=(3_000, 4))
    won = (rng.random(len(X)) < 0.5 + 0.1 * np.tanh(X @ np.linspace(-4, 4, X.shape[1]))).astype(float)
    shape = {"objective": "binary", "verbosity": -1, "num_threads": 1, "num_leaves": 80, "min_data_in_leaf": 1}
    model = Trees(lgb.train(shape, lgb.Dataset(X, won), 3).model_to_string())
    assert tabulate(model.text, X.shape[1]) is None
    assert_as_lightgbm(model, X[:200])


@pytest.mark.parametrize("shape", [*STARTING_SPECS, BoosterSpec("widest", {"num_leaves": 63, "min_data_in_leaf": 5})])
def test_every_shape_that_is_tried_can_be_tabulated(shape: BoosterSpec) -> None:
    rng = np.random.default_rng(9)
    X = rng.normal(size=(3_000, 14))
    won = (rng.random(3_000) < 1 / (1 + np.exp(-X @ rng.normal(size=14)))).astype(float)
    samples = Samples([_column(number) for number in range(14)], X, won, np.ones(3_000))
    text = fit_booster(shape, 5, samples, 1).model_to_string()
    tables = tabulate(text, 14)
    assert tables is not None
    assert_as_lightgbm(Trees(text), X[:50])


def _column(number: int) -> Column:
    return Column(f"x{number}", f"x{number}")


def test_the_shares_of_a_trees_leaves_add_up_to_one() -> None:
    text = booster(np.random.default_rng(10)).model_to_string()
    shares = [leaf.share for leaf in _leaves_of_the_first_tree(text)]
    assert sum(shares) == pytest.approx(1.0, abs=1e-12)


def test_the_same_seed_grows_the_same_trees_and_another_seed_others() -> None:
    rng = np.random.default_rng(11)
    X = training_matrix(rng, 300)
    samples = Samples([_column(n) for n in range(COLUMNS)], X, (rng.random(300) < 0.3).astype(float), np.ones(300))
    first, again, other = (fit_booster(STARTING_SPECS[0], 5, samples, seed).model_to_string() for seed in (1, 1, 2))
    assert first == again
    assert first != other


GROWS_WHILE_OTHERS_PREDICT = """
import sys, threading
import numpy as np
from features.encoders import Column
from training.models.boosting import BoosterSpec, fit_booster
from training.data.samples import Samples
from training.models.merged_trees import Trees, predict_raw

rng = np.random.default_rng(0)
X = np.where(rng.random((4_000, 20)) < 0.9, 0.0, rng.normal(size=(4_000, 20)))
samples = Samples([Column(f"c{n}", f"c{n}") for n in range(20)], X, (rng.random(4_000) < 0.2) * 1.0, np.ones(4_000))
trees = Trees.merge([fit_booster(BoosterSpec("small", {"num_leaves": 7}), 20, samples, 1)], [1.0])
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


def test_trees_grow_while_other_threads_predict() -> None:
    subprocess.run([sys.executable, "-c", GROWS_WHILE_OTHERS_PREDICT], check=True)
