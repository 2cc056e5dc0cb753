"""Whether the order of a file's rows is an order in time, by what drifts along them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from features.config import Order
from features.schema_inference.columns import ColumnProfile, bin_by_quantiles
from features.values import Kind
from stats.types import Codes, Mask

PARTS = 10
ALPHA = 0.01
"""The chance of seeing drift in a shuffled file, over all fields together."""
MIN_SIZE = 0.03
"""Cramér's V below which a drift is too small to matter, however many rows prove it."""
_SORTED = 0.1
_MOST_LEVELS = 50


@dataclass(frozen=True, slots=True)
class RowOrder:
    """What tells which leads came later, and the figure behind it."""

    order: Order
    why: str


def detect_row_order(profiles: Iterable[ColumnProfile], won: Mask, known: Mask) -> RowOrder:
    """Decide between `file` and `none`; `known` are the rows (n,) whose outcome counts."""
    profiles = list(profiles)
    if sorted_by := _sorted_by(profiles, won[known]):
        return RowOrder("none", f"the rows are sorted by {sorted_by}, which is no order in time")
    outcome = _measure_drift("won", won[known].astype(np.intp))
    drifts = [_measure_drift(profile.name, _levels(profile)) for profile in profiles if len(profile.column.texts) > 1]
    limit = ALPHA / (len(drifts) + 1)
    found = [drift for drift in drifts if drift.p_value < limit and drift.size >= MIN_SIZE]
    if outcome.p_value < limit and outcome.size >= MIN_SIZE:
        first, last = (won[known][part].mean() for part in _first_and_last(int(known.sum())))
        ends = f"won goes from {first:.1%} in the first tenth of the rows to {last:.1%} in the last"
        return RowOrder("file", f"the rows drift: {ends} (chi-square {_format_p_value(outcome.p_value)})")
    if found:
        most = max(found, key=lambda drift: drift.size)
        return RowOrder(
            "file",
            f'the rows drift: most of all "{most.name}" (Cramér\'s V {most.size:.2f}, {_format_p_value(most.p_value)})',
        )
    return RowOrder(
        "none", f"no drift along the rows (won by tenths of the rows: chi-square {_format_p_value(outcome.p_value)})"
    )


@dataclass(frozen=True, slots=True)
class _Drift:
    name: str
    p_value: float
    size: float


def _measure_drift(name: str, levels: Codes) -> _Drift:
    """Chi-square of levels against tenths of the rows."""
    part = np.arange(len(levels)) * PARTS // max(len(levels), 1)
    count = int(levels.max(initial=0)) + 1
    table = np.bincount(part * count + levels, minlength=PARTS * count).reshape(PARTS, count)
    table = _pool_rare(table)
    if min(table.shape) < 2 or len(levels) < 5 * table.size:
        return _Drift(name, 1.0, 0.0)
    test = stats.chi2_contingency(table)
    size = float(np.sqrt(test.statistic / (len(levels) * (min(table.shape) - 1))))
    return _Drift(name, float(test.pvalue), size)


def _pool_rare(table: NDArray[np.intp]) -> NDArray[np.intp]:
    """Levels too rare for the test taken together."""
    table = table[:, table.sum(axis=0) > 0]
    rare = table.sum(axis=0) < 5 * PARTS
    kept = table[:, ~rare]
    rest = table[:, rare].sum(axis=1, keepdims=True)
    return np.hstack([kept, rest]) if rest.sum() >= 5 * PARTS else kept


def _levels(profile: ColumnProfile) -> Codes:
    """Missing first, then frequent values, numbers cut into fifths; rare values are one level."""
    if profile.kind is not Kind.NUMERIC:
        # By frequency and not by rank, as values equally frequent are ranked in the order of the rows.
        frequent = np.flatnonzero(profile.column.counts >= len(profile.column.codes) / _MOST_LEVELS)
        return np.minimum(profile.column.codes, len(frequent)) + 1
    return bin_by_quantiles(profile.by_row, np.array([0.2, 0.4, 0.6, 0.8])) + 1


def _sorted_by(profiles: Iterable[ColumnProfile], won: Mask) -> str:
    expected = 2 * len(won) * won.mean() * (1 - won.mean())
    if (won[1:] != won[:-1]).sum() < _SORTED * expected:
        return "their outcome"
    return next((f'"{profile.name}"' for profile in profiles if _is_sorted(profile)), "")


def _is_sorted(profile: ColumnProfile) -> bool:
    """Whether a text runs through the alphabet, or a number upwards, from the first row to the last."""
    filled = profile.column.codes[profile.column.filled]
    if len(profile.column.texts) < 4 or len(filled) < len(profile.column.codes) / 2:
        return False
    if profile.kind is Kind.NUMERIC:
        values = profile.by_row[~np.isnan(profile.by_row)]
    elif profile.kind is Kind.DATETIME:
        return False
    else:
        values = stats.rankdata([text.casefold() for text in profile.column.texts], method="dense")[filled]
    steps = np.diff(values)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _first_and_last(rows: int) -> tuple[slice, slice]:
    return slice(0, rows // PARTS), slice(rows - rows // PARTS, rows)


def _format_p_value(value: float) -> str:
    return "p < 1e-300" if value < 1e-300 else f"p = {value:.2g}"
