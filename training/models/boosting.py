"""LightGBM boosters over the encoder's matrix, the same for the same seed.

Paths stay short enough (at most eight nodes) for `training.models.treeshap` to tabulate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np

from training.data.samples import Samples

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
"""One thread each: folds and members are fitted in parallel instead, which a busy machine does not slow down, and
sums keep their order, so that the same data give the same model."""

CAUTIOUS_CATEGORIES = {"cat_l2": 50.0, "cat_smooth": 50.0}
RANDOMISED = {"num_leaves": 7, "learning_rate": 0.05, "extra_trees": True, **CAUTIOUS_CATEGORIES}


@dataclass(frozen=True)
class BoosterSpec:
    """A name, LightGBM's parameters, and the most rounds of boosting."""

    name: str
    parameters: Mapping[str, float | int | bool] = field(default_factory=dict)
    max_rounds: int = 600

    def parameters_for(self, rows: int, seed: int) -> dict[str, object]:
        """All parameters for so many training rows; leaves hold fewer leads where leads are few."""
        least = int(np.clip(rows // 50, 5, 50))
        return {
            **FIXED,
            "min_data_in_leaf": least,
            "min_data_per_group": least,
            **self.parameters,
            "seed": seed,
        }


STARTING_SPECS = (
    BoosterSpec(
        "small",
        {"num_leaves": 15, "learning_rate": 0.03, "feature_fraction": 0.4, **CAUTIOUS_CATEGORIES},
        max_rounds=600,
    ),
    BoosterSpec(
        "large",
        {"num_leaves": 31, "learning_rate": 0.03, "feature_fraction": 0.3, "lambda_l2": 10.0},
        max_rounds=400,
    ),
    BoosterSpec("random", {**RANDOMISED, "feature_fraction_bynode": 0.3}, max_rounds=400),
    BoosterSpec("sparse random", {**RANDOMISED, "feature_fraction": 0.25}, max_rounds=400),
)
"""The search begins with them: they err differently. The randomised ones are small, because interactions are what a
drifting world breaks first."""


def fit_booster(spec: BoosterSpec, rounds: int, samples: Samples, seed: int) -> lgb.Booster:
    """A booster of so many rounds."""
    return lgb.train(spec.parameters_for(len(samples), seed), _make_lgb_dataset(samples), rounds)


def fit_with_early_stopping(spec: BoosterSpec, fit: Samples, validation: Samples, seed: int) -> lgb.Booster:
    """A booster whose `best_iteration` is where the log loss on the validation samples stopped falling."""
    data = _make_lgb_dataset(fit)
    return lgb.train(
        spec.parameters_for(len(fit), seed),
        data,
        spec.max_rounds,
        valid_sets=[lgb.Dataset(validation.X, validation.y, weight=validation.sample_weight, reference=data)],
        callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
    )


def _make_lgb_dataset(samples: Samples) -> lgb.Dataset:
    categories = [number for number, column in enumerate(samples.columns) if column.levels]
    return lgb.Dataset(samples.X, samples.y, weight=samples.fit_weight, categorical_feature=categories)
