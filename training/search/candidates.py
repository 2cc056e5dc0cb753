"""The candidates for registration: logistic regression, the best single spec of trees, and the ensemble of both.

They stand from the simplest to the most complex. The baselines are in `training.models.baselines`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stats.calibration import Calibration, choose_calibration, log_losses, shift_in_common
from training.models.ensemble import EnsembleMember, EnsembleSpec
from training.models.ensemble_weights import combine_trials
from training.search.cross_validation import CrossValidation, Trial

Vector = NDArray[np.float64]

LOGISTIC = EnsembleSpec("logistic regression", logistic_weight=1.0)


@dataclass(frozen=True)
class OutOfFoldPredictions:
    """Raw scores (m,) of leads by models that were fitted without them, with their labels (m,) and weights (m,).

    `block_sizes` are those of the blocks that the leads fall into, in order of arrival; `drift` (0 to 1) is how much
    changes between those. Leads without an order have neither.
    """

    raw_score: Vector
    y: Vector
    sample_weight: Vector
    block_sizes: tuple[int, ...] = ()
    drift: float = 0.0

    def fit_calibration(self, seed: int) -> Calibration:
        """The calibration map for these scores; where the world drifts, a shift in common to all blocks."""
        if self.drift:
            return shift_in_common(self.raw_score, self.y, self.sample_weight, self.block_sizes)
        return choose_calibration(self.raw_score, self.y, self.sample_weight, seed)

    def with_outcomes(self, y: Vector, weight: Vector) -> "OutOfFoldPredictions":
        """The same scores, with what has become known of the same leads since."""
        return replace(self, y=y, sample_weight=weight)

    def append(self, raw: Vector, y: Vector, weight: Vector) -> "OutOfFoldPredictions":
        """These and the scores (k,) of later leads, which are one block more."""
        return replace(
            self,
            raw_score=np.append(self.raw_score, raw),
            y=np.append(self.y, y),
            sample_weight=np.append(self.sample_weight, weight),
            block_sizes=(*self.block_sizes, len(raw)) if self.block_sizes else (),
        )


@dataclass(frozen=True)
class Candidate:
    """What to fit, and its out-of-fold predictions for the evaluated leads of the cross-validation."""

    spec: EnsembleSpec
    out_of_fold: OutOfFoldPredictions

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def losses(self) -> Vector:
        """The weighted log loss of each evaluated lead (m,)."""
        return self.out_of_fold.sample_weight * log_losses(self.out_of_fold.raw_score, self.out_of_fold.y)


def make_candidates(cross_validation: CrossValidation, trials: Sequence[Trial]) -> list[Candidate]:
    """The three candidates that these trials make, from the simplest to the most complex."""
    by_loss = sorted(trials, key=lambda trial: trial.loss)
    logistic = next(trial for trial in by_loss if not trial.booster)
    best_trees = next(trial for trial in by_loss if trial.booster)
    combined = combine_trials(cross_validation, trials)
    single = replace(_make_spec([best_trees], np.ones(1)), name="LightGBM")
    raws = (
        (LOGISTIC, logistic.raw_score),
        (single, best_trees.raw_score),
        (_make_spec(combined.trials, combined.weights), combined.raw_score),
    )
    return [_make_candidate(cross_validation, spec, raw, combined.drift) for spec, raw in raws]


def choose_candidate(candidates: Sequence[Candidate]) -> Candidate:
    """The simplest candidate within one standard error of the best, by out-of-fold log loss.

    Where the world drifts, doing well on past blocks says little about the next one. Then it is the ensemble, whose
    weights are shrunk towards a prior for that very reason.
    """
    if candidates[-1].out_of_fold.drift:
        return candidates[-1]
    best = min(candidates, key=lambda candidate: candidate.losses.mean())
    for candidate in candidates:
        worse_by = candidate.losses - best.losses
        if worse_by.mean() <= worse_by.std() / np.sqrt(len(worse_by)):
            return candidate
    raise AssertionError("the best candidate is within noise of itself")


def _make_candidate(cross_validation: CrossValidation, spec: EnsembleSpec, raw: Vector, drift: float) -> Candidate:
    spec = replace(spec, half_life=cross_validation.half_life)
    targets = cross_validation.samples.evaluation_targets(cross_validation.evaluated_rows)
    return Candidate(spec, OutOfFoldPredictions(raw, *targets, cross_validation.block_sizes, drift))


def _make_spec(trials: Sequence[Trial], weights: Vector) -> EnsembleSpec:
    pairs = [(trial, float(weight)) for trial, weight in zip(trials, weights, strict=True)]
    logistic = sum(weight for trial, weight in pairs if trial.booster is None)
    members = (
        EnsembleMember(trial.booster, trial.rounds, weight) for trial, weight in pairs if trial.booster is not None
    )
    return EnsembleSpec("blend", logistic, tuple(members))
