"""The candidates for registration: logistic regression, the best single spec of trees, and ensembles of both.

They stand from the simplest to the most complex. The baselines are in `training.models.baselines`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stats.calibration import Calibration, log_losses
from stats.calibration_choice import choose_calibration, choose_calibration_forward
from stats.types import Vector
from training.models.ensemble import LEAVES, MANY_LEADS, MOST_SEEDS, SEEDS_OF_MANY, EnsembleMember, EnsembleSpec
from training.models.ensemble_weights import choose_ridge, fit_weights, mix
from training.models.logistic import LOGISTIC
from training.search.cross_validation import CrossValidation, Trial
from training.search.forward_choices import BLEND, DRIFT_BLEND, TREES, ForwardChoices, choose_forward

LARGE_BLEND = "large blend"
AS_GOOD = 0.0005
"""A simpler candidate may be worse by this log loss, and no more, where the difference is within noise."""
SECOND_LOOK = (LOGISTIC, DRIFT_BLEND)
"""Where leads have an order, they are served only if what was chosen doesn't beat the base rate and they do.

Forward blocks are predicted from fewer leads than the served model learns from, which speaks for logistic regression
more than it deserves (docs/decisions/030-averages-before-picks.md).
"""
BEST_TREES = 6
"""An ensemble is drawn to the mean of so many of the specs of trees, the best; any other may be a part of it too."""
LOGISTIC_SHARE = 0.25
"""The share of logistic regression in that mean."""


@dataclass(frozen=True)
class OutOfFoldPredictions:
    """Raw scores (m,) of leads by models that were fitted without them, with their labels (m,) and weights (m,).

    `block_sizes` are those of the blocks that the leads fall into, in order of arrival; none without an order.
    """

    raw_score: Vector
    y: Vector
    sample_weight: Vector
    block_sizes: tuple[int, ...] = ()

    def fit_calibration(self, seed: int) -> Calibration:
        """The calibration map for these scores."""
        if self.block_sizes:
            return choose_calibration_forward(self.raw_score, self.y, self.sample_weight, self.block_sizes)
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


@dataclass(frozen=True)
class Candidates:
    """The candidates, the one that the cross-validation speaks for, and notes on how it was chosen.

    `second_look` are those that may be served where the chosen one doesn't beat the base rate.
    """

    every: tuple[Candidate, ...]
    chosen: Candidate
    second_look: tuple[Candidate, ...] = ()
    notes: tuple[str, ...] = ()


def make_candidates(cross_validation: CrossValidation, trials: Sequence[Trial]) -> Candidates:
    """The candidates that these trials make, and the choice among them.

    Ensembles are of trees that are quick to explain, and another is of any trees. Where leads have an order, all are
    judged by the forward blocks, and `choose_forward` may turn from the plain way; `SECOND_LOOK` is not chosen there.
    Without an order the best of more than `BEST_TREES` specs is not served alone: it is the best by the very leads that
    it is judged on, so it is in part the luckiest (docs/decisions/035-crosses-of-three-and-the-blend.md).
    """
    best = sorted((trial for trial in trials if trial.booster), key=lambda trial: trial.loss)
    quick = [trial for trial in best if trial.leaves <= LEAVES] or [min(best, key=lambda trial: trial.leaves)]
    mixtures: Mapping[str, Mapping[str, float]]
    mixtures = {TREES: {quick[0].name: 1.0}, BLEND: _weigh(cross_validation, trials, quick)}
    named = {trial.name: trial for trial in trials}
    large = mixtures[BLEND] if quick == best else _weigh(cross_validation, trials, best)
    if any(named[part].leaves > LEAVES for part in large):
        mixtures = {**mixtures, LARGE_BLEND: large}
    choices = ForwardChoices(cross_validation, {trial.name: trial.raw_score for trial in trials}, mixtures)
    if cross_validation.forward:
        choices = choose_forward(cross_validation, named, mixtures)
    judged = choices.cross_validation
    targets = judged.samples.evaluation_targets(judged.predicted_rows)
    candidates = [
        Candidate(
            _make_spec(name, weights, named, judged),
            OutOfFoldPredictions(mix(choices.raw, weights), *targets, judged.block_sizes),
        )
        for name, weights in {LOGISTIC: {LOGISTIC: 1.0}, **choices.mixtures}.items()
    ]
    if not cross_validation.forward:
        first_look = [one for one in candidates if one.name != TREES or len(best) <= BEST_TREES]
        chosen = choose_candidate(first_look)
        return Candidates(tuple(candidates), chosen, tuple(one for one in first_look if one is not chosen))
    first_look = [one for one in candidates if one.name not in SECOND_LOOK]
    chosen = first_look[-1] if choices.drifts else choose_candidate(first_look)
    second_look = tuple(one for one in candidates if one.name in SECOND_LOOK)
    return Candidates(tuple(candidates), chosen, second_look, choices.notes)


def choose_candidate(candidates: Sequence[Candidate]) -> Candidate:
    """The simplest candidate within one standard error of the best by out-of-fold log loss, and within 0.0005 of it."""
    best = min(candidates, key=lambda candidate: candidate.losses.mean())
    for candidate in candidates:
        worse_by = candidate.losses - best.losses
        if worse_by.mean() <= min(float(worse_by.std() / np.sqrt(len(worse_by))), AS_GOOD):
            return candidate
    raise AssertionError("the best candidate is within noise of itself")


def _weigh(cross_validation: CrossValidation, trials: Sequence[Trial], best: Sequence[Trial]) -> dict[str, float]:
    """The weights of logistic regression and of these specs of trees, the best first."""
    used = [*(trial for trial in trials if not trial.booster), *best]
    drawn_to = best[:BEST_TREES]
    share = (1 - LOGISTIC_SHARE) / len(drawn_to)
    samples = cross_validation.samples
    return fit_weights(
        {trial.name: trial.raw_score for trial in used},
        *samples.evaluation_targets(cross_validation.stratified_rows),
        {LOGISTIC: LOGISTIC_SHARE} | {trial.name: share for trial in drawn_to},
        choose_ridge(samples),
    )


def _make_spec(
    name: str, weights: Mapping[str, float], trials: Mapping[str, Trial], cross_validation: CrossValidation
) -> EnsembleSpec:
    members = tuple(
        EnsembleMember(trial.booster, trial.rounds, weight)
        for part, weight in weights.items()
        if (trial := trials[part]).booster is not None
    )
    seeds = SEEDS_OF_MANY if len(cross_validation.samples) >= MANY_LEADS else MOST_SEEDS
    return EnsembleSpec(name, weights.get(LOGISTIC, 0.0), members, cross_validation.half_life, seeds)
