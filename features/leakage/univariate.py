"""How much one field alone tells about the outcome: fill rates, univariate AUC, values that decide.

Rows are those compared, won against not won. A level's rate is never judged on the rows it was counted on, so
that a field of many levels does not look strong by being learned by heart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from features.schema_inference.columns import ColumnProfile, bin_by_quantiles
from features.values import Kind
from stats.types import Codes, Mask, Vector

FOLDS = 5
PRIOR_ROWS = 10
"""Weight of the base rate in the rate of a level, in rows."""
MIN_ROWS = 20
MIN_ROWS_OF_VALUE = 10
_LEVELS_LOOKED_AT = 200
_LABEL_LETTERS = 40
_TWENTIETHS = np.linspace(0, 1, 21)[1:-1]


@dataclass(frozen=True, slots=True)
class FillRates:
    """How far a field is filled for won and for lost leads."""

    won: float
    lost: float
    odds_ratio: float
    p_value: float


@dataclass(frozen=True, slots=True)
class AucEstimate:
    """How well a field alone ranks won before lost, whichever way round; `error` is its standard error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Group:
    """Leads that share a value, a range or an absence, and how many of them won."""

    label: str
    rows: int
    wins: int
    is_value: bool = False

    @property
    def rate(self) -> float:
        return self.wins / self.rows


def compare_fill_rates(profile: ColumnProfile, won: Mask) -> FillRates:
    """Compare fill rates; z-test of two proportions, odds ratio with half a row added to each cell."""
    filled = profile.column.filled
    wins = int(won.sum())
    losses = len(won) - wins
    won_filled = int(filled[won].sum())
    lost_filled = int(filled[~won].sum())
    odds_won = (won_filled + 0.5) / (wins - won_filled + 0.5)
    odds_lost = (lost_filled + 0.5) / (losses - lost_filled + 0.5)
    pooled = (won_filled + lost_filled) / (wins + losses)
    error = np.sqrt(pooled * (1 - pooled) * (1 / wins + 1 / losses))
    z = (won_filled / wins - lost_filled / losses) / error if error else 0.0
    p_value = float(2 * stats.norm.sf(abs(z)))
    return FillRates(won_filled / wins, lost_filled / losses, odds_won / odds_lost, p_value)


def univariate_auc(profile: ColumnProfile, won: Mask) -> AucEstimate | None:
    """The better of ranking by number and by the rate of each level; None where too few rows are filled."""
    filled = profile.column.filled
    if min(won[filled].sum(), (~won[filled]).sum()) < MIN_ROWS / 2:
        return None
    if profile.kind is Kind.DATETIME:
        return None
    best = univariate_ranking(profile, won)
    return AucEstimate(best, _hanley_mcneil(best, int(won.sum()), int((~won).sum())))


def univariate_ranking(profile: ColumnProfile, won: Mask) -> float:
    """The AUC that a field has alone, its absence counted as a level."""
    if profile.kind is Kind.NUMERIC:
        return _numeric_auc(profile.by_row, won)
    return _level_auc(profile.column.codes, won)


def _numeric_auc(numbers: Vector, won: Mask) -> float:
    known = ~np.isnan(numbers)
    by_rank = roc_auc(numbers[known], won[known])
    return max(by_rank, 1 - by_rank, _level_auc(bin_by_quantiles(numbers, _TWENTIETHS), won))


def roc_auc(scores: Vector, won: Mask) -> float:
    """The chance that a won lead scores above a lost one, ties counted half."""
    wins = int(won.sum())
    losses = len(won) - wins
    if not wins or not losses:
        return 0.5
    ranks = stats.rankdata(scores)
    return float((ranks[won].sum() - wins * (wins + 1) / 2) / (wins * losses))


def list_groups(profile: ColumnProfile, won: Mask) -> Iterator[Group]:
    """Frequent values, low and high ends, and what is missing or filled: each may decide the outcome."""
    codes = profile.column.codes
    rows = np.bincount(codes + 1, minlength=len(profile.column.texts) + 1)
    wins = np.bincount(codes[won] + 1, minlength=len(rows))
    for code in range(min(len(rows) - 1, _LEVELS_LOOKED_AT)):
        if rows[code + 1] >= MIN_ROWS_OF_VALUE:
            label = f'"{profile.column.texts[code][:_LABEL_LETTERS]}"'
            yield Group(label, int(rows[code + 1]), int(wins[code + 1]), is_value=True)
    if min(rows[0], rows[1:].sum()) >= MIN_ROWS:
        yield Group("missing", int(rows[0]), int(wins[0]))
        yield Group("filled", int(rows[1:].sum()), int(wins[1:].sum()))
    if profile.kind is Kind.NUMERIC:
        yield from _group_extremes(profile.by_row, won)


def _group_extremes(numbers: Vector, won: Mask) -> Iterator[Group]:
    known = numbers[~np.isnan(numbers)]
    if len(np.unique(known)) < MIN_ROWS:
        return
    shares = (0.1, 0.2, 0.3)
    lows, highs = np.quantile(known, (shares, [1 - share for share in shares]))
    for low, high in zip(lows, highs, strict=True):
        for label, inside in ((f"at most {low:g}", numbers <= low), (f"at least {high:g}", numbers >= high)):
            if inside.sum() >= MIN_ROWS:
                yield Group(label, int(inside.sum()), int(won[inside].sum()))


def _level_auc(codes: Codes, won: Mask) -> float:
    """Each row ranked by its level's shrunk rate among the other folds; the mean over the folds."""
    levels = int(codes.max(initial=-1)) + 2
    cell = (codes + 1) * FOLDS + _folds(len(won))
    rows = np.bincount(cell, minlength=levels * FOLDS).reshape(levels, FOLDS)
    wins = np.bincount(cell[won], minlength=levels * FOLDS).reshape(levels, FOLDS)
    learned_rows = rows.sum(axis=1, keepdims=True) - rows
    learned_wins = wins.sum(axis=1, keepdims=True) - wins
    base = learned_wins.sum(axis=0) / learned_rows.sum(axis=0)
    rates = (learned_wins + PRIOR_ROWS * base) / (learned_rows + PRIOR_ROWS)
    areas = [_auc_of_levels(rates[:, fold], wins[:, fold], (rows - wins)[:, fold]) for fold in range(FOLDS)]
    return float(np.mean(areas))


@lru_cache(maxsize=8)
def _folds(rows: int) -> Codes:
    """The fold of each row (n,), always the same."""
    return np.random.default_rng(0).permutation(rows) % FOLDS


def _auc_of_levels(rates: Vector, wins: Codes, losses: Codes) -> float:
    """`rank_auc` of rows that share the rate of their level: its wins and losses (k,) say all."""
    if not wins.any() or not losses.any():
        return 0.5
    _, place = np.unique(rates, return_inverse=True)
    won = np.bincount(place, weights=wins)
    lost = np.bincount(place, weights=losses)
    below = np.cumsum(lost) - lost
    return float((won * (below + lost / 2)).sum() / (won.sum() * lost.sum()))


def _hanley_mcneil(area: float, wins: int, losses: int) -> float:
    """The standard error of an AUC (Hanley and McNeil 1982)."""
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (wins - 1) * (q1 - area**2) + (losses - 1) * (q2 - area**2)
    return float(np.sqrt(max(variance, 0.0) / (wins * losses)))
