"""LightGBM boosters over the encoder's matrix, the same for the same seed.

Paths stay short enough (at most eight nodes) for `training.models.treeshap` to tabulate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np

from stats.types import Matrix, Vector
from training.data.samples import Samples
from training.models.crosses import Cross, Crosses
from training.models.merged_trees import predict_raw

MAX_DEPTH = 8
MOST_ROUNDS = 5_000
"""No booster comes near it: early stopping ends the rounds."""
PATIENCE = 3.0
"""Early stopping: rounds end where the loss has not fallen for so many rounds, times the learning rate."""
MANY_ROWS = 20_000
LONG_BUDGET_S = 90.0
FIXED = {
    "objective": "cross_entropy",  # as "binary" where outcomes are 0 and 1; it takes the chance of a win too
    "verbosity": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "feature_pre_filter": False,
    "max_depth": MAX_DEPTH,
    "bagging_freq": 1,
}
"""One thread each: folds and members are fitted in parallel instead, which a busy machine does not slow down, and
sums keep their order, so that the same data give the same model."""


@dataclass(frozen=True)
class BoosterSpec:
    """A name, LightGBM's parameters, and the crosses that its trees see beside the columns."""

    name: str
    parameters: Mapping[str, float | int | bool] = field(default_factory=dict)
    crosses: tuple[Cross, ...] = ()

    @property
    def learning_rate(self) -> float:
        return float(self.parameters.get("learning_rate", 0.1))

    @property
    def leaves(self) -> int:
        """The most leaves of a tree."""
        return int(self.parameters.get("num_leaves", 31))

    def parameters_for(self, rows: int, seed: int) -> dict[str, object]:
        """All parameters for so many training rows; leaves hold fewer leads where leads are few."""
        least = int(np.clip(rows // 50, 5, 50))
        most = max(5, rows // 30)
        given = {
            name: min(int(value), most) if name in ("min_data_in_leaf", "min_data_per_group") else value
            for name, value in self.parameters.items()
        }
        return {**FIXED, "min_data_in_leaf": least, "min_data_per_group": least, **given, "seed": seed}


RANDOMISED = BoosterSpec(
    "random",
    {
        "num_leaves": 7,
        "learning_rate": 0.05,
        "extra_trees": True,
        "feature_fraction_bynode": 0.3,
        "bagging_freq": 0,
        "cat_l2": 50.0,
        "cat_smooth": 50.0,
    },
)
"""Small randomised trees: interactions are what a drifting world breaks first."""

STARTING_SPECS = (
    BoosterSpec(
        "middle",
        {
            "num_leaves": 13,
            "feature_fraction": 0.85,
            "min_data_in_leaf": 27,
            "min_sum_hessian_in_leaf": 0.001,
            "lambda_l2": 0.03,
            "cat_smooth": 12.0,
            "cat_l2": 31.0,
            "max_cat_threshold": 8,
            "min_data_per_group": 40,
            "path_smooth": 0.01,
            "bagging_fraction": 0.8,
            "extra_trees": False,
        },
    ),
    BoosterSpec(
        "small randomised",
        {
            "num_leaves": 5,
            "feature_fraction": 0.95,
            "min_data_in_leaf": 6,
            "min_sum_hessian_in_leaf": 0.001,
            "lambda_l2": 0.02,
            "cat_smooth": 8.5,
            "cat_l2": 180.0,
            "max_cat_threshold": 8,
            "min_data_per_group": 7,
            "path_smooth": 0.01,
            "bagging_fraction": 0.9,
            "extra_trees": True,
        },
    ),
    BoosterSpec(
        "small",
        {
            "num_leaves": 4,
            "feature_fraction": 0.8,
            "min_data_in_leaf": 28,
            "min_sum_hessian_in_leaf": 0.001,
            "lambda_l2": 4.0,
            "cat_smooth": 15.0,
            "cat_l2": 4.4,
            "max_cat_threshold": 8,
            "min_data_per_group": 142,
            "path_smooth": 20.0,
            "bagging_fraction": 0.6,
            "extra_trees": False,
        },
    ),
    BoosterSpec(
        "cautious",
        {
            "num_leaves": 15,
            "feature_fraction": 0.4,
            "min_data_in_leaf": 40,
            "min_sum_hessian_in_leaf": 0.001,
            "lambda_l2": 0.01,
            "cat_smooth": 50.0,
            "cat_l2": 50.0,
            "max_cat_threshold": 32,
            "min_data_per_group": 40,
            "path_smooth": 0.01,
            "bagging_fraction": 1.0,
            "extra_trees": False,
        },
    ),
    BoosterSpec(
        "large randomised",
        {
            "num_leaves": 22,
            "feature_fraction": 0.95,
            "min_data_in_leaf": 6,
            "min_sum_hessian_in_leaf": 0.001,
            "lambda_l2": 0.02,
            "cat_smooth": 15.0,
            "cat_l2": 45.0,
            "max_cat_threshold": 128,
            "min_data_per_group": 183,
            "path_smooth": 0.01,
            "bagging_fraction": 0.85,
            "extra_trees": True,
        },
    ),
    BoosterSpec(
        "randomised",
        {
            "num_leaves": 16,
            "feature_fraction": 0.6,
            "min_data_in_leaf": 6,
            "min_sum_hessian_in_leaf": 0.001,
            "lambda_l2": 0.03,
            "cat_smooth": 7.0,
            "cat_l2": 4.7,
            "max_cat_threshold": 8,
            "min_data_per_group": 5,
            "path_smooth": 0.5,
            "bagging_fraction": 0.98,
            "extra_trees": True,
        },
    ),
)
"""The search begins with them. They were chosen, each for what it adds to those before, from eighty drawn at random, on
made tables and on parts of the training leads of real ones (docs/decisions/019)."""


def learning_rate_for(rows: int, budget_s: float) -> float:
    """The learning rate of a search over so many rows: many rows make a round costly and its step sure.

    Of few rows a budget of `LONG_BUDGET_S` pays for twice as many rounds with steps half as large.
    """
    if rows > MANY_ROWS:
        return 0.1
    return 0.025 if budget_s >= LONG_BUDGET_S else 0.05


@dataclass(frozen=True)
class FittedBooster:
    """A booster over a matrix's columns and, where there are any, their crosses."""

    booster: lgb.Booster
    crosses: Crosses | None = None

    def raw_score(self, X: Matrix) -> Vector:
        """Log-odds (n,) for a matrix (n, d), by the best iteration where there is one."""
        return predict_raw(self.booster, self.crosses.append(X) if self.crosses else X)


def fit_booster(spec: BoosterSpec, rounds: int, samples: Samples, seed: int, threads: int = 1) -> FittedBooster:
    """A booster of so many rounds. With another number of threads its sums differ in their last digits."""
    parameters = spec.parameters_for(len(samples), seed) | {"num_threads": threads}
    crosses, data = _prepare(spec, samples, seed)
    return FittedBooster(lgb.train(parameters, data, rounds), crosses)


def fit_with_early_stopping(spec: BoosterSpec, fit: Samples, validation: Samples, seed: int) -> FittedBooster:
    """A booster whose `best_iteration` is where the log loss on the validation samples stopped falling."""
    crosses, data = _prepare(spec, fit, seed)
    X = crosses.append(validation.X) if crosses else validation.X
    booster = lgb.train(
        spec.parameters_for(len(fit), seed),
        data,
        MOST_ROUNDS,
        valid_sets=[lgb.Dataset(X, validation.y, weight=validation.sample_weight, reference=data)],
        callbacks=[lgb.early_stopping(round(PATIENCE / spec.learning_rate), verbose=False)],
    )
    return FittedBooster(booster, crosses)


def _prepare(spec: BoosterSpec, samples: Samples, seed: int) -> tuple[Crosses | None, lgb.Dataset]:
    crosses = Crosses.fit(samples, spec.crosses) if spec.crosses else None
    X = crosses.append_ordered(samples, seed) if crosses else samples.X
    categories = [number for number, column in enumerate(samples.columns) if column.levels]
    return crosses, lgb.Dataset(X, samples.y, weight=samples.fit_weight, categorical_feature=categories)
