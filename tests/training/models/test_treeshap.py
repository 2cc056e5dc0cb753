"""TreeSHAP by lookup is exact, and every spec can be tabulated."""

import lightgbm as lgb
import numpy as np
import pytest

from tests.training.forests import assert_as_lightgbm, booster, column
from training.data.samples import Samples
from training.models.boosting import STARTING_SPECS, BoosterSpec, fit_booster
from training.models.merged_trees import Trees
from training.models.treeshap import Leaf, Tree, tabulate


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


def test_trees_of_long_paths_are_explained_by_lightgbm() -> None:
    rng = np.random.default_rng(8)
    X = rng.normal(size=(3_000, 4))
    won = (rng.random(len(X)) < 0.5 + 0.1 * np.tanh(X @ np.linspace(-4, 4, X.shape[1]))).astype(float)
    shape = {"objective": "binary", "verbosity": -1, "num_threads": 1, "num_leaves": 80, "min_data_in_leaf": 1}
    model = Trees(lgb.train(shape, lgb.Dataset(X, won), 3).model_to_string())
    assert tabulate(model.text, X.shape[1]) is None
    assert_as_lightgbm(model, X[:200])


@pytest.mark.parametrize("shape", [*STARTING_SPECS, BoosterSpec("widest", {"num_leaves": 63, "min_data_in_leaf": 5})])
def test_every_spec_that_is_tried_can_be_tabulated(shape: BoosterSpec) -> None:
    rng = np.random.default_rng(9)
    X = rng.normal(size=(3_000, 14))
    won = (rng.random(3_000) < 1 / (1 + np.exp(-X @ rng.normal(size=14)))).astype(float)
    samples = Samples([column(number) for number in range(14)], X, won, np.ones(3_000))
    text = fit_booster(shape, 5, samples, 1).booster.model_to_string()
    tables = tabulate(text, 14)
    assert tables is not None
    assert_as_lightgbm(Trees(text), X[:50])


def test_the_shares_of_a_trees_leaves_add_up_to_one() -> None:
    text = booster(np.random.default_rng(10)).model_to_string()
    shares = [leaf.share for leaf in _leaves_of_the_first_tree(text)]
    assert sum(shares) == pytest.approx(1.0, abs=1e-12)
