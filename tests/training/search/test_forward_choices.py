"""What leads in an order are learned by: the plain way, unless most blocks speak for another."""

import numpy as np
import pytest
from scipy.special import expit

from features.encoders import Column
from stats.types import Vector
from training.data.samples import Samples
from training.data.split import make_forward_folds, make_stratified_folds
from training.models.boosting import RANDOMISED, BoosterSpec
from training.models.ensemble import EnsembleMember, EnsembleSpec
from training.models.logistic import LOGISTIC
from training.search.cross_validation import CrossValidation, Trial
from training.search.forward_choices import HALF_LIVES, ForwardChoices, choose_forward

TINY = BoosterSpec("tiny", {"num_leaves": 4, "learning_rate": 0.1})
TREES = EnsembleSpec("trees", 0.0, (EnsembleMember(TINY, 30, 1.0),))
LINEAR = EnsembleSpec("logistic regression", 1.0)


def samples(leads: int, seed: int, slope: Vector, level: Vector) -> Samples:
    """One number, whose slope in the log-odds and whose level change as leads come in."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(leads, 1))
    won = (rng.random(leads) < expit(slope * x[:, 0] + level)).astype(float)
    return Samples([Column("x", "x")], x, won, np.ones(leads))


def chosen(examples: Samples) -> ForwardChoices:
    validation = CrossValidation(examples, make_stratified_folds(examples.y, 7), make_forward_folds(examples.y), 7)
    none = np.zeros(0)
    trials = {
        LOGISTIC: Trial(None, 0, none, 0.5, 1.0),
        RANDOMISED.name: Trial(RANDOMISED, 40, none, 0.5, 1.0),
        TINY.name: Trial(TINY, 40, none, 0.5, 1.0),
    }
    return choose_forward(validation, trials, {"LightGBM": {TINY.name: 1.0}, "blend": {TINY.name: 0.6, LOGISTIC: 0.4}})


@pytest.mark.parametrize("spec", [TREES, LINEAR], ids=lambda spec: spec.name)
def test_what_was_true_once_is_forgotten(spec: EnsembleSpec) -> None:
    examples, ends = samples(3_000, 2, np.linspace(-1.5, 1.5, 3_000), np.full(3_000, -0.5)), np.array([[-1.0], [1.0]])
    alike = spec.fit(examples, seed=7).raw_score(ends)
    fading = (
        EnsembleSpec(spec.name, spec.logistic_weight, spec.members, half_life=1 / 8)
        .fit(examples, seed=7)
        .raw_score(ends)
    )
    assert alike[1] - alike[0] < 0.5
    assert fading[1] - fading[0] > 1.0


def test_where_an_effect_turns_newer_leads_count_more_and_it_is_said() -> None:
    choices = chosen(samples(6_000, 3, np.linspace(-1.5, 1.5, 6_000), np.full(6_000, -0.5)))
    assert choices.cross_validation.half_life == min(HALF_LIVES)
    assert any("newer leads count more, with a half-life of 12.5%" in note for note in choices.notes)


LEVELS = {
    "constant": lambda time: 0 * time,
    "reversing": lambda time: 1.5 - 3 * np.abs(time - 0.6),
}


@pytest.mark.parametrize("level", LEVELS)
def test_where_the_level_alone_stands_or_turns_back_the_plain_way_stays(level: str) -> None:
    time = np.linspace(0, 1, 1_500)
    half_lives = [
        chosen(samples(1_500, seed, np.ones(1_500), LEVELS[level](time) - 1)).cross_validation.half_life
        for seed in range(5)
    ]
    assert half_lives.count(None) >= 4


def test_where_the_world_stands_still_the_blend_keeps_its_weights() -> None:
    choices = [chosen(samples(1_000, seed, np.ones(1_000), np.full(1_000, -0.5))) for seed in range(10)]
    assert sum(one.drifts or bool(one.notes) for one in choices) <= 1


def test_a_spec_names_its_half_life() -> None:
    assert EnsembleSpec("l", 1.0, half_life=1 / 8).parameters()["half_life"] == 0.125
    assert "half_life" not in LINEAR.parameters()
