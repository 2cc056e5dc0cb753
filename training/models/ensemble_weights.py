"""How much each trial weighs in the blend: raw scores out of sample in, weights on the simplex out.

The weights minimise log loss plus a ridge towards a prior. Where the same shapes lose much when judged forward in
time instead of in shuffled folds, the world drifts: the prior moves to randomised trees and logistic regression, which
lean less on any one field, and the ridge gets stiffer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

from training.data.samples import Lessons
from training.models.calibration import log_losses
from training.search.cross_validation import Examination, Trial

Vector = NDArray[np.float64]

STILL = {"small": 0.4, "large": 0.4, "random": 0.1, "sparse random": 0.05, "logistic regression": 0.05}
DRIFTING = {"small": 0.05, "random": 0.45, "sparse random": 0.25, "logistic regression": 0.25}
MEASURED_BY = ("small", "random")
NO_DRIFT, FULL_DRIFT = 0.1, 0.5
RIDGE, DRIFT_RIDGE, FEW_RIDGE = 0.001, 0.029, 0.03
FEW_WINS = 200
LEAST_WEIGHT = 0.1
"""A part that weighs less is left out and the others are weighed again: it costs as many leaves as a heavy one."""


@dataclass(frozen=True)
class Blend:
    """Weights (k,) of the trials, which add up to 1; `drift` from 0, none, to 1."""

    trials: tuple[Trial, ...]
    weights: Vector
    drift: float

    @property
    def raw(self) -> Vector:
        """Log-odds (m,) for the judged leads."""
        return np.column_stack([trial.raw for trial in self.trials]) @ self.weights


def blend(examination: Examination, trials: Sequence[Trial]) -> Blend:
    """Weigh logistic regression, the diverse shapes and, where nothing drifts, the best of the searched ones.

    What weighs next to nothing is left out.
    """
    lessons = examination.lessons
    drift = measure_drift(examination, trials) if examination.forward else 0.0
    chosen = _members(trials, with_searched=not drift)
    raw, names = np.column_stack([trial.raw for trial in chosen]), [trial.name for trial in chosen]
    weights = weigh(raw, names, *lessons.on_record(examination.judged), drift, ridge_of(lessons, drift))
    kept = np.flatnonzero(weights)
    return Blend(tuple(chosen[place] for place in kept.tolist()), weights[kept], drift)


def weigh(
    raw: NDArray[np.float64],
    names: Sequence[str],
    won: Vector,
    weight: Vector,
    drift: float,
    ridge: float,
    least: float = LEAST_WEIGHT,
) -> Vector:
    """Weights (k,) of parts whose raw scores are (m, k): 0 for those that would weigh less than `least`."""
    weights, kept = np.zeros(len(names)), np.arange(len(names))
    for _ in range(2):
        prior = prior_of([names[place] for place in kept.tolist()], drift)
        weights[:] = 0.0
        weights[kept] = simplex_weights(raw[:, kept], won, weight, prior, ridge)
        kept = np.flatnonzero(weights >= least)
    return weights


def prior_of(names: Sequence[str], drift: float) -> Vector:
    """What each part (k,) weighs before anything is seen."""
    prior = np.array([(1 - drift) * STILL.get(name, 0.0) + drift * DRIFTING.get(name, 0.0) for name in names])
    return (prior + 1e-6) / (prior + 1e-6).sum()


def ridge_of(lessons: Lessons, drift: float) -> float:
    """How stiffly the weights are held to the prior."""
    return (FEW_RIDGE if lessons.fewest < FEW_WINS else RIDGE) + drift * DRIFT_RIDGE


def simplex_weights(raw: NDArray[np.float64], won: Vector, weight: Vector, prior: Vector, ridge: float) -> Vector:
    """Weights (k,) ≥ 0 that add up to 1, for raw scores (m, k), of least log loss + ridge · |weights − prior|²."""
    share = weight / weight.sum()

    def loss_and_gradient(weights: Vector) -> tuple[float, Vector]:
        score = raw @ weights
        loss = float(share @ log_losses(score, won)) + ridge * float(((weights - prior) ** 2).sum())
        return loss, raw.T @ (share * (expit(score) - won)) + 2 * ridge * (weights - prior)

    found = minimize(
        loss_and_gradient,
        prior,
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * len(prior),
        constraints=[{"type": "eq", "fun": lambda weights: weights.sum() - 1}],
    )
    weights = np.clip(found.x if found.success else prior, 0.0, None)
    return weights / weights.sum()


def measure_drift(examination: Examination, trials: Sequence[Trial]) -> float:
    """The share of a shape's gain over the base rate that is lost when it is judged forward in time, scaled to 0…1."""
    rows, lessons = examination.judged, examination.lessons
    won, weight = lessons.on_record(rows)
    base = np.concatenate(
        [
            np.full(len(fold.predict), logit(np.average(lessons.won[fold.fit], weights=lessons.weight[fold.fit])))
            for fold in examination.forward
        ]
    )
    flat = float(np.average(log_losses(base, won), weights=weight))
    lost = []
    for trial in trials:
        if trial.name in MEASURED_BY:
            still = float(np.average(log_losses(trial.still_raw[rows], won), weights=weight))
            lost.append((trial.loss - still) / max(flat - still, 1e-4))
    if not lost:
        return 1.0
    return float(np.clip((np.mean(lost) - NO_DRIFT) / (FULL_DRIFT - NO_DRIFT), 0.0, 1.0))


def _members(trials: Sequence[Trial], *, with_searched: bool) -> tuple[Trial, ...]:
    named = [trial for trial in trials if trial.name in STILL]
    searched = [trial for trial in trials if trial.name not in STILL]
    best = [min(searched, key=lambda trial: trial.loss)] if searched and with_searched else []
    return (*named, *best)
