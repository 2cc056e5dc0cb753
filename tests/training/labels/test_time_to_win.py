"""How long winners take, from leads most of which are too young to tell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.labels.time_to_win import Delays

ALL = np.zeros(1, dtype=np.intp)


def fitted(delay: list[float], age: list[float], lost: int = 0, horizon: float = 30.0) -> Delays:
    """Of leads the last so many of which are lost."""
    n = len(delay)
    return Delays.fit(np.array(delay), np.array(age), np.arange(n) >= n - lost, np.zeros(n, dtype=np.intp), 1, horizon)


def test_where_all_were_followed_to_the_end_it_is_the_plain_share() -> None:
    delays = fitted([5.0] * 10 + [20.0] * 10 + [np.nan] * 80, [30.0] * 100)
    assert delays.rate(ALL).tolist() == [pytest.approx(0.2)]
    assert delays.known(ALL, np.array([5.0])).tolist() == [pytest.approx(0.5)]
    assert delays.known(ALL, np.array([30.0])).tolist() == [1.0]
    assert not delays.assumed


def test_open_leads_count_only_while_they_were_followed() -> None:
    """Kaplan and Meier by hand: 10 of 100 win on day 5; then 45 are left, of whom 9 win on day 20."""
    delay = [5.0] * 10 + [np.nan] * 45 + [20.0] * 9 + [np.nan] * 36
    delays = fitted(delay, [30.0] * 10 + [10.0] * 45 + [30.0] * 45)
    assert delays.rate(ALL).tolist() == [pytest.approx(1 - 0.9 * 36 / 45)]


def test_a_loss_says_that_no_win_will_come_but_not_how_late_wins_come() -> None:
    """Nobody is as old as the horizon, so what comes after day 20 is assumed, however many are lost."""
    delays = fitted([4.0] * 10 + [9.0] * 10 + [np.nan] * 80, [20.0] * 100, lost=40)
    assert delays.assumed
    assert delays.rate(ALL)[0] == pytest.approx(0.21, abs=0.02)


def test_a_source_with_few_wins_shares_the_delay_of_the_others() -> None:
    delay = np.array([5.0] * 20 + [np.nan] * 80 + [25.0] * 30 + [np.nan] * 70 + [np.nan] * 9)
    group = np.repeat([0, 1, 2], [100, 100, 9])
    delays = Delays.fit(delay, np.full(209, 30.0), np.zeros(209, dtype=bool), group, 4, 30.0)
    few, unseen = delays.rate(np.array([2, 3])).tolist()
    assert few == unseen == pytest.approx(50 / 209, abs=1e-9)
    assert delays.rate(np.array([0, 1])).tolist() == [pytest.approx(0.2), pytest.approx(0.3)]


def test_without_any_win_nothing_is_to_come() -> None:
    assert fitted([np.nan] * 10, [3.0] * 10).rate(ALL).tolist() == [0.0]


@pytest.mark.parametrize("shape", [0.7, 1.0, 1.6])
@pytest.mark.parametrize("as_of", [180.0, 300.0])
def test_what_no_lead_was_followed_for_is_told_by_the_delays_shape(shape: float, as_of: float) -> None:
    rates = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        days = np.where(rng.random(3_000) < 0.25, rng.weibull(shape, 3_000) * 60, np.inf)
        age = rng.uniform(0, as_of, 3_000)
        seen = days <= age
        delays = Delays.fit(
            np.where(seen, days, np.nan), age, np.zeros(3_000, dtype=bool), np.zeros(3_000, dtype=np.intp), 1, 365.0
        )
        assert delays.assumed
        rates.append(delays.rate(ALL)[0])
    assert np.mean(rates) == pytest.approx(0.25, abs=0.02)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.none() | st.floats(0, 40), st.floats(0, 40)), min_size=1, max_size=60), st.integers(1, 40))
def test_a_share_rises_with_age_from_nothing_to_all(leads: list[tuple[float | None, float]], horizon: int) -> None:
    delay = np.array([np.nan if d is None or d > min(f, horizon) else d for d, f in leads])
    followed = np.array([min(f, horizon) for _, f in leads])
    none = np.zeros(len(leads), dtype=np.intp)
    delays = Delays.fit(delay, followed, none.astype(bool), none, 1, float(horizon))
    known = delays.known(np.zeros(50, dtype=np.intp), np.linspace(0, horizon, 50))
    assert (np.diff(known) >= 0).all()
    assert known[0] >= 0
    assert known[-1] == 1.0
    assert 0 <= delays.rate(ALL)[0] <= 1
