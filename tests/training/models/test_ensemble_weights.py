"""How much each trial weighs, which candidate is chosen, and what its recipe grows."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from stats.calibration import log_losses
from tests.training.leads import learned
from training.data.samples import Samples
from training.data.split import make_forward_folds, make_stratified_folds
from training.models.boosting import STARTING_SPECS, BoosterSpec
from training.models.ensemble import EnsembleMember, EnsembleSpec
from training.models.ensemble_weights import combine_trials, measure_drift, solve_simplex_weights
from training.search.candidates import Candidate, OutOfFoldPredictions, choose_candidate, make_candidates
from training.search.cross_validation import CrossValidation, Trial

Vector = np.ndarray
rng = np.random.default_rng(1)
TRUTH = rng.normal(-1, 1, 1_000)
WON = (rng.random(1_000) < expit(TRUTH)).astype(float)
ONES = np.ones(1_000)
LESSONS = Samples([], np.zeros((1_000, 0)), WON, ONES)
STILL = CrossValidation(LESSONS, make_stratified_folds(WON, 7), [], 7)
FORWARD = replace(STILL, forward=make_forward_folds(WON))


def trial(name: str, raw: Vector, exam: CrossValidation = STILL, still: Vector | None = None) -> Trial:
    """What a shape of this name predicted for all leads: `raw` where it is judged, `still` in shuffled folds."""
    shape = (
        None
        if name == "logistic regression"
        else next((one for one in STARTING_SPECS if one.name == name), BoosterSpec(name))
    )
    judged = raw[exam.evaluated_rows]
    loss = float(log_losses(judged, WON[exam.evaluated_rows]).mean())
    return Trial(shape, 10, judged, raw if still is None else still, loss, 1.0)


def blurred(noise: float, seed: int) -> Vector:
    return TRUTH + np.random.default_rng(seed).normal(0, noise, 1_000)


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
    mixed = combine_trials(STILL, trials)
    assert log_losses(mixed.raw_score, WON).mean() < min(one.loss for one in trials) - 0.005
    assert mixed.weights.min() > 0.25
    assert mixed.drift == 0.0


def test_leads_weigh_in_the_blend_by_their_weight() -> None:
    first, second = np.where(np.arange(1_000) < 500, TRUTH, 0.0), np.where(np.arange(1_000) < 500, 0.0, TRUTH)
    trials = [trial("small", first), trial("large", second)]
    weight = np.where(np.arange(1_000) < 500, 5.0, 0.2)
    mixed = combine_trials(replace(STILL, samples=replace(LESSONS, sample_weight=weight)), trials)
    assert mixed.weights[0] > 0.8


def drift_of(forward: Vector, still: Vector) -> float:
    return measure_drift(FORWARD, [trial(name, forward, FORWARD, still) for name in ("small", "random")])


def test_a_world_where_the_past_predicts_as_well_as_the_present_does_not_drift() -> None:
    assert drift_of(TRUTH, TRUTH) == 0.0


def test_a_world_where_the_past_says_nothing_drifts_fully() -> None:
    assert drift_of(np.full(1_000, TRUTH.mean()), TRUTH) == 1.0


def test_a_world_that_loses_a_third_of_its_signal_drifts_in_part() -> None:
    assert 0.2 < drift_of(TRUTH - 0.55 * (TRUTH - TRUTH.mean()), TRUTH) < 0.9


def test_where_the_world_drifts_the_blend_leans_on_randomised_trees_and_logistic_regression() -> None:
    flat = np.full(1_000, TRUTH.mean())
    names = ("logistic regression", *(shape.name for shape in STARTING_SPECS), "searched 1")
    mixed = combine_trials(FORWARD, [trial(name, flat, FORWARD, TRUTH) for name in names])
    weights = dict(zip((one.name for one in mixed.trials), mixed.weights, strict=True))
    assert mixed.drift == 1.0
    assert "searched 1" not in weights
    assert weights["random"] + weights["sparse random"] + weights["logistic regression"] > 0.9


def test_of_the_searched_shapes_the_best_is_blended() -> None:
    trials = [
        *(trial("small", blurred(0.8, 1)), trial("searched 1", blurred(1.2, 2))),
        trial("searched 2", blurred(0.8, 3)),
    ]
    assert [one.name for one in combine_trials(STILL, trials).trials] == ["small", "searched 2"]


def test_a_part_that_weighs_little_is_left_out_and_the_others_are_weighed_again() -> None:
    good = [trial("small", blurred(0.8, 1)), trial("large", blurred(0.8, 2))]
    mixed = combine_trials(STILL, [*good, trial("random", rng.normal(0, 3, 1_000))])
    assert [one.name for one in mixed.trials] == ["small", "large"]
    assert mixed.weights.tolist() == combine_trials(STILL, good).weights.tolist()


def candidate(name: str, raw: Vector, drift: float = 0.0) -> Candidate:
    return Candidate(EnsembleSpec(name), OutOfFoldPredictions(raw, WON, ONES, drift=drift))


def test_the_simplest_candidate_within_noise_of_the_best_is_chosen() -> None:
    as_good = [candidate("simple", blurred(0.05, 1)), candidate("complex", TRUTH)]
    worse = [candidate("simple", blurred(1.5, 1)), candidate("complex", TRUTH)]
    assert (choose_candidate(as_good).name, choose_candidate(worse).name) == ("simple", "complex")


def test_where_the_world_drifts_the_blend_is_chosen() -> None:
    assert choose_candidate([candidate("simple", TRUTH, 0.3), candidate("blend", blurred(1.5, 1), 0.3)]).name == "blend"


def test_candidates_run_from_the_simplest_to_the_most_complex_and_the_blend_drops_what_weighs_nothing() -> None:
    useless = np.random.default_rng(3).normal(0, 60, 1_000)
    trials = [trial("logistic regression", TRUTH), trial("small", blurred(0.1, 1)), trial("large", useless)]
    simple, single, mixed = make_candidates(STILL, trials)
    assert [one.name for one in (simple, single, mixed)] == ["logistic regression", "LightGBM", "blend"]
    assert [member.booster.name for member in single.spec.members] == ["small"]
    assert "large" not in {member.booster.name for member in mixed.spec.members}
    assert mixed.spec.logistic_weight + sum(member.weight for member in mixed.spec.members) == pytest.approx(1.0)


def test_later_scores_are_appended_as_a_block_of_their_own() -> None:
    before = OutOfFoldPredictions(np.zeros(4), np.zeros(4), np.ones(4), (2, 2), 0.5)
    after = before.append(np.ones(3), np.ones(3), np.ones(3))
    assert (after.block_sizes, after.raw_score.tolist(), after.drift) == ((2, 2, 3), [0, 0, 0, 0, 1, 1, 1], 0.5)
    assert replace(before, block_sizes=()).append(np.ones(3), np.ones(3), np.ones(3)).block_sizes == ()


TINY = BoosterSpec("tiny", {"num_leaves": 4, "learning_rate": 0.1})


def test_a_recipe_grows_its_parts_and_adds_them_by_weight() -> None:
    samples = learned(300).samples
    both = EnsembleSpec("blend", 0.4, (EnsembleMember(TINY, 5, 0.6),)).fit(samples, seed=7)
    logistic, trees = (
        EnsembleSpec("l", 1.0).fit(samples, seed=7),
        EnsembleSpec("t", 0.0, (EnsembleMember(TINY, 5, 1.0),)).fit(samples, 7),
    )
    assert logistic.trees is None
    assert both.trees is not None
    assert both.trees.booster.num_trees() == 5 * EnsembleMember(TINY, 5, 0.6).seeds
    assert both.raw_score(samples.X) == pytest.approx(
        0.4 * logistic.raw_score(samples.X) + 0.6 * trees.raw_score(samples.X), abs=1e-9
    )


def test_the_same_seed_fits_the_same_recipe_to_the_byte() -> None:
    samples, spec = learned(300).samples, EnsembleSpec("t", 0.0, (EnsembleMember(TINY, 5, 1.0),))
    first, again, other = (spec.fit(samples, seed).trees for seed in (7, 7, 20))
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.text == again.text != other.text


def test_a_recipe_tells_what_is_worth_keeping_of_it() -> None:
    shown = EnsembleSpec("blend", 0.25, (EnsembleMember(TINY, 12, 0.75),)).parameters()
    assert (shown["logistic.weight"], shown["tiny.weight"], shown["tiny.rounds"]) == (0.25, 0.75, 12)
    assert shown["tiny.num_leaves"] == 4


def test_a_recipe_can_be_grown_for_other_rounds() -> None:
    again = EnsembleSpec("blend", 0.25, (EnsembleMember(TINY, 12, 0.75),)).with_rounds(
        lambda shape: 30 + len(shape.name)
    )
    assert again == EnsembleSpec("blend", 0.25, (EnsembleMember(TINY, 34, 0.75),))
