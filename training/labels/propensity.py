"""Leads that were called because they scored high: logged scores in, for how many leads each worked one stands out.

Leads that nobody tried teach nothing, so what teaches is not what arrives: its rates are those of leads that looked
good before. With logged scores, a worked lead counts 1 / P(worked | its score), and so stands for those that scored
alike and were not worked (inverse propensity: Horvitz and Thompson 1952). docs/proofs.md shows where that helps and
where it hurts.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from training.models.calibration import FLOOR, choose_calibration

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

LEAST_CHANCE = 0.05
"""A lead whose like are tried less often than this stands for no more: one lucky call must not outweigh all others."""
LEAST_OF_EACH = 20
"""With fewer worked leads, or fewer others, all are taken for as likely to be worked."""
SEED = 7


def stands_for(promised: Vector | None, worked: Mask, *, matured: Mask) -> tuple[Vector, tuple[str, ...]]:
    """How many leads each of n stands for, at least 1, and what is to be said of it.

    `promised` (n,) is the probability that each lead was first scored with, NaN for none; None where scores are not
    logged, and each stands for itself. Who is worked is learned from matured leads alone: younger ones may be yet.
    """
    if promised is None:
        return np.ones(len(worked)), ()
    scored = ~np.isnan(promised)
    shown = scored & matured
    if not shown.any():
        return np.ones(len(worked)), ("no lead that has matured was scored in time, so all worked leads count alike",)
    raw = logit(np.clip(promised, FLOOR, 1 - FLOOR))
    chance = np.full(len(worked), _rate(worked[matured & ~scored]))
    chance[scored] = _chances(raw[shown], worked[shown], raw[scored])
    weight = 1 / np.maximum(chance, LEAST_CHANCE)
    return weight, _says(weight[worked], worked[shown], int((chance[shown] < LEAST_CHANCE).sum()))


def _rate(worked: Mask) -> float:
    return float((worked.sum() + 1) / (len(worked) + 1))


def _chances(raw: Vector, worked: Mask, of: Vector) -> Vector:
    """P(worked | score) of some scores: a calibration of the score, taken for a forecast of being worked."""
    if min(worked.sum(), (~worked).sum()) < LEAST_OF_EACH:
        return np.full(len(of), _rate(worked))
    return choose_calibration(raw, worked.astype(np.float64), np.ones(len(raw)), SEED).probability(of)


def _says(weight: Vector, worked: Mask, seldom: int) -> tuple[str, ...]:
    """`weight` (n,) is of worked leads, `worked` (m,) of those that show who is. Worth is (Σw)² / Σw² (Kish 1965)."""
    worth = weight.sum() ** 2 / (weight @ weight)
    said = (
        f"{worked.mean():.0%} of the {len(worked):,} matured leads with a logged score were worked; each counts for "
        f"those that scored alike, so {len(weight):,} leads have the worth of {worth:,.0f}"
    )
    guess = f"; {seldom:,} scored so that hardly any like them is worked, and what is said of those is a guess"
    return (said + guess if seldom else said,)
