"""Choices for leads that have an order: each is judged by what it predicts forward in time, block by block.

The plain way is that all leads count alike and an ensemble has the weights of a world that stands still. Another way
is taken only where the models that would be served are better for it beyond noise on most blocks: what a level or an
effect did in the past says little about what it does next, and a choice that some blocks speak for costs more than it
gives where the world wanders, steps or turns back (docs/methods.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import logit

from stats.blocks import is_better_on_most_blocks
from stats.calibration import log_losses
from stats.types import Vector
from training.models.ensemble_weights import DRIFT_PRIOR, DRIFT_RIDGE, fit_weights, mix
from training.search.cross_validation import CrossValidation, Trial

HALF_LIVES = (1 / 4, 1 / 8)
"""The half-lives of recency weights that are tried, as shares of all leads."""
TREES, BLEND, DRIFT_BLEND = "LightGBM", "blend", "drift blend"
Weights = Mapping[str, float]


@dataclass(frozen=True)
class ForwardScores:
    """Raw scores (m,) of parts, by name, for the rows of the forward blocks, with labels and weights (m,)."""

    cross_validation: CrossValidation
    raw: Mapping[str, Vector]
    y: Vector
    weight: Vector

    @classmethod
    def predict(cls, cross_validation: CrossValidation, trials: Sequence[Trial]) -> Self:
        """Fit the part of each trial on the leads before each block, and predict the block."""
        targets = cross_validation.samples.evaluation_targets(cross_validation.forward_rows)
        return cls(cross_validation, cross_validation.predict_forward(trials), *targets)

    def mean_loss(self, weights: Weights) -> float:
        """The log loss of a mixture of the parts."""
        return float(self._losses(mix(self.raw, weights)).mean())

    def is_better(self, raw: Vector, plain: Vector) -> bool:
        """Whether raw scores (m,) are better than the plain ones beyond noise on most blocks."""
        return is_better_on_most_blocks(self._losses(plain) - self._losses(raw), self.cross_validation.block_sizes)

    def holds(self, raw: Vector) -> bool:
        """Whether raw scores (m,) are better than the rate of the leads before, on more than half of the blocks."""
        cross_validation = self.cross_validation
        folds, samples = cross_validation.forward, cross_validation.samples
        rates = [np.average(samples.y[fold.fit], weights=samples.sample_weight[fold.fit]) for fold in folds]
        gains = self._losses(np.repeat(logit(rates), cross_validation.block_sizes)) - self._losses(raw)
        blocks = np.split(gains, np.cumsum(cross_validation.block_sizes)[:-1])
        return sum(block.mean() > 0 for block in blocks) > len(blocks) / 2

    def fit_drift_weights(self, leads: int | None = None) -> dict[str, float]:
        """The weights of an ensemble for a drifting world, fitted on the first so many leads of the blocks, or all."""
        raw = {name: self.raw[name][:leads] for name in DRIFT_PRIOR}
        return fit_weights(raw, self.y[:leads], self.weight[:leads], DRIFT_PRIOR, DRIFT_RIDGE)

    def mix_for_drift(self) -> Vector:
        """Raw scores (m,) by drift weights that are fitted, for each block, on the blocks before it."""
        mixed, start = [], 0
        for size in self.cross_validation.block_sizes:
            weights = self.fit_drift_weights(start) if start else DRIFT_PRIOR
            mixed.append(mix({name: raw[start : start + size] for name, raw in self.raw.items()}, weights))
            start += size
        return np.concatenate(mixed)

    def _losses(self, raw: Vector) -> Vector:
        return log_losses(raw, self.y) * self.weight / self.weight.mean()


@dataclass(frozen=True)
class ForwardChoices:
    """What candidates are made of.

    Attributes:
        cross_validation: with recency weights where newer leads count more.
        raw: raw scores (m,) of the parts, by name, for the rows that it predicts.
        mixtures: the weights of the parts of each mixture, by its name.
        drifts: whether the blend is that for a drifting world.
        notes: on what was chosen.
    """

    cross_validation: CrossValidation
    raw: Mapping[str, Vector]
    mixtures: Mapping[str, Weights]
    drifts: bool = False
    notes: tuple[str, ...] = ()


def choose_forward(
    cross_validation: CrossValidation, trials: Mapping[str, Trial], mixtures: Mapping[str, Weights]
) -> ForwardChoices:
    """Choose the weights of the blend, then whether newer leads count more in every fit.

    `trials` and `mixtures` go by their names; a mixture has the weights of its parts, fitted in stratified folds. The
    blend for a drifting world is a mixture in any case: without evidence for it, beside the plain one.
    """
    parts = sorted({*DRIFT_PRIOR, *(name for weights in mixtures.values() for name in weights)})
    used = [trials[name] for name in parts]
    scores, notes = ForwardScores.predict(cross_validation, used), []
    drift = _find_drift(scores, mix(scores.raw, mixtures[BLEND]))
    if drift:
        weights = scores.fit_drift_weights()
        notes.append(
            f"{drift}, so the blend leans on small randomised trees and logistic regression: judged forward, its "
            f"log loss is {scores.mean_loss(weights):.4f} with that and {scores.mean_loss(mixtures[BLEND]):.4f} without"
        )
        mixtures = {TREES: mixtures[TREES], BLEND: weights}
    half_life = choose_half_life(scores, [trials[name] for name in mixtures[BLEND]], mixtures[BLEND])
    if half_life:
        alike = scores.mean_loss(mixtures[BLEND])
        scores = ForwardScores.predict(cross_validation.with_recency_weights(half_life), used)
        if drift:
            mixtures = {**mixtures, BLEND: scores.fit_drift_weights()}
        notes.append(
            f"newer leads count more, with a half-life of {half_life:.1%} of all leads, and none less than "
            f"{cross_validation.samples.least_recency_weight:.0%} of an equal weight: judged forward, the blend has a "
            f"log loss of {scores.mean_loss(mixtures[BLEND]):.4f} with that and {alike:.4f} without"
        )
    if not drift:
        mixtures = {**mixtures, DRIFT_BLEND: scores.fit_drift_weights()}
    return ForwardChoices(scores.cross_validation, scores.raw, mixtures, bool(drift), tuple(notes))


def _find_drift(scores: ForwardScores, plain: Vector) -> str:
    """Why the blend should be that for a drifting world, by the plain one's scores (m,); empty where it should not."""
    if scores.is_better(scores.mix_for_drift(), plain):
        return "what counts changes from block to block"
    if not scores.holds(plain):
        return "on half of the blocks what was learned before says no more than the rate does"
    return ""


def choose_half_life(plain: ForwardScores, trials: Sequence[Trial], weights: Weights) -> float | None:
    """The half-life of the recency weights, None for equal ones.

    The longest is tried first, and each next one only where that helped.
    """
    chosen, least, alike = None, plain.mean_loss(weights), mix(plain.raw, weights)
    for half_life in HALF_LIVES:
        newer = ForwardScores.predict(plain.cross_validation.with_recency_weights(half_life), trials)
        if newer.mean_loss(weights) >= least or not plain.is_better(mix(newer.raw, weights), alike):
            break
        chosen, least = half_life, newer.mean_loss(weights)
    return chosen
