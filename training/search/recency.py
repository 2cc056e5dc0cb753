"""Do newer leads say more? An examination in; the same out, with newer leads counting more where the past asks for it.

A lead counts, when a model is fitted, half as much as one that came a half-life later; the half-life is a share of all
leads. Logistic regression, which is quickly fitted, is judged block by block forward in time with each: what helped it
to predict the blocks that came next helps the trees too (docs/ablation.md).
"""

import numpy as np
from numpy.typing import NDArray

from training.models.calibration import log_losses
from training.models.logistic import fit_logistic
from training.search.cross_validation import Examination

Vector = NDArray[np.float64]

HALF_LIVES = (1 / 4, 1 / 8)
ERRORS = 2.0
"""How many standard errors the better one must be ahead of all leads alike."""


def by_recency(examination: Examination) -> tuple[Examination, tuple[str, ...]]:
    """The examination with the half-life of least log loss forward in time, if that is better beyond noise."""
    if not examination.forward:
        return examination, ()
    alike = _losses(examination)
    losses = {half_life: _losses(examination.fading(half_life)) for half_life in HALF_LIVES}
    best = min(losses, key=lambda half_life: float(losses[half_life].mean()))
    better_by = alike - losses[best]
    if better_by.mean() <= ERRORS * better_by.std() / np.sqrt(len(better_by)):
        return examination, ()
    with_it, without = losses[best].mean(), alike.mean()
    return examination.fading(best), (
        f"newer leads count more, each twice as much as one that came {best:.1%} of all leads earlier: judged forward, "
        f"a logistic regression had a log loss of {with_it:.4f} with that and {without:.4f} without",
    )


def _losses(examination: Examination) -> Vector:
    """The weighted log loss of each judged lead (m,)."""
    won, weight = examination.lessons.on_record(examination.judged)
    return log_losses(examination.out_of_sample(fit_logistic), won) * weight / weight.mean()
