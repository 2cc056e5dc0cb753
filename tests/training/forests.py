"""Random LightGBM models of every turn that trees can take, and leads that try each of them."""

import lightgbm as lgb
import numpy as np
import pytest

from features.encoders import Column
from training.models.merged_trees import Trees

COLUMNS, CATEGORIES = 6, (0, 1)
"""Columns 0 and 1 are codes, 2 has gaps, 3 has none, 4 holds few values and many zeros, 5 is a flag."""


def training_matrix(rng: np.random.Generator, rows: int) -> np.ndarray:
    X = np.column_stack(
        [
            rng.integers(0, 5, rows),
            rng.integers(0, 90, rows),
            np.where(rng.random(rows) < 0.3, np.nan, rng.normal(size=rows)),
            rng.normal(size=rows),
            rng.choice([-1.0, 0.0, 0.0, 1.0, 2.0], rows),
            rng.integers(0, 2, rows),
        ]
    ).astype(float)
    X[rng.random(rows) < 0.1, 1] = np.nan
    return X


def strange_matrix(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Leads like those trained on, a third of their values strange: missing, infinite, zero, never seen."""
    X = training_matrix(rng, rows)
    numbers = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-36, -1e300])
    codes = np.array([np.nan, -1.0, -0.5, -7.0, 31.0, 32.0, 95.0, 128.0, 1e10, np.inf, -np.inf, 2.7])
    strange = rng.random(X.shape) < 0.33
    for column in range(COLUMNS):
        values = codes if column in CATEGORIES else numbers
        X[:, column] = np.where(strange[:, column], rng.choice(values, rows), X[:, column])
    return X


def booster(rng: np.random.Generator, rounds: int = 12, **parameters: object) -> lgb.Booster:
    """Trees of a random shape over leads whose chance hangs on every column."""
    X = training_matrix(rng, 300)
    known = np.nan_to_num(X)
    appeal = (known[:, 0] == 3) + (known[:, 1] % 7 == 2) + known[:, 2] * known[:, 3] + known[:, 4] - known[:, 5]
    won = (rng.random(len(X)) < 1 / (1 + np.exp(1 - appeal))).astype(float)
    shape = {
        "objective": "binary",
        "verbosity": -1,
        "num_threads": 1,
        "max_depth": 8,
        "num_leaves": int(rng.integers(2, 64)),
        "learning_rate": 0.2,
        "min_data_in_leaf": int(rng.integers(1, 20)),
        "min_data_per_group": 2,
        "cat_smooth": 1.0,
        "max_cat_to_onehot": int(rng.integers(1, 6)),
        "extra_trees": bool(rng.integers(2)),
        "bagging_fraction": 0.7,
        "bagging_freq": int(rng.integers(2)),
        "seed": int(rng.integers(1_000)),
        **parameters,
    }
    weight = rng.choice([1.0, 0.5, 2.0], len(X))
    return lgb.train(shape, lgb.Dataset(X, won, weight=weight, categorical_feature=list(CATEGORIES)), rounds)


def assert_as_lightgbm(model: Trees, X: np.ndarray) -> None:
    raw, parts = model.explain(X)
    theirs = np.asarray(model.booster.predict(X, pred_contrib=True))
    assert raw.tolist() == np.asarray(model.booster.predict(X, raw_score=True)).tolist()
    assert raw.tolist() == model.raw_score(X).tolist()
    np.testing.assert_allclose(parts, theirs[:, :-1], rtol=0, atol=1e-9)
    assert model.base_value == pytest.approx(theirs[0, -1], abs=1e-9)
    np.testing.assert_allclose(parts.sum(axis=1) + model.base_value, raw, rtol=0, atol=1e-9)


def column(number: int) -> Column:
    return Column(f"x{number}", f"x{number}")
