"""Shapes of trees tried one after another within a budget, each predicting leads it has not seen."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from tests.training.leads import learned
from training.data.samples import Lessons
from training.data.split import folds_at_random, folds_forward
from training.models.boosting import DIVERSE, Shape
from training.models.logistic import fit_logistic
from training.search.cross_validation import REFITS, Examination, Trial, search
from training.search.time_budget import Deadline

SMALL = Shape("small", {"num_leaves": 4, "learning_rate": 0.1}, most_rounds=60)


@pytest.fixture(scope="module")
def lessons() -> Lessons:
    return learned(400).lessons


def examination(lessons: Lessons, *, forward: bool, seed: int = 7) -> Examination:
    return Examination(lessons, folds_at_random(lessons.won, seed), folds_forward(lessons.won) if forward else [], seed)


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def unhurried() -> Deadline:
    return Deadline.starting_now(Clock(), 60.0)


def test_each_lead_is_judged_by_a_model_that_has_not_seen_it(lessons: Lessons) -> None:
    exam = examination(lessons, forward=False)
    trial = exam.logistic(unhurried())
    for fold in exam.shuffled:
        theirs = fit_logistic(lessons.take(fold.fit)).raw(lessons.X[fold.predict])
        assert trial.raw[fold.predict].tolist() == theirs.tolist()


def test_what_a_lead_became_does_not_reach_its_own_score(lessons: Lessons) -> None:
    exam = examination(lessons, forward=True)
    last = exam.forward[-1].predict
    won = lessons.won.copy()
    won[last] = 1 - won[last]
    turned = Examination(Lessons(lessons.columns, lessons.X, won, lessons.weight), [], exam.forward, 7)
    rows = np.isin(exam.judged, last)
    logistic = turned.logistic(unhurried()), Examination(lessons, [], exam.forward, 7).logistic(unhurried())
    assert logistic[0].raw[rows].tolist() == logistic[1].raw[rows].tolist()


def test_leads_with_an_order_are_judged_block_by_block_forward(lessons: Lessons) -> None:
    exam = examination(lessons, forward=True)
    trial = exam.trees(SMALL, unhurried())
    assert exam.judged.tolist() == list(range(exam.judged[0], len(lessons)))
    assert (len(trial.raw), len(trial.still_raw)) == (len(exam.judged), len(lessons))
    assert trial.rounds >= 5


def test_the_same_seed_gives_the_same_trial_on_however_many_threads(lessons: Lessons) -> None:
    first, again = (examination(lessons, forward=True).trees(SMALL, unhurried()) for _ in range(2))
    other = examination(lessons, forward=True, seed=8).trees(SMALL, unhurried())
    assert first.raw.tolist() == again.raw.tolist()
    assert first.raw.tolist() != other.raw.tolist()


def test_a_trial_on_noise_is_worth_few_rounds_and_one_on_signal_more() -> None:
    noise, signal = learned(400, signal=0.0).lessons, learned(400, signal=2.0).lessons
    rounds = [examination(taught, forward=False).trees(SMALL, unhurried()).rounds for taught in (noise, signal)]
    assert rounds[0] < 20 < rounds[1]


@dataclass
class Slow:
    """An examination whose every trial takes `seconds` on the clock and does nothing else."""

    clock: Clock
    seconds: float
    lessons: Lessons
    seed: int = 7
    shapes: list[Shape] = field(default_factory=list)

    def logistic(self, deadline: Deadline) -> Trial:  # noqa: ARG002 - as an Examination is asked
        return self._trial(None, 0.5, loss=0.6)

    def trees(self, shape: Shape, deadline: Deadline) -> Trial:  # noqa: ARG002
        self.shapes.append(shape)
        return self._trial(shape, self.seconds, loss=0.5 + 0.01 * len(self.shapes))

    def _trial(self, shape: Shape | None, seconds: float, loss: float) -> Trial:
        self.clock.now += seconds
        return Trial(shape, 10, np.zeros(0), np.zeros(0), loss, seconds)


def slow_search(lessons: Lessons, seconds: float, budget: float, trials: int | None = None) -> tuple[Slow, Deadline]:
    clock = Clock()
    deadline = Deadline.starting_now(clock, budget)
    exam = Slow(clock, seconds, lessons)
    search(exam, deadline, trials, lambda *_: None)  # type: ignore[arg-type]
    return exam, deadline


@pytest.mark.parametrize("seconds", [0.7, 2.0, 5.0])
def test_the_search_ends_while_there_is_time_for_the_final_fits(lessons: Lessons, seconds: float) -> None:
    exam, deadline = slow_search(lessons, seconds, budget=60.0)
    final = min(len(exam.shapes), 5) * seconds * REFITS
    assert deadline.left >= final
    assert deadline.left <= final + 4 * seconds * REFITS or len(exam.shapes) == 40


def test_one_shape_is_tried_however_short_the_budget_is(lessons: Lessons) -> None:
    assert len(slow_search(lessons, 100.0, budget=1.0)[0].shapes) == 1


@pytest.mark.parametrize("trials", [1, 3, 12])
def test_a_number_of_trials_takes_the_place_of_the_clock(lessons: Lessons, trials: int) -> None:
    assert len(slow_search(lessons, 100.0, budget=1.0, trials=trials)[0].shapes) == trials


def test_the_diverse_shapes_come_first_and_the_same_seed_proposes_the_same_after_them(lessons: Lessons) -> None:
    first, again = (slow_search(lessons, 1.0, 60.0, trials=7)[0].shapes for _ in range(2))
    assert first[:4] == list(DIVERSE)
    assert [shape.name for shape in first[4:]] == ["searched 1", "searched 2", "searched 3"]
    assert first == again
    assert first[4].parameters != first[5].parameters


def test_more_trials_begin_with_the_same_ones(lessons: Lessons) -> None:
    """So a run that the clock ended is repeated by its number of trials."""
    few, many = (slow_search(lessons, 1.0, 60.0, trials=trials)[0].shapes for trials in (6, 9))
    assert many[:6] == few


def test_it_tells_what_is_best_so_far_and_how_much_of_the_budget_is_gone(lessons: Lessons) -> None:
    clock, told = Clock(), []
    exam = Slow(clock, 5.0, lessons)
    search(exam, Deadline.starting_now(clock, 50.0), 2, lambda what, share: told.append((what, share)))  # type: ignore[arg-type]
    assert [what for what, _ in told] == [
        "1 shapes tried, best: small, log loss 0.5100",
        "2 shapes tried, best: small, log loss 0.5100",
    ]
    assert [share for _, share in told] == pytest.approx([0.11, 0.21])


def test_a_deadline_counts_from_its_start() -> None:
    clock = Clock()
    deadline = Deadline.starting_now(clock, 40.0)
    clock.now += 10.0
    assert (deadline.spent, deadline.left, deadline.share_spent) == (10.0, 30.0, 0.25)


@pytest.mark.parametrize(("rows", "least"), [(100, 5), (1_000, 20), (100_000, 50)])
def test_leaves_hold_fewer_leads_where_leads_are_few(rows: int, least: int) -> None:
    assert SMALL.for_rows(rows, seed=3)["min_data_in_leaf"] == least
    assert Shape("own", {"min_data_in_leaf": 7}).for_rows(rows, seed=3)["min_data_in_leaf"] == 7
