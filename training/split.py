"""Which leads are fitted on, and which they are judged by: order and arrival times in, row numbers out.

With an order in time, the last block is the test, one horizon lies between it and what is learned from, because
no one could have known a younger lead's outcome on the day the test begins; and the folds of the rest run forward,
each judged by a model of the leads before it. Without an order, all is stratified and at random.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, train_test_split

Rows = NDArray[np.intp]

TEST_SHARE = 0.2
LEAST_TRAIN_SHARE = 0.4
FOLDS = 5
BLOCKS, FIRST_BLOCK = 10, 4
LEAST_BEFORE, LEAST_FOLDS = 10, 3


@dataclass(frozen=True)
class Split:
    """Rows to learn from and rows to judge by; `gap_days` lie between them, fewer than asked where history is short."""

    train: Rows
    test: Rows
    gap_days: float = 0.0


@dataclass(frozen=True)
class Fold:
    """Rows to fit on, and later (or other) rows to predict."""

    fit: Rows
    predict: Rows


def split_at_random(won: NDArray[np.float64], seed: int) -> Split:
    """A fifth as the test, stratified unless an outcome is too rare for that."""
    rarer = min(won.sum(), len(won) - won.sum())
    stratify = won if rarer * TEST_SHARE >= 1 else None
    train, test = train_test_split(np.arange(len(won)), test_size=TEST_SHARE, stratify=stratify, random_state=seed)
    return Split(np.sort(train), np.sort(test))


def split_in_time(leads: int, arrival_days: NDArray[np.float64] | None, gap_days: float) -> Split:
    """The last fifth as the test. `arrival_days` (n,) rise along the rows; None where only the order is known.

    Where a gap of `gap_days` would leave less than two fifths of the leads to learn from, it is made shorter.
    """
    first = leads - max(1, round(leads * TEST_SHARE))
    end, gap = first, 0.0
    if arrival_days is not None:
        end = int(np.searchsorted(arrival_days, arrival_days[first] - gap_days, side="right"))
        end = min(max(end, round(leads * LEAST_TRAIN_SHARE)), first)
        gap = float(arrival_days[first] - arrival_days[end - 1])
    return Split(np.arange(end), np.arange(first, leads), gap)


def folds_at_random(won: NDArray[np.float64], seed: int, folds: int = FOLDS) -> Sequence[Fold]:
    """Stratified folds; each lead is predicted once."""
    folds = int(max(2, min(folds, won.sum(), len(won) - won.sum())))
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(won)), won)
    return [Fold(fit, predict) for fit, predict in parts]


def folds_forward(won: NDArray[np.float64]) -> Sequence[Fold]:
    """Blocks in order, each predicted from all rows before it; only where those hold enough of both outcomes."""
    edges = np.linspace(0, len(won), BLOCKS + 1).astype(int)
    rows = np.arange(len(won))
    folds = []
    for start, end in zip(edges[FIRST_BLOCK:], edges[FIRST_BLOCK + 1 :], strict=False):
        won_before = won[:start].sum()
        if min(won_before, start - won_before) >= LEAST_BEFORE and end > start:
            folds.append(Fold(rows[:start], rows[start:end]))
    return folds if len(folds) >= LEAST_FOLDS else []
