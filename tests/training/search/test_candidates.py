"""The candidates, and the choice among them."""

from dataclasses import replace
from time import monotonic

import numpy as np
import pytest
from scipy.special import expit

from features.encoders import Column
from stats.types import Vector
from tests.training.trials import ONES, SHUFFLED, TRUTH, WON, blurred, trial
from training.data.samples import Samples
from training.data.split import make_forward_folds, make_stratified_folds
from training.models.boosting import RANDOMISED
from training.models.ensemble import LEAVES, EnsembleSpec
from training.models.logistic import LOGISTIC
from training.search.candidates import Candidate, OutOfFoldPredictions, choose_candidate, make_candidates
from training.search.cross_validation import CrossValidation
from training.search.time_budget import TimeBudget


def candidate(name: str, raw: Vector) -> Candidate:
    return Candidate(EnsembleSpec(name), OutOfFoldPredictions(raw, WON, ONES))


def test_the_simplest_candidate_within_noise_of_the_best_is_chosen() -> None:
    as_good = [candidate("simple", blurred(0.05, 1)), candidate("complex", TRUTH)]
    worse = [candidate("simple", blurred(1.5, 1)), candidate("complex", TRUTH)]
    assert (choose_candidate(as_good).name, choose_candidate(worse).name) == ("simple", "complex")


def test_candidates_run_from_the_simplest_to_the_most_complex_and_the_ensemble_drops_what_weighs_nothing() -> None:
    useless = np.random.default_rng(3).normal(0, 60, 1_000)
    trials = [trial("logistic regression", TRUTH), trial("small", blurred(0.1, 1)), trial("large", useless)]
    simple, single, mixed = make_candidates(SHUFFLED, trials).every
    assert [one.name for one in (simple, single, mixed)] == ["logistic regression", "LightGBM", "blend"]
    assert [member.booster.name for member in single.spec.members] == ["small"]
    assert "large" not in {member.booster.name for member in mixed.spec.members}
    assert mixed.spec.logistic_weight + sum(member.weight for member in mixed.spec.members) == pytest.approx(1.0)


def test_trees_that_are_slow_to_explain_are_served_only_where_they_are_better_beyond_noise() -> None:
    slow = LEAVES  # rounds, of several leaves each
    noise = trial("logistic regression", np.random.default_rng(3).normal(0, 60, 1_000))
    as_good = make_candidates(SHUFFLED, [noise, trial("small", blurred(0.05, 1)), trial("large", TRUTH, slow)])
    better = make_candidates(SHUFFLED, [noise, trial("small", blurred(2.0, 1)), trial("large", TRUTH, slow)])
    assert [one.name for one in better.every] == ["logistic regression", "LightGBM", "blend", "large blend"]
    assert (as_good.chosen.name, better.chosen.name) == ("LightGBM", "large blend")


def test_without_order_the_best_of_many_specs_is_not_chosen_alone_and_of_few_it_is() -> None:
    shapes = [trial(f"shape {number}", blurred(0.05, number)) for number in range(6)]
    luckiest = trial("luckiest", TRUTH)
    few = make_candidates(SHUFFLED, [trial(LOGISTIC, np.zeros(1_000)), *shapes[:5], luckiest])
    assert few.chosen.name == "LightGBM"
    found = make_candidates(SHUFFLED, [trial(LOGISTIC, np.zeros(1_000)), *shapes, luckiest])
    chosen = found.chosen
    assert chosen.name == "blend"
    assert len(chosen.spec.members) > 1
    assert [one.name for one in found.second_look] == [LOGISTIC]


def test_where_few_are_won_logistic_regression_keeps_its_part_of_an_average_of_equals() -> None:
    few = np.concatenate([np.ones(60), np.zeros(940)])
    samples = replace(SHUFFLED.samples, y=few)
    raw = np.where(few == 1, -1.0, -3.0)
    trials = [trial(LOGISTIC, raw), *(trial(f"shape {number}", raw) for number in range(6))]
    blend = next(
        one for one in make_candidates(replace(SHUFFLED, samples=samples), trials).every if one.name == "blend"
    )
    assert blend.spec.logistic_weight == pytest.approx(2 / 8, abs=1e-3)


def test_a_shape_that_errs_in_its_own_way_is_part_of_the_blend_though_many_are_better_alone() -> None:
    alike = blurred(0.8, 1)
    better = [trial(f"alike {number}", alike + blurred(0.01, number) - TRUTH) for number in range(8)]
    others = [trial(LOGISTIC, np.zeros(1_000)), trial("other", blurred(0.9, 20))]
    blend = next(one for one in make_candidates(SHUFFLED, [*others, *better]).every if one.name == "blend")
    assert {member.booster.name: member.weight for member in blend.spec.members}["other"] > 0.2


def test_in_order_logistic_regression_is_not_chosen_alone_where_it_would_be_without_order() -> None:
    numbers = np.random.default_rng(2).normal(size=(1_000, 12))
    won = (np.random.default_rng(3).random(1_000) < expit(numbers.sum(axis=1))).astype(float)
    samples = Samples([Column(name, name) for name in "abcdefghijkl"], numbers, won, ONES)
    unordered = CrossValidation(samples, make_stratified_folds(won, 7), [], 7)
    budget = TimeBudget(monotonic, monotonic(), 1e6)
    trials = [unordered.evaluate_logistic(budget), unordered.evaluate_booster(RANDOMISED, budget)]
    in_order = make_candidates(replace(unordered, forward=make_forward_folds(won)), trials)
    assert choose_candidate(in_order.every).name == LOGISTIC
    assert in_order.chosen.name == "blend"


def test_later_scores_are_appended_as_a_block_of_their_own() -> None:
    before = OutOfFoldPredictions(np.zeros(4), np.zeros(4), np.ones(4), (2, 2))
    after = before.append(np.ones(3), np.ones(3), np.ones(3))
    assert (after.block_sizes, after.raw_score.tolist()) == ((2, 2, 3), [0, 0, 0, 0, 1, 1, 1])
    assert replace(before, block_sizes=()).append(np.ones(3), np.ones(3), np.ones(3)).block_sizes == ()
