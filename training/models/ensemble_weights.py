"""The weights of parts in an ensemble, fitted on their out-of-fold scores.

The weights minimise log loss plus a ridge towards a prior. The prior of a world that stands still is even among the
parts; that of a drifting one is on randomised trees and logistic regression, which lean less on any one field.
"""

from collections.abc import Mapping

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from stats.calibration import log_losses
from stats.types import Matrix, Vector
from training.data.samples import Samples
from training.models.boosting import RANDOMISED
from training.models.logistic import LOGISTIC

DRIFT_PRIOR = {RANDOMISED.name: 0.7, LOGISTIC: 0.3}
RIDGE, FEW_RIDGE, DRIFT_RIDGE = 0.001, 0.03, 0.03
FEW_WINS = 200
LEAST_WEIGHT = 0.05
"""A part with a smaller weight is dropped and the others are fitted again: it costs as many leaves as a heavy one."""
EXACT = {"ftol": 1e-10, "maxiter": 300}
"""A thousandth of log loss is much; SciPy's own tolerance ends at the prior, where all gradients are that small."""


def fit_weights(
    raw: Mapping[str, Vector], y: Vector, weight: Vector, prior: Mapping[str, float], ridge: float
) -> dict[str, float]:
    """The weights of parts by their names, adding up to 1; those of little weight are left out.

    `raw` are the parts' scores (m,) for leads that they were fitted without, `y` and `weight` those leads' (m,).
    """
    kept = dict.fromkeys(raw, 0.0)
    for _ in range(2):
        names = list(kept)
        start = np.array([prior.get(name, 0.0) for name in names]) + 1e-6
        scores = np.column_stack([raw[name] for name in names])
        weights = solve_simplex_weights(scores, y, weight, start / start.sum(), ridge)
        least = min(LEAST_WEIGHT, weights.max())
        kept = {name: float(share) for name, share in zip(names, weights, strict=True) if share >= least}
    total = sum(kept.values())
    return {name: share / total for name, share in kept.items()}


def choose_ridge(samples: Samples) -> float:
    """The strength of the ridge towards the prior: more where few are won, or not."""
    return FEW_RIDGE if samples.minority_count < FEW_WINS else RIDGE


def mix(raw: Mapping[str, Vector], weights: Mapping[str, float]) -> Vector:
    """The weighted sum (m,) of raw scores."""
    return np.sum([weight * raw[name] for name, weight in weights.items()], axis=0)


def solve_simplex_weights(raw: Matrix, y: Vector, weight: Vector, prior: Vector, ridge: float) -> Vector:
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
        options=EXACT,
    )
    weights = np.clip(found.x if found.success else prior, 0.0, None)
    return weights / weights.sum()
