import numpy as np
import pytest

from stats.ranking import estimate_lift


def test_lift_is_the_share_of_wins_in_the_top_tenth() -> None:
    p = np.linspace(0, 1, 100)
    won = np.isin(np.arange(100), [99, 98, 97, 50, 20, 10])
    assert estimate_lift(p, won).value == pytest.approx(3 / 6 / 0.1)


def test_equal_probabilities_are_averaged_whatever_their_order() -> None:
    won = np.repeat([True, False], [10, 90])
    flat = np.full(100, 0.2)
    assert estimate_lift(flat, won).value == pytest.approx(1.0)
    assert estimate_lift(flat, won[::-1]).value == pytest.approx(1.0)


def test_without_a_win_there_is_no_lift() -> None:
    assert estimate_lift(np.array([0.1, 0.2]), np.array([False, False])).reason == "no lead was won"


def test_the_interval_holds_the_true_lift() -> None:
    rng, held = np.random.default_rng(1), []
    everyone = rng.beta(1, 9, 1_000_000)
    truth = np.sort(everyone)[-100_000:].mean() / everyone.mean()
    for _ in range(300):
        p = rng.beta(1, 9, 300)
        held.append(estimate_lift(p, rng.random(300) < p).covers(truth))
    assert np.mean(held) >= 0.93
