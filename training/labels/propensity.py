"""Inverse propensity weights: leads were contacted because they scored high, and must represent those that were not.

Only contacted leads are training examples, so the examples' rates are those of leads that once looked good. Where
scores were logged, a contacted lead is weighted by 1 / P(contacted | its score) (Horvitz and Thompson 1952).
docs/proofs.md shows where that helps and where it hurts.
"""

import numpy as np
from scipy.special import logit

from stats.calibration import FLOOR
from stats.calibration_choice import choose_calibration
from stats.types import Mask, Vector

LEAST_CHANCE = 0.05
"""Propensities are clipped here: one lucky contact must not outweigh all others."""
LEAST_OF_EACH = 20
"""With fewer contacted leads, or fewer others, all have the same propensity."""
SEED = 7
STEPS_FROM = 1_000
"""Sales call from a score on: a step, which the isotonic map alone can follow."""


def inverse_propensity_weights(
    predicted: Vector | None, contacted: Mask, *, matured: Mask
) -> tuple[Vector, tuple[str, ...]]:
    """Weights (n,), at least 1, by which contacted leads represent all that arrived, and notes on them.

    `predicted` (n,) is the probability that each lead was first scored with, NaN for none; where it is None no scores
    are logged and all weights are 1. The propensity is fitted on matured leads alone: younger ones may be contacted
    yet.
    """
    if predicted is None:
        return np.ones(len(contacted)), ()
    scored = ~np.isnan(predicted)
    fitted_on = scored & matured
    if not fitted_on.any():
        return np.ones(len(contacted)), (
            "no lead that has matured was scored in time, so all worked leads count alike",
        )
    raw = logit(np.clip(predicted, FLOOR, 1 - FLOOR))
    propensity = np.full(len(contacted), _smooth_rate(contacted[matured & ~scored]))
    propensity[scored] = _fit_propensity(raw[fitted_on], contacted[fitted_on], raw[scored])
    weight = 1 / np.maximum(propensity, LEAST_CHANCE)
    clipped = int((propensity[fitted_on] < LEAST_CHANCE).sum())
    return weight, (_note_weights(weight[contacted], contacted[fitted_on], clipped),)


def _smooth_rate(contacted: Mask) -> float:
    return float((contacted.sum() + 1) / (len(contacted) + 1))


def _fit_propensity(raw: Vector, contacted: Mask, at: Vector) -> Vector:
    """P(contacted | score) at some scores (m,): a calibration map of the score, with being contacted as the outcome."""
    if min(contacted.sum(), (~contacted).sum()) < LEAST_OF_EACH:
        return np.full(len(at), _smooth_rate(contacted))
    outcome, alike = contacted.astype(np.float64), np.ones(len(raw))
    return choose_calibration(raw, outcome, alike, SEED, isotonic_from=STEPS_FROM).probability(at)


def _note_weights(weight: Vector, contacted: Mask, clipped: int) -> str:
    """`weight` (n,) of contacted leads; `contacted` (m,) of matured scored ones; how many propensities were clipped.

    The effective sample size is (Σw)² / Σw² (Kish 1965).
    """
    effective = weight.sum() ** 2 / (weight @ weight)
    note = (
        f"{contacted.mean():.0%} of the {len(contacted):,} matured leads with a logged score were worked; each counts "
        f"for those that scored alike, so {len(weight):,} leads have the worth of {effective:,.0f}"
    )
    if not clipped:
        return note
    return f"{note}; {clipped:,} scored so that hardly any like them is worked, and for those a prediction is a guess"
