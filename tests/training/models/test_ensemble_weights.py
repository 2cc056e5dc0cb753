"""The weights of trials in an ensemble, and the drift that they are fitted for."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.calibration import log_losses
from tests.training.trials import FORWARD, ONES, SAMPLES, SHUFFLED, TRUTH, WON, Vector, blurred, rng, trial
from training.models.boosting import STARTING_SPECS
from training.models.ensemble_weights import combine_trials, measure_drift, solve_simplex_weights


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1_000), st.integers(2, 5), st.sampled_from([0.0, 0.001, 0.03]))
def test_weights_are_never_negative_add_up_to_one_and_beat_every_corner(seed: int, members: int, ridge: float) -> None:
    raw = np.column_stack(
        [blurred(noise, seed + 7 * place) for place, noise in enumerate(np.linspace(0.3, 2, members))]
    )
    prior = np.full(members, 1 / members)
    weights = solve_simplex_weights(raw, WON, ONES, prior, ridge)

    def cost(weights: Vector) -> float:
        return log_losses(raw @ weights, WON).mean() + ridge * ((weights - prior) ** 2).sum()

    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1.0)
    assert all(cost(weights) <= cost(other) + 1e-6 for other in (prior, *np.eye(members)))


def test_without_a_ridge_the_better_model_takes_all_and_with_a_stiff_one_the_prior_stays() -> None:
    raw = np.column_stack([TRUTH, rng.normal(size=1_000)])
    prior = np.array([0.3, 0.7])
    assert solve_simplex_weights(raw, WON, ONES, prior, 0.0) == pytest.approx([1.0, 0.0], abs=0.06)
    assert solve_simplex_weights(raw, WON, ONES, prior, 1e3) == pytest.approx(prior, abs=1e-3)


def test_two_models_that_err_differently_are_better_together() -> None:
    trials = [trial("small", blurred(0.8, 1)), trial("large", blurred(0.8, 2))]
    mixed = combine_trials(SHUFFLED, trials)
    assert log_losses(mixed.raw_score, WON).mean() < min(one.loss for one in trials) - 0.005
    assert mixed.weights.min() > 0.25
    assert mixed.drift == 0.0


def test_leads_count_in_the_ensemble_by_their_weight() -> None:
    first, second = np.where(np.arange(1_000) < 500, TRUTH, 0.0), np.where(np.arange(1_000) < 500, 0.0, TRUTH)
    trials = [trial("small", first), trial("large", second)]
    weight = np.where(np.arange(1_000) < 500, 5.0, 0.2)
    mixed = combine_trials(replace(SHUFFLED, samples=replace(SAMPLES, sample_weight=weight)), trials)
    assert mixed.weights[0] > 0.8


def drift_of(forward: Vector, still: Vector) -> float:
    return measure_drift(FORWARD, [trial(name, forward, FORWARD, still) for name in ("small", "random")])


def test_a_world_where_the_past_predicts_as_well_as_the_present_does_not_drift() -> None:
    assert drift_of(TRUTH, TRUTH) == 0.0


def test_a_world_where_the_past_says_nothing_drifts_fully() -> None:
    assert drift_of(np.full(1_000, TRUTH.mean()), TRUTH) == 1.0


def test_a_world_that_loses_a_third_of_its_signal_drifts_in_part() -> None:
    assert 0.2 < drift_of(TRUTH - 0.55 * (TRUTH - TRUTH.mean()), TRUTH) < 0.9


def test_where_the_world_drifts_the_ensemble_leans_on_randomised_trees_and_logistic_regression() -> None:
    flat = np.full(1_000, TRUTH.mean())
    names = ("logistic regression", *(shape.name for shape in STARTING_SPECS), "searched 1")
    mixed = combine_trials(FORWARD, [trial(name, flat, FORWARD, TRUTH) for name in names])
    weights = dict(zip((one.name for one in mixed.trials), mixed.weights, strict=True))
    assert mixed.drift == 1.0
    assert "searched 1" not in weights
    assert weights["random"] + weights["sparse random"] + weights["logistic regression"] > 0.9


def test_of_the_searched_specs_the_best_is_combined() -> None:
    trials = [
        *(trial("small", blurred(0.8, 1)), trial("searched 1", blurred(1.2, 2))),
        trial("searched 2", blurred(0.8, 3)),
    ]
    assert [one.name for one in combine_trials(SHUFFLED, trials).trials] == ["small", "searched 2"]


def test_a_part_that_weighs_little_is_left_out_and_the_others_are_weighed_again() -> None:
    good = [trial("small", blurred(0.8, 1)), trial("large", blurred(0.8, 2))]
    mixed = combine_trials(SHUFFLED, [*good, trial("random", rng.normal(0, 3, 1_000))])
    assert [one.name for one in mixed.trials] == ["small", "large"]
    assert mixed.weights.tolist() == combine_trials(SHUFFLED, good).weights.tolist()
