"""Hyperparameter search by cross-validation: specs of boosted trees, one after another within a time budget.

The first trials are the starting specs, in their order; after them Optuna's TPE sampler proposes. The number of rounds
is found by early stopping in stratified folds, where the question is how much signal there is. Where leads have an
order, a trial is then evaluated block by block forward in time, with that number of rounds.

A time budget ends the search between trials, so a run is repeated exactly by its number of trials.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import lightgbm as lgb
import numpy as np
import optuna
from numpy.typing import NDArray

from stats.calibration import log_losses
from training.data.samples import Samples
from training.data.split import Fold
from training.models.boosting import STARTING_SPECS, BoosterSpec, fit_booster, fit_with_early_stopping
from training.models.logistic import fit_logistic
from training.models.merged_trees import predict_raw
from training.search.threads import map_in_threads
from training.search.time_budget import TimeBudget

Vector = NDArray[np.float64]

MOST_TRIALS = 40
LEAST_ROUNDS = 5
FEW_FOLDS = 3
REFITS = 2.0
"""What fitting the final models costs for each second spent on the trials that end in the ensemble."""


@dataclass(frozen=True)
class Trial:
    """One spec with its out-of-fold predictions.

    Attributes:
        booster: None for logistic regression.
        rounds: the median of the early-stopped rounds.
        raw_score: of the evaluated leads (m,), forward in time where there is an order.
        stratified_raw: of all leads (n,), in stratified folds.
        loss: the log loss on the evaluated leads.
        seconds: what the trial took.
    """

    booster: BoosterSpec | None
    rounds: int
    raw_score: Vector
    stratified_raw: Vector
    loss: float
    seconds: float

    @property
    def name(self) -> str:
        return self.booster.name if self.booster else "logistic regression"


class Predictor(Protocol):
    """Whatever has a raw score for a matrix."""

    def raw_score(self, X: NDArray[np.float64], /) -> Vector:
        """Log-odds (n,)."""


@dataclass(frozen=True)
class CrossValidation:
    """Samples with the folds that evaluate on them: stratified ones for all, forward blocks where leads have an order.

    `half_life` is that of the recency weights in every fit (`training.search.recency`).
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
    def evaluated_rows(self) -> NDArray[np.intp]:
        """The rows (m,) that are predicted: those of the forward blocks, or all."""
        if self.forward:
            return np.concatenate([fold.predict for fold in self.forward])
        return np.arange(len(self.samples))

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """How many evaluated rows each forward block has, in order; empty where there is no order."""
        return tuple(len(fold.predict) for fold in self.forward)

    def evaluate_logistic(self, budget: TimeBudget) -> Trial:
        """Logistic regression as a trial."""
        started = budget.elapsed_s

        def predict(fold: Fold) -> Vector:
            return fit_logistic(self.samples.take(fold.fit)).raw_score(self.samples.X[fold.predict])

        stratified = self._in_row_order(map_in_threads(predict, self.stratified))
        raw = np.concatenate(map_in_threads(predict, self.forward)) if self.forward else stratified
        return self._make_trial(None, 0, raw, stratified, budget.elapsed_s - started)

    def evaluate_booster(self, booster: BoosterSpec, budget: TimeBudget) -> Trial:
        """A spec of boosted trees as a trial."""
        started = budget.elapsed_s
        rounds, stratified = self.stop_early(booster)

        def predict_forward(fold: Fold) -> Vector:
            fitted = fit_booster(booster, rounds, self.samples.take(fold.fit), self.seed)
            return predict_raw(fitted, self.samples.X[fold.predict])

        raw = np.concatenate(map_in_threads(predict_forward, self.forward)) if self.forward else stratified
        return self._make_trial(booster, rounds, raw, stratified, budget.elapsed_s - started)

    def stop_early(self, booster: BoosterSpec) -> tuple[int, Vector]:
        """The early-stopped rounds of a spec, the median over the stratified folds, and its raw scores (n,) there."""
        fitted = self._fit_with_early_stopping(booster, self.stratified)
        raws = [
            predict_raw(one, self.samples.X[fold.predict]) for one, fold in zip(fitted, self.stratified, strict=True)
        ]
        return _median_rounds(fitted), self._in_row_order(raws)

    def count_rounds(self, booster: BoosterSpec) -> int:
        """The early-stopped rounds of a spec, the median over a few of the stratified folds."""
        return _median_rounds(self._fit_with_early_stopping(booster, self.stratified[:FEW_FOLDS]))

    def _fit_with_early_stopping(self, booster: BoosterSpec, folds: Sequence[Fold]) -> list[lgb.Booster]:
        def fit_fold(fold: Fold) -> lgb.Booster:
            fit, validation = self.samples.take(fold.fit), self.samples.take(fold.predict)
            return fit_with_early_stopping(booster, fit, validation, self.seed)

        return map_in_threads(fit_fold, folds)

    def predict_out_of_fold(self, fit: "Callable[[Samples], Predictor]") -> Vector:
        """The raw scores (m,) of the evaluated leads, each by a model that `fit` made without them."""

        def predict(fold: Fold) -> Vector:
            return fit(self.samples.take(fold.fit)).raw_score(self.samples.X[fold.predict])

        if self.forward:
            return np.concatenate(map_in_threads(predict, self.forward))
        return self._in_row_order(map_in_threads(predict, self.stratified))

    def _in_row_order(self, predictions: Sequence[Vector]) -> Vector:
        raw = np.empty(len(self.samples))
        for fold, predicted in zip(self.stratified, predictions, strict=True):
            raw[fold.predict] = predicted
        return raw

    def _make_trial(
        self, booster: BoosterSpec | None, rounds: int, raw: Vector, stratified: Vector, seconds: float
    ) -> Trial:
        y, weight = self.samples.evaluation_targets(self.evaluated_rows)
        loss = float(np.average(log_losses(raw, y), weights=weight))
        return Trial(booster, rounds, raw, stratified, loss, seconds)


def _median_rounds(boosters: Sequence[lgb.Booster]) -> int:
    return max(LEAST_ROUNDS, round(float(np.median([booster.best_iteration for booster in boosters]))))


def search(
    cross_validation: CrossValidation,
    budget: TimeBudget,
    trials: int | None,
    report_progress: Callable[[str, float], None],
) -> list[Trial]:
    """Evaluate logistic regression, then `trials` specs of trees, or as many as leave time for the final fits.

    `report_progress` is given a line and the share of the budget that is gone.
    """
    done = [cross_validation.evaluate_logistic(budget)]
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=cross_validation.seed))
    for number in range(MOST_TRIALS if trials is None else trials):
        if trials is None and number and not _has_time_for_another(done, budget):
            break
        proposal = study.ask() if number >= len(STARTING_SPECS) else None
        if proposal is None:
            booster = STARTING_SPECS[number]
        else:
            booster = _suggest_spec(proposal, number, len(cross_validation.samples))
        done.append(cross_validation.evaluate_booster(booster, budget))
        if proposal is not None:
            study.tell(proposal, done[-1].loss)
        best = min(done, key=lambda trial: trial.loss)
        line = f"{number + 1} shapes tried, best: {best.name}, log loss {best.loss:.4f}"
        report_progress(line, budget.elapsed_share)
    return done


def _has_time_for_another(done: Sequence[Trial], budget: TimeBudget) -> bool:
    """Whether one trial more, as costly as any, leaves the time that the final fits will take."""
    another = max(trial.seconds for trial in done if trial.booster)
    by_cost = sorted((another, *(trial.seconds for trial in done)), reverse=True)
    most_costly_ensemble = by_cost[: len(STARTING_SPECS) + 1]
    return budget.remaining_s > another + REFITS * sum(most_costly_ensemble)


def _suggest_spec(trial: optuna.Trial, number: int, rows: int) -> BoosterSpec:
    least = max(5, min(200, rows // 20))
    parameters = {
        "learning_rate": 0.05,
        "num_leaves": trial.suggest_int("num_leaves", 6, 63, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.2, 0.9),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 5, least, log=True),
        "lambda_l2": trial.suggest_float("lambda_l2", 0.01, 100.0, log=True),
        "cat_smooth": trial.suggest_float("cat_smooth", 5.0, 200.0, log=True),
        "cat_l2": trial.suggest_float("cat_l2", 5.0, 200.0, log=True),
        "path_smooth": trial.suggest_float("path_smooth", 0.01, 50.0, log=True),
        "bagging_fraction": trial.suggest_float("bagging_fraction", 0.5, 1.0),
        "extra_trees": trial.suggest_categorical("extra_trees", [False, True]),
        "bagging_freq": 1,
    }
    return BoosterSpec(f"searched {number + 1 - len(STARTING_SPECS)}", parameters, max_rounds=500)
