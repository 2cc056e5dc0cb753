"""LightGBM over the encoder's matrix: a shape and rounds in, a booster out, the same for the same seed.

Trees stay small enough (at most 63 splits, eight different columns on a path) for `training.leaves` to tabulate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.encoders import Column

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

MAX_DEPTH = 8
PATIENCE = 40
FIXED = {
    "objective": "binary",
    "verbosity": -1,
    "num_threads": 2,
    "deterministic": True,
    "force_row_wise": True,
    "feature_pre_filter": False,
    "max_depth": MAX_DEPTH,
}
"""The number of threads is fixed because sums in another order give another model."""

CAUTIOUS_CATEGORIES = {"cat_l2": 50.0, "cat_smooth": 50.0}


@dataclass(frozen=True)
class Shape:
    """A way to grow trees: LightGBM's parameters, and the most rounds worth trying."""

    name: str
    parameters: Mapping[str, float | int | bool] = field(default_factory=dict)
    most_rounds: int = 600
    seeds: int = 1

    def for_rows(self, rows: int, seed: int) -> dict[str, object]:
        """All parameters for as many training rows; leaves hold fewer leads where leads are few."""
        least = int(np.clip(rows // 50, 5, 50))
        return {**FIXED, "min_data_in_leaf": least, "min_data_per_group": 2 * least, **self.parameters, "seed": seed}


DIVERSE = (
    Shape("small", {"num_leaves": 15, "learning_rate": 0.03, "feature_fraction": 0.4, **CAUTIOUS_CATEGORIES}, 600, 2),
    Shape("large", {"num_leaves": 31, "learning_rate": 0.03, "feature_fraction": 0.3, "lambda_l2": 10.0}, 400),
    Shape(
        "random",
        {"num_leaves": 15, "learning_rate": 0.05, "feature_fraction": 0.4, "extra_trees": True, **CAUTIOUS_CATEGORIES},
        300,
        3,
    ),
    Shape(
        "large random",
        {"num_leaves": 31, "learning_rate": 0.05, "feature_fraction": 0.5, "extra_trees": True, **CAUTIOUS_CATEGORIES},
        200,
        2,
    ),
)
"""Shapes that err differently; the search begins with them."""


def fit_booster(
    shape: Shape, columns: Sequence[Column], X: Matrix, won: Vector, weight: Vector, rounds: int, seed: int
) -> lgb.Booster:
    """Grow `rounds` trees."""
    data = _dataset(columns, X, won, weight)
    return lgb.train(shape.for_rows(len(won), seed), data, rounds)


def fit_until_it_stops(
    shape: Shape,
    columns: Sequence[Column],
    fit: tuple[Matrix, Vector, Vector],
    judge: tuple[Matrix, Vector, Vector],
    seed: int,
) -> tuple[lgb.Booster, int]:
    """Grow trees until the log loss on other leads stops falling; the booster and its best number of rounds."""
    data = _dataset(columns, *fit)
    booster = lgb.train(
        shape.for_rows(len(fit[1]), seed),
        data,
        shape.most_rounds,
        valid_sets=[lgb.Dataset(judge[0], judge[1], weight=judge[2], reference=data)],
        callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
    )
    return booster, int(booster.best_iteration)


def _dataset(columns: Sequence[Column], X: Matrix, won: Vector, weight: Vector) -> lgb.Dataset:
    categories = [number for number, column in enumerate(columns) if column.levels]
    return lgb.Dataset(X, won, weight=weight, categorical_feature=categories, free_raw_data=True)
