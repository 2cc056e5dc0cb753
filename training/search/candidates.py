"""The models that may be registered: trials in, recipes with what they predicted out of sample out.

Logistic regression, the best single shape of trees, and the blend, from the simplest to the most complex. The
baselines that all have to beat are in `training.models.baselines`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.models.calibration import Calibration, choose_calibration, log_losses, shift_in_common
from training.models.ensemble import Member, Recipe
from training.models.ensemble_weights import blend
from training.search.cross_validation import Examination, Trial

Vector = NDArray[np.float64]

LOGISTIC = Recipe("logistic regression", logistic=1.0)


@dataclass(frozen=True)
class OutOfSample:
    """Raw scores (m,) for leads that their model has not seen, and what became of those (m,).

    `blocks` are the sizes of the blocks they fall into, in order of arrival, and `drift` (0 to 1) says how much the
    world changes between those; leads without an order have neither.
    """

    raw: Vector
    won: Vector
    weight: Vector
    blocks: tuple[int, ...] = ()
    drift: float = 0.0

    def calibration(self, seed: int) -> Calibration:
        """The map that these scores need."""
        if self.drift:
            return shift_in_common(self.raw, self.won, self.weight, self.blocks)
        return choose_calibration(self.raw, self.won, self.weight, seed)

    def known_as(self, won: Vector, weight: Vector) -> "OutOfSample":
        """With what has become known of the same leads since."""
        return replace(self, won=won, weight=weight)

    def and_then(self, raw: Vector, won: Vector, weight: Vector) -> "OutOfSample":
        """With the scores of later leads after them."""
        return replace(
            self,
            raw=np.append(self.raw, raw),
            won=np.append(self.won, won),
            weight=np.append(self.weight, weight),
            blocks=(*self.blocks, len(raw)) if self.blocks else (),
        )


@dataclass(frozen=True)
class Candidate:
    """A recipe, and what it predicted for the examination's judged leads."""

    recipe: Recipe
    unseen: OutOfSample

    @property
    def name(self) -> str:
        return self.recipe.name

    @property
    def losses(self) -> Vector:
        """The log loss of each judged lead (m,)."""
        return self.unseen.weight * log_losses(self.unseen.raw, self.unseen.won)


def make_candidates(examination: Examination, trials: Sequence[Trial]) -> list[Candidate]:
    """From the simplest to the most complex."""
    best: dict[str, Trial] = {}
    for trial in sorted(trials, key=lambda trial: trial.loss):
        best.setdefault("LightGBM" if trial.shape else "logistic regression", trial)
    mixed = blend(examination, trials)
    single = replace(_recipe_of([best["LightGBM"]], np.ones(1)), name="LightGBM")
    raws = (
        (LOGISTIC, best["logistic regression"].raw),
        (single, best["LightGBM"].raw),
        (_recipe_of(mixed.trials, mixed.weights), mixed.raw),
    )
    return [_candidate(examination, recipe, raw, mixed.drift) for recipe, raw in raws]


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """The simplest candidate within one standard error of the best, by log loss out of sample.

    Where the world drifts, doing well on past blocks says little about the next one. Then it is the blend, whose
    weights are held near a prior for that very reason.
    """
    if candidates[-1].unseen.drift:
        return candidates[-1]
    best = min(candidates, key=lambda candidate: candidate.losses.mean())
    for candidate in candidates:
        worse_by = candidate.losses - best.losses
        if worse_by.mean() <= worse_by.std() / np.sqrt(len(worse_by)):
            return candidate
    raise AssertionError("the best candidate is within noise of itself")


def _candidate(examination: Examination, recipe: Recipe, raw: Vector, drift: float) -> Candidate:
    recipe = replace(recipe, half_life=examination.half_life)
    on_record = examination.lessons.on_record(examination.judged)
    return Candidate(recipe, OutOfSample(raw, *on_record, examination.blocks, drift))


def _recipe_of(trials: Sequence[Trial], weights: Vector) -> Recipe:
    pairs = [(trial, float(weight)) for trial, weight in zip(trials, weights, strict=True)]
    logistic = sum(weight for trial, weight in pairs if trial.shape is None)
    members = (Member(trial.shape, trial.rounds, weight) for trial, weight in pairs if trial.shape is not None)
    return Recipe("blend", logistic, tuple(members))
