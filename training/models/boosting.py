"""LightGBM over the encoder's matrix: a shape and rounds in, a booster out, the same for the same seed.

Paths stay short enough (at most eight nodes) for `training.models.treeshap` to tabulate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np

from training.data.samples import Lessons

MAX_DEPTH = 8
PATIENCE = 40
FIXED = {
    "objective": "cross_entropy",  # as "binary" where outcomes are 0 and 1; it takes the chance of a win too
    "verbosity": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "feature_pre_filter": False,
    "max_depth": MAX_DEPTH,
}
"""One thread each: folds and members are grown side by side instead, which a busy machine does not slow down, and
sums keep their order, so that the same data give the same model."""

CAUTIOUS_CATEGORIES = {"cat_l2": 50.0, "cat_smooth": 50.0}
RANDOMISED = {"num_leaves": 7, "learning_rate": 0.05, "extra_trees": True, **CAUTIOUS_CATEGORIES}


@dataclass(frozen=True)
class Shape:
    """A way to grow trees: LightGBM's parameters, and the most rounds worth trying."""

    name: str
    parameters: Mapping[str, float | int | bool] = field(default_factory=dict)
    most_rounds: int = 600

    def for_rows(self, rows: int, seed: int) -> dict[str, object]:
        """All parameters for as many training rows; leaves hold fewer leads where leads are few."""
        least = int(np.clip(rows // 50, 5, 50))
        return {
            **FIXED,
            "min_data_in_leaf": least,
            "min_data_per_group": least,
            **self.parameters,
            "seed": seed,
        }


DIVERSE = (
    Shape("small", {"num_leaves": 15, "learning_rate": 0.03, "feature_fraction": 0.4, **CAUTIOUS_CATEGORIES}, 600),
    Shape("large", {"num_leaves": 31, "learning_rate": 0.03, "feature_fraction": 0.3, "lambda_l2": 10.0}, 400),
    Shape("random", {**RANDOMISED, "feature_fraction_bynode": 0.3}, 400),
    Shape("sparse random", {**RANDOMISED, "feature_fraction": 0.25}, 400),
)
"""Shapes that err differently; the search begins with them. The randomised ones are small, because interactions are
what a drifting world breaks first."""


def grow(shape: Shape, rounds: int, lessons: Lessons, seed: int) -> lgb.Booster:
    """Grow `rounds` trees."""
    return lgb.train(shape.for_rows(len(lessons), seed), _dataset(lessons), rounds)


def grow_until_it_stops(shape: Shape, fit: Lessons, judge: Lessons, seed: int) -> lgb.Booster:
    """Grow trees until the log loss on other leads stops falling; `best_iteration` says when that was."""
    data = _dataset(fit)
    return lgb.train(
        shape.for_rows(len(fit), seed),
        data,
        shape.most_rounds,
        valid_sets=[lgb.Dataset(judge.X, judge.won, weight=judge.weight, reference=data)],
        callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
    )


def _dataset(lessons: Lessons) -> lgb.Dataset:
    categories = [number for number, column in enumerate(lessons.columns) if column.levels]
    return lgb.Dataset(lessons.X, lessons.won, weight=lessons.fit_weight, categorical_feature=categories)
