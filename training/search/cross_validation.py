"""Cross-validation of what can be a part of an ensemble: logistic regression and specs of boosted trees.

The number of rounds is found by early stopping in stratified folds, where the question is how much signal there is.
Where leads have an order, parts are also evaluated block by block forward in time, with that number of rounds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np

from stats.calibration import log_losses
from stats.types import Matrix, Rows, Vector
from training.data.samples import Samples
from training.data.split import Fold
from training.models.boosting import BoosterSpec, FittedBooster, fit_booster, fit_with_early_stopping
from training.models.crosses import Cross
from training.models.logistic import LOGISTIC, fit_logistic
from training.search.choose_crosses import MAIN_EFFECTS, can_ask_threes, choose_crosses
from training.search.time_budget import TimeBudget
from training.threads import map_in_threads

LEAST_ROUNDS = 5
FEW_FOLDS = 3


@dataclass(frozen=True)
class Trial:
    """One part with its out-of-fold predictions.

    Attributes:
        booster: None for logistic regression.
        rounds: the median of the early-stopped rounds.
        raw_score: of the leads of the stratified folds (m,).
        loss: the log loss on them.
        seconds: what the trial took.
    """

    booster: BoosterSpec | None
    rounds: int
    raw_score: Vector
    loss: float
    seconds: float

    @property
    def name(self) -> str:
        return self.booster.name if self.booster else LOGISTIC

    @property
    def leaves(self) -> int:
        """The most leaves that its trees have together."""
        return self.rounds * self.booster.leaves if self.booster else 0


class Predictor(Protocol):
    """Whatever has a raw score for a matrix."""

    def raw_score(self, X: Matrix, /) -> Vector:
        """Log-odds (n,)."""


@dataclass(frozen=True)
class CrossValidation:
    """Samples with the folds that evaluate on them: stratified ones, and forward blocks where leads have an order.

    `half_life` is that of the recency weights in every fit (`training.search.forward_choices`).
    """

    samples: Samples
    stratified: Sequence[Fold]
    forward: Sequence[Fold]
    seed: int
    half_life: float | None = None

    def with_recency_weights(self, half_life: float | None) -> Self:
        """The same folds, with newer leads counting more in each fit."""
        return replace(self, samples=self.samples.with_recency_weights(half_life), half_life=half_life)

    @property
    def stratified_rows(self) -> Rows:
        """The rows (m,) that the stratified folds predict, in their order; of many leads, a part."""
        return np.concatenate([fold.predict for fold in self.stratified])

    @property
    def forward_rows(self) -> Rows:
        """The rows (m,) that the forward blocks predict, in order of arrival."""
        return np.concatenate([fold.predict for fold in self.forward])

    @property
    def predicted_rows(self) -> Rows:
        """The rows (m,) by which candidates are judged: those of the forward blocks where there are any."""
        return self.forward_rows if self.forward else self.stratified_rows

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """How many rows each forward block has, in order; empty where there is no order."""
        return tuple(len(fold.predict) for fold in self.forward)

    def evaluate_logistic(self, budget: TimeBudget) -> Trial:
        """Logistic regression as a trial."""
        started = budget.elapsed_s
        raw = _predict(fit_logistic, self.samples, self.stratified)
        return self._make_trial(None, 0, raw, budget.elapsed_s - started)

    def evaluate_booster(self, booster: BoosterSpec, budget: TimeBudget) -> Trial:
        """A spec of boosted trees as a trial."""
        started = budget.elapsed_s
        fitted = self._fit_with_early_stopping(booster, self.stratified)
        raws = map_in_threads(
            lambda pair: pair[0].raw_score(self.samples.X[pair[1].predict]),
            zip(fitted, self.stratified, strict=True),
        )
        return self._make_trial(booster, _median_rounds(fitted), np.concatenate(raws), budget.elapsed_s - started)

    def find_crosses(self, budget: TimeBudget) -> tuple[tuple[Cross, ...], tuple[Cross, ...]]:
        """The pairs of columns that say something together, and the threes that say something beyond that."""
        main_effects = self.evaluate_booster(MAIN_EFFECTS, budget)
        pairs = choose_crosses(self.samples, self.stratified_rows, main_effects.raw_score, 2, self.seed)
        if not can_ask_threes(self.samples):
            return pairs, ()
        by_pairs = self.evaluate_booster(replace(MAIN_EFFECTS, crosses=pairs), budget) if pairs else main_effects
        return pairs, choose_crosses(self.samples, self.stratified_rows, by_pairs.raw_score, 3, self.seed)

    def count_rounds(self, booster: BoosterSpec) -> int:
        """The early-stopped rounds of a spec, the median over a few of the stratified folds."""
        return _median_rounds(self._fit_with_early_stopping(booster, self.stratified[:FEW_FOLDS]))

    def predict_forward(self, trials: Sequence[Trial]) -> dict[str, Vector]:
        """The raw scores (m,) of the rows of the forward blocks by each trial's part, by its name."""

        def predict(job: tuple[Trial, Fold]) -> Vector:
            trial, fold = job
            fit, X = self.samples.take(fold.fit), self.samples.X[fold.predict]
            if trial.booster is None:
                return fit_logistic(fit).raw_score(X)
            return fit_booster(trial.booster, trial.rounds, fit, self.seed).raw_score(X)

        raws = map_in_threads(predict, [(trial, fold) for trial in trials for fold in self.forward])
        blocks = len(self.forward)
        return {
            trial.name: np.concatenate(raws[blocks * number : blocks * (number + 1)])
            for number, trial in enumerate(trials)
        }

    def predict_out_of_fold(self, fit: Callable[[Samples], Predictor]) -> Vector:
        """The raw scores (m,) of the predicted rows, each by a model that `fit` made without them."""
        return _predict(fit, self.samples, self.forward or self.stratified)

    def _fit_with_early_stopping(self, booster: BoosterSpec, folds: Sequence[Fold]) -> list[FittedBooster]:
        def fit_fold(fold: Fold) -> FittedBooster:
            fit, validation = self.samples.take(fold.fit), self.samples.take(fold.predict)
            return fit_with_early_stopping(booster, fit, validation, self.seed)

        return map_in_threads(fit_fold, folds)

    def _make_trial(self, booster: BoosterSpec | None, rounds: int, raw: Vector, seconds: float) -> Trial:
        y, weight = self.samples.evaluation_targets(self.stratified_rows)
        return Trial(booster, rounds, raw, float(np.average(log_losses(raw, y), weights=weight)), seconds)


def _predict(fit: Callable[[Samples], Predictor], samples: Samples, folds: Sequence[Fold]) -> Vector:
    return np.concatenate(
        map_in_threads(lambda fold: fit(samples.take(fold.fit)).raw_score(samples.X[fold.predict]), folds)
    )


def _median_rounds(fitted: Sequence[FittedBooster]) -> int:
    return max(LEAST_ROUNDS, round(float(np.median([one.booster.best_iteration for one in fitted]))))
