import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.estimates import (
    Estimate,
    beta_interval,
    difference_of,
    exact_count,
    exact_share,
    from_draws,
    holm,
    shrunk_shares,
)


def test_exact_intervals_are_those_of_the_tables() -> None:
    assert exact_share(3, 50) == Estimate(0.06, pytest.approx(0.01255, abs=1e-5), pytest.approx(0.16548, abs=1e-5), 50)
    assert exact_share(0, 10) == Estimate(0.0, 0.0, pytest.approx(0.30850, abs=1e-5), 10)
    assert exact_share(10, 10).low == pytest.approx(0.69150, abs=1e-5)
    assert exact_count(3) == Estimate(3.0, pytest.approx(0.61867, abs=1e-5), pytest.approx(8.76727, abs=1e-5), 3)


def test_a_share_of_nothing_is_unknown_with_the_reason() -> None:
    unknown = exact_share(0, 0, "no matured leads")
    assert (unknown.value, unknown.low, unknown.high, unknown.reason) == (None, None, None, "no matured leads")
    assert not unknown.known


def test_draws_give_the_percentile_interval() -> None:
    assert from_draws(5.0, np.arange(1001) / 100, 7) == Estimate(5.0, pytest.approx(0.25), pytest.approx(9.75), 7)


@given(st.floats(0, 1), st.floats(0, 0.3))
def test_a_beta_interval_stays_within_0_to_1_around_its_mean(mean: float, variance: float) -> None:
    low, high = beta_interval(mean, min(variance, mean * (1 - mean) * 0.99))
    assert 0 <= low <= high <= 1


def test_a_small_group_is_drawn_toward_the_whole_and_a_large_one_is_not() -> None:
    small, large, _ = shrunk_shares([2, 300, 95], [4, 1000, 1000])
    assert 0.1 < small.value < 0.35
    assert large.value == pytest.approx(0.3, abs=0.005)
    assert (small.high - small.low) > 4 * (large.high - large.low)


def test_groups_that_are_alike_are_drawn_together() -> None:
    alike = shrunk_shares([10, 11, 9, 10, 10, 10], [100] * 6)
    apart = shrunk_shares([1, 40, 9, 25, 2, 30], [100] * 6)
    assert max(abs(share.value - 0.1) for share in alike) < 0.005
    assert apart[1].value > 0.35


def test_shrunk_intervals_hold_the_truth_of_19_in_20_groups() -> None:
    rng = np.random.default_rng(3)
    held = []
    for _ in range(60):
        truth = rng.beta(5, 45, 12)
        sizes = rng.integers(5, 400, 12)
        shares = shrunk_shares(rng.binomial(sizes, truth), sizes)
        held += [share.covers(chance) for share, chance in zip(shares, truth, strict=True)]
    assert 0.93 <= np.mean(held) <= 0.97


def test_no_group_and_groups_without_leads_are_no_failure() -> None:
    assert shrunk_shares([], []) == []
    assert not shrunk_shares([0, 0], [0, 0])[0].known


def test_holm_stops_at_the_first_that_is_within_noise() -> None:
    assert holm([0.03, 0.001, 0.2, 0.012], 0.05) == [False, True, False, True]
    assert holm([], 0.05) == []


@pytest.mark.parametrize(("n", "early", "late"), [(60, 0.1, 0.1), (400, 0.5, 0.3), (400, 0.02, 0.05)])
def test_the_interval_of_a_difference_holds_the_true_one_in_19_of_20_cases(n: int, early: float, late: float) -> None:
    rng = np.random.default_rng(5)
    drawn = zip(rng.binomial(n, early, 600).tolist(), rng.binomial(n, late, 600).tolist(), strict=True)
    held = [
        difference_of(exact_share(after, n), exact_share(before, n)).covers(late - early) for before, after in drawn
    ]
    assert np.mean(held) >= 0.93  # exact intervals hold it more often where wins are few


def test_a_difference_from_what_is_unknown_is_unknown_for_the_same_reason() -> None:
    found = difference_of(Estimate.unknown("no leads"), exact_share(1, 10))
    assert (found.value, found.reason) == (None, "no leads")
    open_ended = difference_of(Estimate(5.0, 4.0, None, 10), Estimate(2.0, 1.0, 3.0, 10))
    assert (open_ended.value, open_ended.high) == (3.0, None)
    assert open_ended.low == pytest.approx(3 - 2**0.5)
