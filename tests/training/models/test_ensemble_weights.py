"""The weights of parts in an ensemble."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.calibration import log_losses
from stats.types import Vector
from tests.training.trials import ONES, SAMPLES, TRUTH, WON, blurred, rng
from training.models.ensemble_weights import FEW_RIDGE, RIDGE, choose_ridge, fit_weights, mix, solve_simplex_weights

EVEN = {"small": 0.5, "large": 0.5}


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
    raw = {"small": blurred(0.8, 1), "large": blurred(0.8, 2)}
    weights = fit_weights(raw, WON, ONES, EVEN, RIDGE)
    assert log_losses(mix(raw, weights), WON).mean() < min(log_losses(one, WON).mean() for one in raw.values()) - 0.005
    assert min(weights.values()) > 0.25


def test_leads_count_in_the_ensemble_by_their_weight() -> None:
    first, second = np.where(np.arange(1_000) < 500, TRUTH, 0.0), np.where(np.arange(1_000) < 500, 0.0, TRUTH)
    weight = np.where(np.arange(1_000) < 500, 5.0, 0.2)
    weights = fit_weights({"small": first, "large": second}, WON, weight, EVEN, RIDGE)
    assert weights["small"] > 0.8


def test_a_part_that_weighs_little_is_left_out_and_the_others_are_weighed_again() -> None:
    good = {"small": blurred(0.8, 1), "large": blurred(0.8, 2)}
    weights = fit_weights({**good, "useless": rng.normal(0, 30, 1_000)}, WON, ONES, EVEN, RIDGE)
    assert weights == fit_weights(good, WON, ONES, EVEN, RIDGE)


@pytest.mark.parametrize("seed", range(20))
def test_noise_of_the_scores_own_size_weighs_little_where_it_is_kept_at_all(seed: int) -> None:
    """Such noise draws scores that say too much towards each other, which is worth a little."""
    noise = np.random.default_rng(seed).normal(0, 3, 1_000)
    raw = {"small": blurred(0.8, 1), "large": blurred(0.8, 2), "noise": noise}
    assert fit_weights(raw, WON, ONES, EVEN, RIDGE).get("noise", 0.0) < 0.12


def test_weights_are_the_best_also_where_parts_are_nearly_alike() -> None:
    """No step towards any one part makes them better, though all together are within a thousandth of each other."""
    raw = np.column_stack([blurred(0.3 + 0.02 * number, number) for number in range(8)])
    prior = np.full(8, 1 / 8)
    weights = solve_simplex_weights(raw, WON, ONES, prior, RIDGE)

    def cost(weights: Vector) -> float:
        return log_losses(raw @ weights, WON).mean() + RIDGE * ((weights - prior) ** 2).sum()

    steps = [weights + 0.05 * (corner - weights) for corner in np.eye(8)]
    assert all(cost(weights) <= cost(step) + 1e-8 for step in steps)


def test_of_parts_that_all_weigh_little_the_heaviest_stay() -> None:
    raw = {f"part {number}": TRUTH for number in range(30)}
    weights = fit_weights(raw, WON, ONES, dict.fromkeys(raw, 1.0), RIDGE)
    assert weights
    assert sum(weights.values()) == pytest.approx(1.0)


def test_the_prior_holds_more_where_few_are_won() -> None:
    assert choose_ridge(SAMPLES) == RIDGE
    assert choose_ridge(SAMPLES.take(np.arange(200))) == FEW_RIDGE
