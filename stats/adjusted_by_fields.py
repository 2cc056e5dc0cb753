"""Comparisons of leads of the same score and of like fields; the results are those of `stats.adjusted`.

A score is learned from so many leads and no more. What it misses of the fields agents may see, and call those leads
first; at the same score the sides are then unlike, and the difference is not only that of the sides. So both the
chance of being on one side and that of winning are described by the score's curve *and* the fields, which are drawn to
nothing by a ridge, and each lead is described by fits of other leads (cross-fitting; Chernozhukov et al. 2018). The
difference is the doubly robust one of `stats.adjusted`, whose interval then holds what the score does not know: an
error of the one description only counts as far as the other errs as well.

The descriptions are learned from so many leads too: fields that count together, or that are too many for these leads,
are described in part, and what is left over counts for the sides. Nothing in these leads shows how much that is. What
the fields took away beyond the score tells its scale (Altonji, Elder and Taber 2005; Oster 2019), and so the interval
reaches half as far again that way. In simulated companies of 1,000 and 5,000 leads a fifth to two thirds were left.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.special import expit, logit

from stats.adjusted import (
    APART,
    LEAST_LEADS,
    LEAST_WINS,
    MOST_BANDS,
    OVERLAP,
    TOO_FEW,
    Difference,
    doubly_robust,
    has_enough_leads,
    has_few_wins,
    standardised_shares,
)
from stats.estimates import Estimate
from stats.regression import fit_ridge, fit_shares, score_bands, score_curve
from stats.sparse_terms import put_before
from stats.types import Codes, Mask, Matrix, Vector

FOLDS, SEED = 5, 7
MOST_LEARNED = 20_000
"""Leads that one fit learns from; beyond these the score itself is known well enough."""
RIDGE_OF_SIDE, RIDGE_OF_WINNING = 0.5, 3.0
FREE = 0.1
"""The ridge of the score's curve, which is to be followed."""
EXTREME = 1e-6
LEFT_OVER = 0.5
"""Of what the fields took away beyond the score, the part that their description may have left over."""


@dataclass(frozen=True)
class Described:
    """Leads (n,) as fits of other leads describe them: their chance to be on the one side, and to win on either."""

    chance: Vector
    one: Vector
    other: Vector


def describe(score: Vector, fields: csr_array, one_side: Mask, won: Mask) -> Described | None:
    """Describe leads (n,) by their score and their fields (n, terms); None where they are too few."""
    if not has_enough_leads(one_side, won):
        return None
    band, log_odds = score_bands(score, MOST_BANDS)
    curve = score_curve(log_odds, np.bincount(band).astype(np.float64))[band]
    sided = np.hstack([curve, one_side[:, None] * curve[:, :2]])
    chance = _out_of_fold(curve, fields, one_side.astype(np.float64), RIDGE_OF_SIDE, (curve,))
    winning = tuple(np.hstack([curve, side * curve[:, :2]]) for side in (1.0, 0.0))
    one, other = _out_of_fold(sided, fields, won.astype(np.float64), RIDGE_OF_WINNING, winning)
    return Described(chance[0], one, other)


def difference(described: Described | None, one_side: Mask, won: Mask) -> Difference:
    """Compare the leads (n,) on the one side with the others; those that hardly occur on one are left out.

    All leads have one score, but 80 in 100 of a good field win and 20 in 100 of a bad one. The one side has 150 good
    leads and 50 bad ones, the other 50 and 150, so 65 and 35 in 100 win; of like fields, as many win on either.

    >>> groups = ((1, True, 150, 120), (1, False, 50, 40), (0, True, 50, 10), (0, False, 150, 30))
    >>> good, side, won = np.array([(g, s, i < wins) for g, s, n, wins in groups for i in range(n)]).T
    >>> side, won = side == 1, won == 1
    >>> found = difference(describe(np.full(400, 0.5), csr_array(good[:, None].astype(float)), side, won), side, won)
    >>> abs(found.effect.value) < 0.02, found.effect.low < 0 < found.effect.high
    (True, True)
    """
    if described is None:
        return Difference(Estimate.unknown(TOO_FEW), Estimate.unknown(TOO_FEW), 0)
    kept = (described.chance > OVERLAP) & (described.chance < 1 - OVERLAP)
    here = int((kept & one_side).sum())
    if min(here, int(kept.sum()) - here) < LEAST_LEADS or int(won[kept].sum()) < LEAST_WINS:
        return Difference(Estimate.unknown(APART), Estimate.unknown(APART), int(kept.sum()))
    chance, one, other = (values[kept] for values in (described.chance, described.one, described.other))
    side, wins = one_side[kept], won[kept]
    kinds = np.stack([side & wins, side & ~wins, ~side & wins, ~side & ~wins]).astype(np.float64)
    return doubly_robust(chance, one, other, kinds)


def allow_for_left_over(found: Difference, alone: Difference) -> Difference:
    """The difference by score and fields, its intervals reaching on the way from that by the score `alone`.

    >>> found, alone = (Difference(Estimate(x, x - 2, x + 2, 9), Estimate(9 * x, 0.0, 9.0, 9), 9) for x in (1.0, 5.0))
    >>> reaching = allow_for_left_over(found, alone).effect
    >>> reaching.value, reaching.low, reaching.high
    (1.0, -3.0, 3.0)
    """
    if found.effect.value is None or alone.effect.value is None:
        return found
    more = LEFT_OVER * (alone.effect.value - found.effect.value)
    effect, missed = (_reaching(part, by) for part, by in ((found.effect, more), (found.missed, more * found.missed.n)))
    return replace(found, effect=effect, missed=missed)


def _reaching(found: Estimate, more: float) -> Estimate:
    if found.low is None or found.high is None:
        return found
    return replace(found, low=found.low - max(more, 0.0), high=found.high - min(more, 0.0))


def adjusted_shares(score: Vector, described: Described | None, side: Codes, won: Mask, sides: int) -> list[Estimate]:
    """The share of all leads (n,) that would have won on each of several sides, as `stats.adjusted.adjusted_shares`.

    What the fields say beyond the score enters by two numbers: the chances to be on a side, and to win.
    """
    if described is None or has_few_wins(won):
        return [Estimate.unknown(f"fewer than {LEAST_WINS} wins")] * sides
    said = [logit(np.clip(chance, EXTREME, 1 - EXTREME)) for chance in (score, described.other, described.chance)]
    curves = [score_curve(one, np.ones(len(one))) for one in said]
    basis = np.hstack([curves[0], *(curve[:, 1:] for curve in curves[1:])])
    marks = np.eye(sides)[:, 1:]
    beta, covariance = fit_shares(np.hstack([basis, marks[side]]), won.astype(np.float64), np.ones(len(won)))
    designs = [np.hstack([basis, np.tile(mark, (len(basis), 1))]) for mark in marks]
    weight = np.full(len(won), 1 / len(won))
    return standardised_shares(designs, beta, covariance, weight, np.bincount(side, minlength=sides))


def _out_of_fold(
    curve: Matrix, fields: csr_array, y: Vector, ridge: float, asked: tuple[Matrix, ...]
) -> tuple[Vector, ...]:
    """Shares of y (n,), each by a fit of other leads, with each of the `asked` curves in place of their own."""
    n, terms = curve.shape
    design = put_before(curve, fields)
    penalty = np.concatenate([[0.0], np.full(terms - 1, FREE), np.full(fields.shape[1], ridge)])
    order = np.random.default_rng(SEED).permutation(n)
    fold = np.empty(n, dtype=np.intp)
    fold[order] = np.arange(n) % FOLDS
    start = fit_ridge(design[order[:MOST_LEARNED]], y[order[:MOST_LEARNED]], penalty)
    found = tuple(np.empty(n) for _ in asked)
    for own in range(FOLDS):
        learned, rows = order[fold[order] != own][:MOST_LEARNED], np.flatnonzero(fold == own)
        beta = fit_ridge(design[learned], y[learned], penalty, start).beta
        by_fields = fields[rows] @ beta[terms:]
        for shares, one in zip(found, asked, strict=True):
            shares[rows] = expit(one[rows] @ beta[:terms] + by_fields)
    return found
