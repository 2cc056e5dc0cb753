"""Monotone maps from raw log-odds to probability, and the choice among them."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from stats.calibration import (
    FITS,
    Calibration,
    fit_intercept,
    fit_isotonic,
    fit_none,
    fit_sigmoid,
    log_losses,
)
from stats.calibration_choice import choose_calibration, shift_in_common

Vector = np.ndarray


def drawn(leads: int, seed: int, mean: float = -1.0, spread: float = 1.2) -> tuple[Vector, Vector, Vector]:
    """True log-odds, outcomes drawn by them, and weights of one."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(mean, spread, leads)
    return log_odds, (rng.random(leads) < expit(log_odds)).astype(float), np.ones(leads)


@pytest.mark.parametrize("kind", FITS)
@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from([-4.0, -1.5, -1.0, 0.0, 0.25, 3.0]) | st.floats(-6, 6), st.booleans()),
        min_size=2,
        max_size=60,
    ).filter(lambda leads: len({won for _, won in leads}) == 2)
)
def test_every_map_keeps_the_order_of_the_scores(kind: str, leads: list[tuple[float, bool]]) -> None:
    raw, won = (np.array(part, dtype=float) for part in zip(*leads, strict=True))
    fitted = FITS[kind](raw, won, np.ones(len(raw)))
    asked = np.sort(np.concatenate([raw, np.linspace(-20, 20, 401)]))
    probability = fitted.probability(asked)
    assert (np.diff(fitted.log_odds(asked)) >= -1e-12).all()
    assert (np.diff(probability) >= 0).all()
    assert probability.min() >= 0.00001
    assert probability.max() <= 0.99999


def test_the_isotonic_map_makes_no_ties() -> None:
    raw, won, weight = drawn(3_000, 1)
    probability = fit_isotonic(raw, won, weight).probability(np.linspace(-12, 10, 2_000))
    assert (np.diff(probability) > 0).all()


def test_a_lead_at_the_very_top_that_won_does_not_pull_the_top_down() -> None:
    """Its step holds one lead, so one lead's worth of base rate halves it, below the step before."""
    raw = np.linspace(-2, 2, 101)
    won = np.array([0.0] * 60 + [1.0, 1.0, 1.0, 1.0, 0.0] * 8 + [1.0])
    top = fit_isotonic(raw, won, np.ones(101)).probability(np.array([1.0, 1.5, 2.0]))
    assert top[0] <= top[1] <= top[2]
    assert top[2] > 0.7


def test_the_isotonic_map_agrees_with_the_rates_it_was_fitted_on() -> None:
    rng = np.random.default_rng(2)
    raw = rng.uniform(-2, 2, 6_000)
    truth = np.where(raw < -1, 0.05, np.where(raw < 1, 0.3, 0.8))
    fitted = fit_isotonic(raw, (rng.random(6_000) < truth).astype(float), np.ones(6_000))
    assert fitted.probability(np.array([-1.5, 0.0, 1.5])) == pytest.approx([0.05, 0.3, 0.8], abs=0.06)


def test_what_is_calibrated_already_is_left_as_it_is() -> None:
    chosen = [choose_calibration(*drawn(leads, seed), seed=7).kind for leads in (300, 1_500) for seed in range(6)]
    assert chosen.count("none") >= 10


@pytest.mark.parametrize("distortion", [0.4, 2.5])
def test_a_distorted_slope_is_set_right(distortion: float) -> None:
    truth, won, weight = drawn(900, 3)
    chosen = choose_calibration(distortion * truth, won, weight, seed=7)
    fresh, _, _ = drawn(2_000, 4)
    assert chosen.kind in {"temperature", "sigmoid", "quadratic", "beta"}
    assert np.polyfit(fresh, chosen.log_odds(distortion * fresh), 1)[0] == pytest.approx(1.0, abs=0.15)
    assert np.abs(chosen.probability(distortion * fresh) - expit(fresh)).mean() < 0.03


def test_a_shift_alone_is_mended_by_the_intercept_alone() -> None:
    truth, won, weight = drawn(900, 5)
    chosen = choose_calibration(truth + 1.0, won, weight, seed=7)
    assert chosen.kind == "intercept"
    assert chosen.shift == pytest.approx(-1.0, abs=0.2)


@pytest.mark.parametrize(("leads", "isotonic"), [(999, False), (4_999, False), (5_000, True)])
def test_steps_ask_for_the_isotonic_map_which_five_thousand_leads_may_have(leads: int, *, isotonic: bool) -> None:
    rng = np.random.default_rng(6)
    raw = rng.uniform(-3, 3, leads)
    won = (rng.random(leads) < np.where(raw < 1, 0.02, 0.6)).astype(float)
    assert (choose_calibration(raw, won, np.ones(leads), seed=7).kind == "isotonic") is isotonic


@pytest.mark.parametrize(("leads", "half"), [(999, False), (2_500, True)])
def test_scores_that_blur_a_few_rates_ask_for_half_the_isotonic_map(leads: int, *, half: bool) -> None:
    """Five groups of leads, each with one chance of being won, and scores that spread each group."""
    rng = np.random.default_rng(16)
    group = rng.integers(0, 5, leads + 20_000)
    truth = 1.5 * (group - 3.0)
    raw = truth + rng.uniform(-0.7, 0.7, len(truth))
    won = (rng.random(len(truth)) < expit(truth)).astype(float)
    chosen = choose_calibration(raw[:leads], won[:leads], np.ones(leads), seed=7)
    assert (chosen.kind == "half isotonic") is half
    fresh = slice(leads, None)
    gain = (log_losses(raw, won) - log_losses(chosen.log_odds(raw), won))[fresh].mean()
    assert bool(gain > 0.001) is half


def test_with_fewer_than_ten_winners_nothing_is_fitted() -> None:
    raw, weight = np.linspace(-3, 3, 400), np.ones(400)
    assert choose_calibration(raw, (np.arange(400) < 9).astype(float), weight, seed=7) == Calibration()


def test_the_sigmoid_finds_the_line_that_was_planted() -> None:
    truth, won, weight = drawn(20_000, 8)
    slope, same, intercept = fit_sigmoid((truth - 0.5) / 2, won, weight).weights
    assert (slope, same, intercept) == pytest.approx((2.0, 2.0, 0.5), abs=0.1)


def test_the_intercept_makes_the_mean_probability_the_share_that_won() -> None:
    raw, won, weight = drawn(500, 9)
    fitted = fit_intercept(raw - 2, won, weight)
    assert expit(fitted.log_odds(raw - 2)).mean() == pytest.approx(won.mean(), abs=1e-9)


@pytest.mark.parametrize("kind", FITS)
def test_a_lead_of_weight_two_counts_as_two_leads(kind: str) -> None:
    raw, won, weight = drawn(300, 10)
    weight[:100] = 2.0
    twice = np.concatenate([np.arange(300), np.arange(100)])
    weighted = FITS[kind](raw, won, weight)
    repeated = FITS[kind](raw[twice], won[twice], np.ones(400))
    asked = np.linspace(-4, 3, 50)
    assert weighted.log_odds(asked) == pytest.approx(repeated.log_odds(asked), abs=2e-2)


def test_blocks_that_all_lack_the_same_are_given_it() -> None:
    truth, won, weight = drawn(3_000, 11)
    chosen = shift_in_common(truth - 0.8, won, weight, [500] * 6)
    assert chosen.kind == "intercept"
    assert chosen.shift == pytest.approx(0.8, abs=0.15)


def test_blocks_that_lack_in_turn_and_have_too_much_in_turn_are_given_nothing() -> None:
    truth, won, weight = drawn(3_000, 12)
    swing = np.repeat([0.8, -0.8] * 3, 500)
    assert shift_in_common(truth + swing, won, weight, [500] * 6) == Calibration()


def test_the_more_blocks_differ_the_less_of_what_they_lack_is_given() -> None:
    truth, won, weight = drawn(6_000, 13)
    shifts = [
        shift_in_common(truth - 0.5 + np.repeat([swing, -swing] * 3, 1_000), won, weight, [1_000] * 6).shift
        for swing in (0.0, 0.5, 0.8)
    ]
    assert shifts[0] == pytest.approx(0.5, abs=0.1)
    assert shifts[0] > shifts[1] + 0.05 > shifts[2] + 0.1 > 0.1


def test_a_block_of_which_hardly_anything_is_known_moves_nothing() -> None:
    truth, won, weight = drawn(3_000, 14)
    won[2_500:], weight[2_500:] = 0.0, 0.01
    assert abs(shift_in_common(truth, won, weight, [500] * 6).shift) < 0.1
    weight[2_500:] = 0.0
    assert shift_in_common(truth - 0.8, won, weight, [500] * 6).shift == pytest.approx(0.8, abs=0.15)


@pytest.mark.parametrize("kind", FITS)
def test_a_stored_map_comes_back_as_it_was(kind: str) -> None:
    fitted = FITS[kind](*drawn(200, 15))
    assert Calibration.from_json(json.loads(json.dumps(fitted.to_json()))) == fitted


def test_losses_are_the_negative_log_of_what_was_said_of_the_outcome() -> None:
    losses = log_losses(logit(np.array([0.8, 0.8, 0.5])), np.array([1.0, 0.0, 1.0]))
    assert losses == pytest.approx([0.2231436, 1.6094379, 0.6931472])


def test_the_raw_score_passes_through_no_map_unchanged() -> None:
    raw = np.array([-3.0, 0.0, 2.0])
    assert fit_none(raw, raw, raw).log_odds(raw).tolist() == raw.tolist()
