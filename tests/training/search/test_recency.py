"""Newer leads count more where the past asks for it, when a model is fitted and not when it is judged."""

import numpy as np
import pytest
from scipy.special import expit

from features.encoders import Column
from training.data.samples import Samples
from training.data.split import make_forward_folds, make_stratified_folds
from training.models.boosting import BoosterSpec
from training.models.ensemble import EnsembleMember, EnsembleSpec
from training.search.cross_validation import CrossValidation
from training.search.recency import HALF_LIVES, choose_recency_half_life

TREES = EnsembleSpec(
    "trees", 0.0, (EnsembleMember(BoosterSpec("tiny", {"num_leaves": 4, "learning_rate": 0.1}), 30, 1.0),)
)
LOGISTIC = EnsembleSpec("logistic regression", 1.0)


def samples(leads: int, seed: int, first: float, last: float) -> Samples:
    """One number, whose slope in the log-odds goes from `first` to `last` as leads come in."""
    rng = np.random.default_rng(seed)
    x, slope = rng.normal(size=(leads, 1)), np.linspace(first, last, leads)
    won = (rng.random(leads) < expit(slope * x[:, 0] - 0.5)).astype(float)
    return Samples([Column("x", "x")], x, won, np.ones(leads))


def cross_validation(examples: Samples) -> CrossValidation:
    return CrossValidation(examples, make_stratified_folds(examples.y, 7), make_forward_folds(examples.y), 7)


@pytest.mark.parametrize("spec", [TREES, LOGISTIC], ids=lambda spec: spec.name)
def test_what_was_true_once_is_forgotten(spec: EnsembleSpec) -> None:
    examples, ends = samples(3_000, 2, -1.5, 1.5), np.array([[-1.0], [1.0]])
    alike = spec.fit(examples, seed=7).raw_score(ends)
    fading = (
        EnsembleSpec(spec.name, spec.logistic_weight, spec.members, half_life=1 / 8)
        .fit(examples, seed=7)
        .raw_score(ends)
    )
    assert alike[1] - alike[0] < 0.5
    assert fading[1] - fading[0] > 1.0


def test_where_the_world_turns_newer_leads_count_more_and_it_is_said() -> None:
    validation, (said,) = choose_recency_half_life(cross_validation(samples(3_000, 3, -1.5, 1.5)))
    assert validation.half_life == min(HALF_LIVES)
    assert said.startswith("newer leads count more, each twice as much as one that came 12.5% of all leads earlier")


def test_where_it_stands_still_all_count_alike() -> None:
    chosen = [
        choose_recency_half_life(cross_validation(samples(800, seed, 1.0, 1.0)))[0].half_life for seed in range(20)
    ]
    assert chosen.count(None) >= 19


def test_without_an_order_nothing_is_newer() -> None:
    examples = samples(400, 4, -1.5, 1.5)
    validation = CrossValidation(examples, make_stratified_folds(examples.y, 7), [], 7)
    assert choose_recency_half_life(validation) == (validation, ())


def test_a_spec_names_its_half_life() -> None:
    assert EnsembleSpec("l", 1.0, half_life=1 / 8).parameters()["half_life"] == 0.125
    assert "half_life" not in LOGISTIC.parameters()
