"""Which leads are fitted on, and which they are judged by."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data.split import (
    make_forward_folds,
    make_stratified_folds,
    split_at_random,
    split_by_order,
    split_for_delay,
    split_in_time,
)

ARRIVALS = st.lists(st.integers(0, 1_000), min_size=2, max_size=200).map(
    lambda days: np.sort(np.array(days, dtype=float))
)


def test_the_last_fifth_is_the_test_and_one_gap_lies_before_it() -> None:
    days = np.arange(1_000.0)
    split = split_in_time(days, 90)
    assert split.test.tolist() == list(range(800, 1_000))
    assert split.train.tolist() == list(range(711))
    assert split.gap_days == 90.0


def test_without_times_the_order_alone_splits() -> None:
    split = split_by_order(10)
    assert (split.train.tolist(), split.test.tolist()) == ([0, 1, 2, 3, 4, 5, 6, 7], [8, 9])


def test_a_short_history_keeps_two_fifths_to_learn_from_and_says_how_short_the_gap_is() -> None:
    split = split_in_time(np.arange(100.0), 90)
    assert split.train.tolist() == list(range(40))
    assert split.gap_days == 41.0


def test_the_last_matured_leads_are_the_test_and_those_known_by_half_where_they_hold_too_few_wins() -> None:
    matured, half_known = np.arange(500), np.arange(600)
    for every, last in ((3, range(400, 500)), (5, range(480, 700))):
        split = split_for_delay(matured, half_known, np.arange(700) % every == 0)
        assert split.test.tolist() == list(last)
        assert split.train.tolist() == list(range(split.test[0]))


@settings(max_examples=200, deadline=None)
@given(ARRIVALS, st.integers(0, 200))
def test_no_test_lead_is_earlier_than_a_lead_learned_from(days: np.ndarray, gap: int) -> None:
    split = split_in_time(days, gap)
    assert len(split.train) >= 1
    assert len(split.test) >= 1
    between = days[split.test].min() - days[split.train].max()
    assert between >= 0
    assert split.gap_days == between
    assert between >= gap or len(split.train) <= max(round(0.4 * len(days)), 1)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=200).filter(lambda won: 0 < sum(won) < len(won)), st.integers(0, 9))
def test_a_random_split_uses_every_lead_once_however_rare_an_outcome_is(outcomes: list[bool], seed: int) -> None:
    won = np.array(outcomes, dtype=float)
    split = split_at_random(won, seed)
    assert sorted([*split.train, *split.test]) == list(range(len(won)))
    assert len(split.train) >= 1
    assert len(split.test) >= 1


def test_a_random_split_is_stratified_and_repeats_by_its_seed() -> None:
    won = np.repeat([1.0, 0.0], [100, 900])
    split, again, other = (split_at_random(won, seed) for seed in (7, 7, 8))
    assert (len(split.test), won[split.test].sum()) == (200, 20.0)
    assert split.test.tolist() == again.test.tolist()
    assert split.test.tolist() != other.test.tolist()


def test_random_folds_predict_each_lead_once_from_the_others() -> None:
    won = np.repeat([1.0, 0.0], [20, 80])
    folds = make_stratified_folds(won, seed=7)
    assert len(folds) == 5
    assert sorted(np.concatenate([fold.predict for fold in folds]).tolist()) == list(range(100))
    for fold in folds:
        assert not set(fold.fit) & set(fold.predict)
        assert won[fold.predict].sum() == 4


def test_with_two_winners_there_are_two_folds() -> None:
    assert len(make_stratified_folds(np.repeat([1.0, 0.0], [2, 30]), seed=7)) == 2


def test_forward_folds_are_later_than_everything_they_learn_from() -> None:
    folds = make_forward_folds(np.tile([1.0, 0.0, 0.0, 0.0, 0.0], 40))
    assert [(len(fold.fit), len(fold.predict)) for fold in folds] == [
        (80, 20), (100, 20), (120, 20), (140, 20), (160, 20), (180, 20),
    ]  # fmt: skip
    assert all(fold.fit.max() < fold.predict.min() for fold in folds)


@pytest.mark.parametrize(("winners", "folds"), [(16, 4), (12, 0)])
def test_forward_folds_start_where_ten_of_each_outcome_lie_before_or_there_are_none(winners: int, folds: int) -> None:
    won = np.zeros(100)
    won[np.linspace(0, 99, winners).astype(int)] = 1.0
    assert len(make_forward_folds(won)) == folds
