"""The split into training and test rows, and the folds of a cross-validation.

With an order in time, the last block is the test, with a gap of one horizon before it, because no one could have known
a younger lead's outcome on the day the test begins; the folds of the rest run forward, each predicted from the rows
before it. With delay-corrected labels (`training.labels.delayed_feedback`) there is no gap: the training rows carry
what was known when the test begins. Without an order, all is stratified and at random.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, train_test_split

from stats.types import Rows

TEST_SHARE, MOST_TESTED = 0.2, 100_000
ENOUGH_WINS = 30
HALF_OBSERVED = 0.5
LEAST_TRAIN_SHARE = 0.4
FOLDS = 5
ENOUGH_LEADS, ENOUGH_OF_EACH, LEAST_PREDICTED = 16_000, 2_000, 2
BLOCKS, FIRST_BLOCK = 10, 4
LEAST_BEFORE, LEAST_FOLDS = 10, 3


@dataclass(frozen=True)
class Split:
    """Training and test rows; `gap_days` lie between them, fewer than asked where history is short."""

    train: Rows
    test: Rows
    gap_days: float = 0.0


@dataclass(frozen=True)
class Fold:
    """Rows to fit on, and later (or other) rows to predict."""

    fit: Rows
    predict: Rows


def split_at_random(won: NDArray[np.float64], seed: int) -> Split:
    """A fifth as the test, at most 100,000 leads, stratified unless an outcome is too rare for that."""
    rarer = min(won.sum(), len(won) - won.sum())
    stratify = won if rarer * TEST_SHARE >= 1 else None
    tested = min(TEST_SHARE, MOST_TESTED / len(won))
    train, test = train_test_split(np.arange(len(won)), test_size=tested, stratify=stratify, random_state=seed)
    return Split(np.sort(train), np.sort(test))


def split_by_order(leads: int) -> Split:
    """The last fifth as the test, where only the order is known."""
    first = _first_of_test(leads)
    return Split(np.arange(first), np.arange(first, leads))


def split_in_time(arrival_days: NDArray[np.float64], gap_days: float) -> Split:
    """The last fifth as the test. `arrival_days` (n,) rise along the rows.

    Where a gap of `gap_days` would leave less than two fifths of the leads for training, it is made shorter.
    """
    leads = len(arrival_days)
    first = _first_of_test(leads)
    end = int(np.searchsorted(arrival_days, arrival_days[first] - gap_days, side="right"))
    end = min(max(end, round(leads * LEAST_TRAIN_SHARE)), first)
    return Split(np.arange(end), np.arange(first, leads), float(arrival_days[first] - arrival_days[end - 1]))


def _first_of_test(leads: int) -> int:
    return leads - min(max(1, round(leads * TEST_SHARE)), MOST_TESTED)


def split_for_delay(matured: Rows, half_observed: Rows, won: NDArray[np.float64]) -> Split:
    """The last fifth of the matured leads as the test, and all the leads before as training, in order of arrival.

    Where the test would hold too few wins, it begins with the last fifth of the leads whose outcomes are observed by
    half, and takes in all that came after. `won` (n,) is 1 for each win on record.
    """
    test = matured[_first_of_test(len(matured)) :]
    if won[test].sum() < ENOUGH_WINS:
        test = np.arange(half_observed[_first_of_test(len(half_observed))], len(won))
    return Split(np.arange(test[0]), test)


def make_stratified_folds(won: NDArray[np.float64], seed: int, folds: int = FOLDS) -> Sequence[Fold]:
    """Shuffled folds that predict each lead once, stratified by outcome (n,), the likelier one if open."""
    kind = won > 0.5
    folds = int(max(2, min(folds, kind.sum(), len(won) - kind.sum())))
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(won)), kind)
    return [Fold(fit, predict) for fit, predict in parts]


def keep_enough_folds(folds: Sequence[Fold], won: NDArray[np.float64]) -> Sequence[Fold]:
    """As many of the stratified folds as predict 16,000 leads with 2,000 of either outcome, at least two.

    More of them would cost as much again and tell specs apart no better.
    """
    wins = (won > 0.5).sum() / len(folds)
    of_each = min(wins, len(won) / len(folds) - wins)
    enough = max(ENOUGH_LEADS * len(folds) / len(won), ENOUGH_OF_EACH / of_each, LEAST_PREDICTED)
    return folds[: int(np.ceil(enough))]


def make_forward_folds(won: NDArray[np.float64]) -> Sequence[Fold]:
    """Blocks in order, each predicted from all rows before it; only where those hold enough of both outcomes."""
    edges = np.linspace(0, len(won), BLOCKS + 1).astype(int)
    rows = np.arange(len(won))
    folds = []
    for start, end in zip(edges[FIRST_BLOCK:], edges[FIRST_BLOCK + 1 :], strict=False):
        won_before = won[:start].sum()
        if min(won_before, start - won_before) >= LEAST_BEFORE and end > start:
            folds.append(Fold(rows[:start], rows[start:end]))
    return folds if len(folds) >= LEAST_FOLDS else []
