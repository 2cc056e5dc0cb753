"""The search: shapes of trees tried one after another within a time budget, each predicting leads it has not seen.

The first trials are the diverse shapes, in their order; after them Optuna's TPE sampler proposes. How many rounds a
shape is worth is found by early stopping in shuffled folds, where the question is how much signal there is. Where
leads have an order, a trial is then judged block by block forward in time, with that number of rounds.

A time budget ends the search between trials, so a run is repeated exactly by its number of trials.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import lightgbm as lgb
import numpy as np
import optuna
from numpy.typing import NDArray

from training.data.samples import Lessons
from training.data.split import Fold
from training.models.boosting import DIVERSE, Shape, grow, grow_until_it_stops
from training.models.calibration import log_losses
from training.models.logistic import fit_logistic
from training.models.merged_trees import raw_score
from training.search.threads import side_by_side
from training.search.time_budget import Deadline

Vector = NDArray[np.float64]

MOST_TRIALS = 40
LEAST_ROUNDS = 5
FEW_FOLDS = 3
REFITS = 2.0
"""What fitting the final models costs for each second spent on trying the shapes that end in the blend."""


@dataclass(frozen=True)
class Trial:
    """A shape, the rounds it is worth, and its raw scores for the judged leads (m,), none of which it has seen.

    `still_raw` (n,) are those in shuffled folds, `loss` is the log loss on the judged leads.
    """

    shape: Shape | None
    rounds: int
    raw: Vector
    still_raw: Vector
    loss: float
    seconds: float

    @property
    def name(self) -> str:
        return self.shape.name if self.shape else "logistic regression"


class Predictor(Protocol):
    """Whatever has a raw score for a matrix."""

    def raw(self, X: NDArray[np.float64], /) -> Vector:
        """Log-odds (n,)."""


@dataclass(frozen=True)
class Examination:
    """How trials are judged: shuffled folds for all, and forward blocks where leads have an order.

    `judged` (m,) are the rows that trials are judged by. `half_life` says how much more newer leads count when trials
    are fitted (`training.search.recency`).
    """

    lessons: Lessons
    shuffled: Sequence[Fold]
    forward: Sequence[Fold]
    seed: int
    half_life: float | None = None

    def fading(self, half_life: float | None) -> Self:
        """The same, with newer leads counting more."""
        return replace(self, lessons=self.lessons.fading(half_life), half_life=half_life)

    @property
    def judged(self) -> NDArray[np.intp]:
        if self.forward:
            return np.concatenate([fold.predict for fold in self.forward])
        return np.arange(len(self.lessons))

    @property
    def blocks(self) -> tuple[int, ...]:
        """The sizes of the blocks that the judged rows fall into, in order; none where there is no order."""
        return tuple(len(fold.predict) for fold in self.forward)

    def logistic(self, deadline: Deadline) -> Trial:
        """Logistic regression, examined like the trees."""
        started = deadline.spent

        def predict(fold: Fold) -> Vector:
            return fit_logistic(self.lessons.take(fold.fit)).raw(self.lessons.X[fold.predict])

        still = self._put_together(side_by_side(predict, self.shuffled))
        raw = np.concatenate(side_by_side(predict, self.forward)) if self.forward else still
        return self._trial(None, 0, raw, still, deadline.spent - started)

    def trees(self, shape: Shape, deadline: Deadline) -> Trial:
        """One shape of trees."""
        started = deadline.spent
        rounds, still = self.capacity(shape)

        def predict_forward(fold: Fold) -> Vector:
            booster = grow(shape, rounds, self.lessons.take(fold.fit), self.seed)
            return raw_score(booster, self.lessons.X[fold.predict])

        raw = np.concatenate(side_by_side(predict_forward, self.forward)) if self.forward else still
        return self._trial(shape, rounds, raw, still, deadline.spent - started)

    def capacity(self, shape: Shape) -> tuple[int, Vector]:
        """The rounds that a shape is worth in shuffled folds, and its raw scores (n,) there."""
        boosters = self._grow(shape, self.shuffled)
        raws = [
            raw_score(booster, self.lessons.X[fold.predict])
            for booster, fold in zip(boosters, self.shuffled, strict=True)
        ]
        return _middle(boosters), self._put_together(raws)

    def rounds(self, shape: Shape) -> int:
        """The rounds that a shape is worth here, asked of a few folds only."""
        return _middle(self._grow(shape, self.shuffled[:FEW_FOLDS]))

    def _grow(self, shape: Shape, folds: Sequence[Fold]) -> list[lgb.Booster]:
        def grow_in(fold: Fold) -> lgb.Booster:
            fit, judge = self.lessons.take(fold.fit), self.lessons.take(fold.predict)
            return grow_until_it_stops(shape, fit, judge, self.seed)

        return side_by_side(grow_in, folds)

    def out_of_sample(self, fit: "Callable[[Lessons], Predictor]") -> Vector:
        """What a fit predicts for the judged leads (m,), block by block or fold by fold."""
        folds = self.forward or self.shuffled
        parts = side_by_side(lambda fold: fit(self.lessons.take(fold.fit)).raw(self.lessons.X[fold.predict]), folds)
        return np.concatenate(parts) if self.forward else self._put_together(parts)

    def _put_together(self, predictions: Sequence[Vector]) -> Vector:
        raw = np.empty(len(self.lessons))
        for fold, predicted in zip(self.shuffled, predictions, strict=True):
            raw[fold.predict] = predicted
        return raw

    def _trial(self, shape: Shape | None, rounds: int, raw: Vector, still: Vector, seconds: float) -> Trial:
        won, weight = self.lessons.on_record(self.judged)
        loss = float(np.average(log_losses(raw, won), weights=weight))
        return Trial(shape, rounds, raw, still, loss, seconds)


def _middle(boosters: Sequence[lgb.Booster]) -> int:
    return max(LEAST_ROUNDS, round(float(np.median([booster.best_iteration for booster in boosters]))))


def search(
    examination: Examination, deadline: Deadline, trials: int | None, tell: Callable[[str, float], None]
) -> list[Trial]:
    """Logistic regression, then shapes of trees until the time is needed for fitting, or for `trials` shapes.

    `tell` is given a line and the share of the budget that is gone.
    """
    done = [examination.logistic(deadline)]
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=examination.seed))
    for number in range(MOST_TRIALS if trials is None else trials):
        if trials is None and number and not _time_for_another(done, deadline):
            break
        asked = study.ask() if number >= len(DIVERSE) else None
        shape = DIVERSE[number] if asked is None else _suggested(asked, number, len(examination.lessons))
        done.append(examination.trees(shape, deadline))
        if asked is not None:
            study.tell(asked, done[-1].loss)
        best = min(done, key=lambda trial: trial.loss)
        tell(f"{number + 1} shapes tried, best: {best.name}, log loss {best.loss:.4f}", deadline.share_spent)
    return done


def _time_for_another(done: Sequence[Trial], deadline: Deadline) -> bool:
    """Whether one trial more, as costly as any, leaves the time that the final fits will take."""
    another = max(trial.seconds for trial in done if trial.shape)
    most_costly_blend = sorted((another, *(trial.seconds for trial in done)), reverse=True)[: len(DIVERSE) + 1]
    return deadline.left > another + REFITS * sum(most_costly_blend)


def _suggested(trial: optuna.Trial, number: int, rows: int) -> Shape:
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
    return Shape(f"searched {number + 1 - len(DIVERSE)}", parameters, most_rounds=500)
