"""Which calibration map serves: chosen out of sample, at random or over blocks of time."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.special import expit
from sklearn.model_selection import StratifiedKFold

from stats.blocks import is_better_on_most_blocks
from stats.calibration import FITS, Calibration, Fit, fit_none, fit_sigmoid, intercept_of, log_losses
from stats.random_effects import dersimonian_laird
from stats.types import Vector

ISOTONIC_FROM, HALF_ISOTONIC_FROM = 5_000, 1_000
MOST_ASKED = 20_000
"""So many leads, drawn at random, are enough to choose a map by; it is fitted on all."""
FOLDS = 5


def choose_calibration(
    raw: Vector, won: Vector, weight: Vector, seed: int, isotonic_from: int = ISOTONIC_FROM
) -> Calibration:
    """The simplest map whose log loss out of sample is within noise of the best one's, fitted on all rows.

    `raw` (n,) are log-odds for leads that the model has not seen, `won` (n,) 0 or 1, `weight` (n,) positive.
    With fewer than `isotonic_from` leads the isotonic map is none of the choices, with fewer than `HALF_ISOTONIC_FROM`
    half of it neither.

    Log-odds of 4 that are right in three of four cases say too much; with them as they are, nothing is to be mended.

    >>> raw, won = np.tile([-4.0, 4.0], 100), np.tile([0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0], 25)
    >>> choose_calibration(raw, won, np.ones(200), seed=7).kind
    'temperature'
    """
    least_leads = {"half isotonic": HALF_ISOTONIC_FROM, "isotonic": isotonic_from}
    kinds = [kind for kind in FITS if len(raw) >= least_leads.get(kind, 0)]
    if min(won.sum(), (1 - won).sum()) < 2 * FOLDS:
        return fit_none(raw, won, weight)
    asked = np.random.default_rng(seed).permutation(len(raw))[:MOST_ASKED]
    of_asked = raw[asked], won[asked], weight[asked]
    losses = {kind: _losses_out_of_sample(FITS[kind], *of_asked, seed) for kind in kinds}
    best = min(losses, key=lambda kind: float(np.average(losses[kind], weights=of_asked[2])))
    for kind in kinds:
        worse_by = of_asked[2] * (losses[kind] - losses[best]) / of_asked[2].mean()
        if worse_by.mean() <= worse_by.std() / np.sqrt(len(worse_by)):
            return FITS[kind](raw, won, weight)
    raise AssertionError("the best map is within noise of itself")


def choose_calibration_forward(raw: Vector, won: Vector, weight: Vector, blocks: Sequence[int]) -> Calibration:
    """The map for scores of blocks (sizes, in order), each judged by a model of those before.

    A shift or a sigmoid is taken only where, fitted on the blocks before, it is better than none beyond noise on most
    blocks; else none is: the level of the next block is anybody's guess.
    """
    ends = np.cumsum(blocks)
    plain = weight * log_losses(raw, won) / weight.mean()
    best, least = Calibration(), float(plain.mean())
    for fit in (shift_in_common, _fit_sigmoid_over_blocks):
        calibrated = raw.copy()
        for number in range(2, len(blocks)):
            seen, block = slice(0, ends[number - 1]), slice(ends[number - 1], ends[number])
            before = fit(raw[seen], won[seen], weight[seen], blocks[:number])
            calibrated[block] = before.log_odds(raw[block])
        losses = weight * log_losses(calibrated, won) / weight.mean()
        judged = slice(ends[1], None)
        if losses.mean() < least and is_better_on_most_blocks((plain - losses)[judged], blocks[2:]):
            best, least = fit(raw, won, weight, blocks), float(losses.mean())
    return best


def _fit_sigmoid_over_blocks(raw: Vector, won: Vector, weight: Vector, blocks: Sequence[int]) -> Calibration:  # noqa: ARG001
    return fit_sigmoid(raw, won, weight)


def shift_in_common(raw: Vector, won: Vector, weight: Vector, blocks: Sequence[int]) -> Calibration:
    """What blocks (sizes, in order), each judged by a model of those before, want added to their log-odds alike.

    It is the mean of the blocks' intercepts, each by how surely it is known and by how much they differ from block to
    block (DerSimonian and Laird 1986), drawn to zero: times 1 − (standard error / mean)², nothing where that is below
    zero (James and Stein 1961, the positive part). A slope is not fitted: over blocks of different base rates it would
    measure those.
    """
    spans = [slice(start, end) for start, end in pairwise(np.cumsum([0, *blocks])) if weight[start:end].any()]
    if len(spans) < 2:
        return Calibration()
    shifts = np.array([intercept_of(raw[span], won[span], weight[span]) for span in spans])
    chances = [expit(raw[span] + shift) for span, shift in zip(spans, shifts, strict=True)]
    sure = np.array([weight[span] @ (p * (1 - p)) for span, p in zip(spans, chances, strict=True)])  # 1 / variance
    share = 1 / (1 / sure + dersimonian_laird(shifts, sure))
    mean, error = float(np.average(shifts, weights=share)), float(1 / np.sqrt(share.sum()))
    if abs(mean) <= error:
        return Calibration()
    return Calibration("intercept", shift=mean * (1 - (error / mean) ** 2))


def _losses_out_of_sample(fit: Fit, raw: Vector, won: Vector, weight: Vector, seed: int) -> Vector:
    losses = np.empty(len(raw))
    for fitted_on, held_out in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(raw, won > 0.5):
        map_ = fit(raw[fitted_on], won[fitted_on], weight[fitted_on])
        losses[held_out] = log_losses(map_.log_odds(raw[held_out]), won[held_out])
    return losses
