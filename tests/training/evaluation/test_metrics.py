"""How good a set of probabilities is, beside scikit-learn where it has the number."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn import metrics as sklearn
from sklearn.linear_model import LogisticRegression

from stats.predictions import Predictions
from stats.ranking import gain, lift
from stats.reliability import calibration_noise_floor, expected_calibration_error
from training.evaluation.metrics import METRICS

Vector = np.ndarray

LEADS = st.lists(
    st.tuples(
        st.sampled_from([0.05, 0.2, 0.2001, 0.5, 0.9]) | st.floats(0.001, 0.999), st.booleans(), st.integers(0, 3)
    ),
    min_size=2,
    max_size=60,
).filter(lambda leads: len({won for _, won, weight in leads if weight}) == 2)


def of(name: str, probability: list[float], won: list[int]) -> float:
    return float(
        METRICS[name](Predictions.of(np.array(probability), np.array(won, dtype=float)).weighted(np.ones(len(won))))
    )


def perfect(leads: int, seed: int, mean: float = -2.0, spread: float = 1.0) -> Predictions:
    """Outcomes drawn by the very probabilities."""
    rng = np.random.default_rng(seed)
    probability = expit(rng.normal(mean, spread, leads))
    return Predictions.of(probability, (rng.random(leads) < probability).astype(float))


@settings(max_examples=100, deadline=None)
@given(LEADS)
def test_weighted_auc_precision_log_loss_and_brier_are_scikit_learns_ties_included(
    leads: list[tuple[float, bool, int]],
) -> None:
    probability, won, weight = (np.array(part, dtype=float) for part in zip(*leads, strict=True))
    predictions = Predictions.of(probability, won)
    ours = {
        name: METRICS[name](predictions.weighted(weight)) for name in ("auc", "average_precision", "log_loss", "brier")
    }
    theirs = {
        "auc": sklearn.roc_auc_score(won, probability, sample_weight=weight),
        "average_precision": sklearn.average_precision_score(won, probability, sample_weight=weight),
        "log_loss": sklearn.log_loss(won, probability, sample_weight=weight),
        "brier": sklearn.brier_score_loss(won, probability, sample_weight=weight),
    }
    assert ours == pytest.approx(theirs)


@settings(max_examples=60, deadline=None)
@given(LEADS, st.randoms(use_true_random=False))
def test_no_number_hangs_on_the_order_of_the_rows(leads: list[tuple[float, bool, int]], random: Random) -> None:
    shuffled = random.sample(leads, len(leads))

    def all_numbers(leads: list[tuple[float, bool, int]]) -> list[float]:
        probability, won, weight = (np.array(part, dtype=float) for part in zip(*leads, strict=True))
        predictions = Predictions.of(probability, won)
        return [
            float(metric(predictions.weighted(weight)))
            for name, metric in METRICS.items()
            if not name.startswith("calibration")
        ]

    assert all_numbers(leads) == pytest.approx(all_numbers(shuffled))


def test_leads_of_equal_probability_share_their_wins_in_lift_and_gain() -> None:
    probability = [0.9] + [0.5] * 8 + [0.1]
    assert of("gain_10", probability, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]) == 0.5
    assert of("gain_20", probability, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]) == pytest.approx(0.5625)
    assert of("gain_20", probability, [1, 0, 0, 0, 0, 0, 0, 0, 1, 0]) == pytest.approx(0.5625)
    assert of("lift_20", probability, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]) == pytest.approx(2.8125)


def test_all_equal_probabilities_lift_nothing() -> None:
    assert of("lift_10", [0.3] * 10, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]) == pytest.approx(1.0)
    assert of("auc", [0.3] * 10, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]) == 0.5


def test_gains_rise_to_all_wins_in_all_leads() -> None:
    predictions = perfect(500, 1)
    gains = [gain(share)(predictions.weighted(np.ones(500))) for share in (0.1, 0.3, 0.6, 1.0)]
    assert gains == sorted(gains)
    assert gains[-1] == pytest.approx(1.0)
    assert lift(1.0)(predictions.weighted(np.ones(500))) == pytest.approx(1.0)


def test_the_calibration_error_is_the_mean_gap_in_ten_bins() -> None:
    # 0.4 promised and 1 delivered among the four, 1.6 and 1 among the two; 1.0 is in the last bin
    assert of("ece", [0.1] * 4 + [0.8] * 2 + [1.0], [1, 0, 0, 0, 1, 0, 1]) == pytest.approx((0.6 + 0.6) / 7)


@pytest.mark.parametrize(("leads", "floor"), [(500, 0.030), (1_000, 0.021), (5_000, 0.010)])
def test_the_noise_floor_is_what_a_perfect_model_shows(leads: int, floor: float) -> None:
    predictions = perfect(leads, 2)
    assert calibration_noise_floor(predictions, seed=7) == pytest.approx(floor, abs=0.002)
    shown = np.mean([expected_calibration_error(perfect(leads, seed).weighted(np.ones(leads))) for seed in range(30)])
    assert calibration_noise_floor(predictions, seed=7) == pytest.approx(shown, abs=0.003)


def test_the_noise_floor_does_not_hang_on_the_outcomes() -> None:
    predictions = perfect(300, 3)
    turned = Predictions.of(predictions.probability, 1 - predictions.outcome)
    assert calibration_noise_floor(predictions, seed=7) == calibration_noise_floor(turned, seed=7)
    assert calibration_noise_floor(predictions, seed=7) != calibration_noise_floor(predictions, seed=8)


@pytest.mark.parametrize(("stretched", "shifted"), [(1.0, 0.0), (2.0, 0.0), (0.5, 0.7)])
def test_the_calibration_line_undoes_what_was_done_to_the_log_odds(stretched: float, shifted: float) -> None:
    rng = np.random.default_rng(4)
    truth = rng.normal(-1, 1, 40_000)
    won = (rng.random(40_000) < expit(truth)).astype(float)
    slope, intercept = (
        Predictions.of(expit(stretched * truth + shifted), won).weighted(np.ones(40_000)).calibration_line
    )
    assert slope == pytest.approx(1 / stretched, abs=0.05)
    assert intercept == pytest.approx(-shifted / stretched, abs=0.05)


def test_the_calibration_line_is_that_of_an_unpenalised_logistic_regression() -> None:
    predictions = perfect(3_000, 5)
    weight = np.random.default_rng(5).integers(0, 4, 3_000).astype(float)
    log_odds = np.log(predictions.probability / (1 - predictions.probability))[:, None]
    theirs = LogisticRegression(C=1e10, tol=1e-10).fit(log_odds, predictions.outcome, sample_weight=weight)
    slope, intercept = predictions.weighted(weight).calibration_line
    assert slope == pytest.approx(theirs.coef_[0, 0], abs=0.005)
    assert intercept == pytest.approx(theirs.intercept_[0], abs=0.005)


@pytest.mark.parametrize("name", METRICS)
def test_a_weight_of_two_counts_a_lead_twice(name: str) -> None:
    predictions = perfect(200, 6, mean=-1.0)
    twice = np.concatenate([np.arange(200), np.arange(80)])
    repeated = Predictions.of(predictions.probability[twice], predictions.outcome[twice])
    weight = np.where(np.arange(200) < 80, 2.0, 1.0)
    assert METRICS[name](predictions.weighted(weight)) == pytest.approx(
        METRICS[name](repeated.weighted(np.ones(280))), abs=1e-6
    )


@pytest.mark.parametrize("name", METRICS)
def test_many_draws_at_once_are_each_of_them_alone(name: str) -> None:
    predictions = perfect(150, 8, mean=-1.0)
    draws = np.random.default_rng(8).multinomial(150, np.full(150, 1 / 150), 20).astype(float)
    alone = [float(METRICS[name](predictions.weighted(draw))) for draw in draws]
    assert METRICS[name](predictions.weighted(draws)) == pytest.approx(np.array(alone), abs=1e-6)


@pytest.mark.parametrize("won", [[0, 0, 0], [1, 1, 1]])
def test_one_outcome_alone_has_no_auc_but_a_loss(won: list[int]) -> None:
    assert np.isnan(of("auc", [0.2, 0.3, 0.4], won))
    assert 0.2 < of("log_loss", [0.2, 0.3, 0.4], won) < 1.4
    assert np.isfinite(of("calibration_slope", [0.2, 0.3, 0.4], won))


def test_a_certainty_that_was_wrong_costs_much_and_not_everything() -> None:
    assert 30 < of("log_loss", [0.0], [1]) < 40


def test_promised_and_delivered_are_plain_means() -> None:
    assert of("promised", [0.2, 0.4], [1, 0]) == pytest.approx(0.3)
    assert of("delivered", [0.2, 0.4], [1, 0]) == pytest.approx(0.5)
