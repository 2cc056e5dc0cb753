"""Recency weighting: newer leads may count more in a fit, where the past shows that it helps.

A lead counts half as much as one that came a half-life later; the half-life is a share of all leads. Logistic
regression, which is quickly fitted, is cross-validated forward in time with each: what helped it to predict the blocks
that came next helps the trees too (docs/ablation.md).
"""

import numpy as np
from numpy.typing import NDArray

from stats.calibration import log_losses
from training.models.logistic import fit_logistic
from training.search.cross_validation import CrossValidation

Vector = NDArray[np.float64]

HALF_LIVES = (1 / 4, 1 / 8)
ERRORS = 2.0
"""By how many standard errors the best half-life must be better than equal weights."""


def choose_recency_half_life(cross_validation: CrossValidation) -> tuple[CrossValidation, tuple[str, ...]]:
    """Choose a recency half-life by forward cross-validation.

    Return the cross-validation, with recency weights if they lower the log loss by more than two standard errors, and
    a note on them.
    """
    if not cross_validation.forward:
        return cross_validation, ()
    without = _evaluated_losses(cross_validation)
    losses = {
        half_life: _evaluated_losses(cross_validation.with_recency_weights(half_life)) for half_life in HALF_LIVES
    }
    best = min(losses, key=lambda half_life: float(losses[half_life].mean()))
    better_by = without - losses[best]
    if better_by.mean() <= ERRORS * better_by.std() / np.sqrt(len(better_by)):
        return cross_validation, ()
    return cross_validation.with_recency_weights(best), (
        f"newer leads count more, each twice as much as one that came {best:.1%} of all leads earlier: judged forward, "
        f"a logistic regression had a log loss of {losses[best].mean():.4f} with that and {without.mean():.4f} without",
    )


def _evaluated_losses(cross_validation: CrossValidation) -> Vector:
    """The weighted log loss of each evaluated lead (m,)."""
    y, weight = cross_validation.samples.evaluation_targets(cross_validation.evaluated_rows)
    return log_losses(cross_validation.predict_out_of_fold(fit_logistic), y) * weight / weight.mean()
