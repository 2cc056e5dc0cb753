"""The weights of trials in an ensemble, fitted on their out-of-fold scores.

The weights minimise log loss plus a ridge towards a prior. Where the same specs lose much when they are evaluated
forward in time instead of in stratified folds, the world drifts: the prior moves to randomised trees and logistic
regression, which lean less on any one field, and the ridge gets stiffer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

from stats.calibration import log_losses
from training.data.samples import Samples
from training.search.cross_validation import CrossValidation, Trial

Vector = NDArray[np.float64]

STATIONARY_PRIOR = {"small": 0.4, "large": 0.4, "random": 0.1, "sparse random": 0.05, "logistic regression": 0.05}
DRIFT_PRIOR = {"small": 0.05, "random": 0.45, "sparse random": 0.25, "logistic regression": 0.25}
DRIFT_MEASURED_BY = ("small", "random")
NO_DRIFT, FULL_DRIFT = 0.1, 0.5
RIDGE, DRIFT_RIDGE, FEW_RIDGE = 0.001, 0.029, 0.03
FEW_WINS = 200
LEAST_WEIGHT = 0.1
"""A part with a smaller weight is dropped and the others are fitted again: it costs as many leaves as a heavy one."""


@dataclass(frozen=True)
class CombinedTrials:
    """Trials and their weights (k,), which add up to 1; `drift` from 0, none, to 1."""

    trials: tuple[Trial, ...]
    weights: Vector
    drift: float

    @property
    def raw_score(self) -> Vector:
        """Log-odds (m,) of the evaluated leads."""
        return np.column_stack([trial.raw_score for trial in self.trials]) @ self.weights


def combine_trials(cross_validation: CrossValidation, trials: Sequence[Trial]) -> CombinedTrials:
    """Weigh logistic regression, the starting specs and, where nothing drifts, the best of the searched ones.

    Trials of less than `LEAST_WEIGHT` are dropped.
    """
    samples = cross_validation.samples
    drift = measure_drift(cross_validation, trials) if cross_validation.forward else 0.0
    chosen = _choose_members(trials, with_searched=not drift)
    weights = fit_weights(
        np.column_stack([trial.raw_score for trial in chosen]),
        [trial.name for trial in chosen],
        *samples.evaluation_targets(cross_validation.evaluated_rows),
        drift,
        choose_ridge(samples, drift),
    )
    kept = np.flatnonzero(weights)
    return CombinedTrials(tuple(chosen[place] for place in kept.tolist()), weights[kept], drift)


def fit_weights(
    raw: NDArray[np.float64],
    names: Sequence[str],
    y: Vector,
    weight: Vector,
    drift: float,
    ridge: float,
    least: float = LEAST_WEIGHT,
) -> Vector:
    """Weights (k,) of parts whose raw scores are (m, k): 0 for those that would get less than `least`."""
    weights, kept = np.zeros(len(names)), np.arange(len(names))
    for _ in range(2):
        prior = prior_weights([names[place] for place in kept.tolist()], drift)
        weights[:] = 0.0
        weights[kept] = solve_simplex_weights(raw[:, kept], y, weight, prior, ridge)
        kept = np.flatnonzero(weights >= least)
    return weights


def prior_weights(names: Sequence[str], drift: float) -> Vector:
    """The prior weight of each part (k,), between the stationary and the drift prior."""
    stationary = [STATIONARY_PRIOR.get(name, 0.0) for name in names]
    drifting = [DRIFT_PRIOR.get(name, 0.0) for name in names]
    prior = np.array([(1 - drift) * s + drift * d for s, d in zip(stationary, drifting, strict=True)])
    return (prior + 1e-6) / (prior + 1e-6).sum()


def choose_ridge(samples: Samples, drift: float) -> float:
    """The strength of the ridge towards the prior: more for few wins, and for drift."""
    return (FEW_RIDGE if samples.minority_count < FEW_WINS else RIDGE) + drift * DRIFT_RIDGE


def solve_simplex_weights(raw: NDArray[np.float64], y: Vector, weight: Vector, prior: Vector, ridge: float) -> Vector:
    """Weights (k,) ≥ 0 that add up to 1, for raw scores (m, k), of least log loss + ridge · |weights − prior|²."""
    share = weight / weight.sum()

    def loss_and_gradient(weights: Vector) -> tuple[float, Vector]:
        score = raw @ weights
        loss = float(share @ log_losses(score, y)) + ridge * float(((weights - prior) ** 2).sum())
        return loss, raw.T @ (share * (expit(score) - y)) + 2 * ridge * (weights - prior)

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


def measure_drift(cross_validation: CrossValidation, trials: Sequence[Trial]) -> float:
    """The share of a spec's gain over the base rate that is lost forward in time, scaled to 0…1."""
    rows, samples = cross_validation.evaluated_rows, cross_validation.samples
    y, weight = samples.evaluation_targets(rows)

    def mean_loss(raw: Vector) -> float:
        return float(np.average(log_losses(raw, y), weights=weight))

    base_rates = [
        (len(fold.predict), np.average(samples.y[fold.fit], weights=samples.sample_weight[fold.fit]))
        for fold in cross_validation.forward
    ]
    base_loss = mean_loss(np.concatenate([np.full(size, logit(rate)) for size, rate in base_rates]))
    lost = []
    for trial in trials:
        if trial.name in DRIFT_MEASURED_BY:
            stratified_loss = mean_loss(trial.stratified_raw[rows])
            lost.append((trial.loss - stratified_loss) / max(base_loss - stratified_loss, 1e-4))
    if not lost:
        return 1.0
    return float(np.clip((np.mean(lost) - NO_DRIFT) / (FULL_DRIFT - NO_DRIFT), 0.0, 1.0))


def _choose_members(trials: Sequence[Trial], *, with_searched: bool) -> tuple[Trial, ...]:
    named = [trial for trial in trials if trial.name in STATIONARY_PRIOR]
    searched = [trial for trial in trials if trial.name not in STATIONARY_PRIOR]
    best = [min(searched, key=lambda trial: trial.loss)] if searched and with_searched else []
    return (*named, *best)
