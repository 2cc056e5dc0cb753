"""Shapes of trees tried one after another within a budget, each predicting leads it has not seen."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from tests.training.leads import learned
from training.data.samples import Samples
from training.data.split import Fold, keep_enough_folds, make_forward_folds, make_stratified_folds
from training.models.boosting import STARTING_SPECS, BoosterSpec
from training.models.crosses import Cross
from training.models.logistic import fit_logistic
from training.search.cross_validation import CrossValidation, Trial
from training.search.search import FEW_TRIALS, MOST_PARTS, MOST_TRIALS, FinalFits, plan_final_fits, search
from training.search.time_budget import TimeBudget

SMALL = BoosterSpec("small", {"num_leaves": 4, "learning_rate": 0.1})


@pytest.fixture(scope="module")
def samples() -> Samples:
    return learned(400).samples


def cross_validation(samples: Samples, *, forward: bool, seed: int = 7) -> CrossValidation:
    return CrossValidation(
        samples, make_stratified_folds(samples.y, seed), make_forward_folds(samples.y) if forward else [], seed
    )


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def unhurried() -> TimeBudget:
    return TimeBudget(Clock(), Clock.now, 60.0)


def test_each_lead_is_predicted_by_a_model_that_was_fitted_without_it(samples: Samples) -> None:
    validation = cross_validation(samples, forward=False)
    trial = validation.evaluate_logistic(unhurried())
    for fold in validation.stratified:
        theirs = fit_logistic(samples.take(fold.fit)).raw_score(samples.X[fold.predict])
        mine = trial.raw_score[np.isin(validation.stratified_rows, fold.predict)]
        assert mine.tolist() == theirs.tolist()


def test_what_a_lead_became_does_not_reach_its_own_score(samples: Samples) -> None:
    validation = cross_validation(samples, forward=True)
    last = validation.forward[-1].predict
    won = samples.y.copy()
    won[last] = 1 - won[last]
    turned = replace(validation, samples=replace(samples, y=won))
    rows = np.isin(validation.forward_rows, last)
    parts = [validation.evaluate_logistic(unhurried()), validation.evaluate_booster(SMALL, unhurried())]
    for name, raw in validation.predict_forward(parts).items():
        assert raw[rows].tolist() == turned.predict_forward(parts)[name][rows].tolist()


def test_leads_with_an_order_are_predicted_block_by_block_forward(samples: Samples) -> None:
    validation = cross_validation(samples, forward=True)
    trial = validation.evaluate_booster(SMALL, unhurried())
    rows = validation.predicted_rows
    assert rows.tolist() == list(range(rows[0], len(samples)))
    assert len(validation.predict_forward([trial])[SMALL.name]) == len(rows) == sum(validation.block_sizes)
    assert len(trial.raw_score) == len(samples)
    assert trial.rounds >= 5


def test_of_many_leads_a_part_of_the_folds_is_enough() -> None:
    won = (np.arange(60_000) % 4 == 0).astype(float)
    folds = make_stratified_folds(won, 7)
    assert len(keep_enough_folds(folds, won)) == 2
    assert len(keep_enough_folds(folds, (np.arange(60_000) % 50 == 0).astype(float))) == 5
    few = won[:3_000]
    assert len(keep_enough_folds(make_stratified_folds(few, 7), few)) == 5


def test_the_same_seed_gives_the_same_trial_on_however_many_threads(samples: Samples) -> None:
    first, again = (cross_validation(samples, forward=True).evaluate_booster(SMALL, unhurried()) for _ in range(2))
    other = cross_validation(samples, forward=True, seed=8).evaluate_booster(SMALL, unhurried())
    assert first.raw_score.tolist() == again.raw_score.tolist()
    assert first.raw_score.tolist() != other.raw_score.tolist()


def test_a_trial_on_noise_is_worth_few_rounds_and_one_on_signal_more() -> None:
    noise, signal = learned(400, signal=0.0).samples, learned(400, signal=2.0).samples
    rounds = [
        cross_validation(examples, forward=False).evaluate_booster(SMALL, unhurried()).rounds
        for examples in (noise, signal)
    ]
    assert rounds[0] < 20 < rounds[1]


@dataclass
class Slow:
    """A cross-validation whose every trial takes `seconds` on the clock and does nothing else."""

    clock: Clock
    seconds: float
    samples: Samples
    seed: int = 7
    shapes: list[BoosterSpec] = field(default_factory=list)
    forward: tuple[Fold, ...] = ()
    pairs: tuple[Cross, ...] = ()
    threes: tuple[Cross, ...] = ()

    def find_crosses(self, budget: TimeBudget) -> tuple[tuple[Cross, ...], tuple[Cross, ...]]:  # noqa: ARG002
        return self.pairs, self.threes

    def evaluate_logistic(self, budget: TimeBudget) -> Trial:  # noqa: ARG002 - as a CrossValidation is asked
        return self._trial(None, 0.5, loss=0.6)

    def evaluate_booster(self, booster: BoosterSpec, budget: TimeBudget) -> Trial:  # noqa: ARG002
        self.shapes.append(booster)
        return self._trial(booster, self.seconds, loss=0.5 + 0.01 * len(self.shapes))

    def _trial(self, booster: BoosterSpec | None, seconds: float, loss: float) -> Trial:
        self.clock.now += seconds
        return Trial(booster, 10, np.zeros(0), loss, seconds)


AFTER = FinalFits(trials_each=1.5, seconds=2.0)


def mere_leads(leads: int) -> Samples:
    """So many of them, for a search that looks at nothing else."""
    return Samples([], np.zeros((leads, 0)), np.arange(leads) % 2.0, np.ones(leads))


def slow_search(
    samples: Samples, seconds: float, budget_s: float, trials: int | None = None
) -> tuple[Slow, TimeBudget]:
    clock = Clock()
    budget = TimeBudget(clock, clock.now, budget_s)
    validation = Slow(clock, seconds, samples)
    search(validation, budget, AFTER, trials)  # type: ignore[arg-type]
    return validation, budget


@pytest.mark.parametrize("seconds", [0.7, 2.0, 5.0])
def test_the_search_ends_while_there_is_time_for_the_final_fits(seconds: float) -> None:
    validation, budget = slow_search(mere_leads(4_000), seconds, budget_s=60.0)
    final = 2.0 + 1.5 * seconds * min(len(validation.shapes), MOST_PARTS)
    assert budget.remaining_s >= final
    assert budget.remaining_s <= final + 3 * seconds or len(validation.shapes) == MOST_TRIALS


def test_final_fits_cost_more_where_they_are_on_more_leads_and_where_leads_have_an_order(samples: Samples) -> None:
    plain, ordered = (cross_validation(samples, forward=forward) for forward in (False, True))
    as_many, more = (plan_final_fits(plain, leads, leads, leads).trials_each for leads in (40_000, 80_000))
    assert more == pytest.approx(2 * as_many)
    assert plan_final_fits(ordered, 400, 400, 400).trials_each > plan_final_fits(plain, 400, 400, 400).trials_each


def test_few_leads_tell_few_specs_apart(samples: Samples) -> None:
    assert len(slow_search(samples, 0.01, budget_s=600.0)[0].shapes) == FEW_TRIALS
    assert len(slow_search(mere_leads(9_000), 0.01, budget_s=600.0)[0].shapes) == MOST_TRIALS


def test_one_booster_is_tried_however_short_the_budget_is(samples: Samples) -> None:
    assert len(slow_search(samples, 100.0, budget_s=1.0)[0].shapes) == 1


@pytest.mark.parametrize("trials", [1, 3, 12])
def test_a_number_of_trials_takes_the_place_of_the_clock(samples: Samples, trials: int) -> None:
    assert len(slow_search(samples, 100.0, budget_s=1.0, trials=trials)[0].shapes) == trials


def test_the_starting_specs_come_first_and_the_same_seed_proposes_the_same_after_them(samples: Samples) -> None:
    first, again = (slow_search(samples, 1.0, 60.0, trials=9)[0].shapes for _ in range(2))
    assert [shape.name for shape in first[:6]] == [shape.name for shape in STARTING_SPECS]
    pairs = zip(first, STARTING_SPECS, strict=False)
    assert all(one.parameters.items() >= given.parameters.items() for one, given in pairs)
    assert [shape.name for shape in first[6:]] == ["searched 1", "searched 2", "searched 3"]
    assert first == again
    assert first[6].parameters != first[7].parameters


def test_where_columns_count_together_each_starting_spec_is_tried_without_their_cross_and_with_it(
    samples: Samples,
) -> None:
    clock, pairs = Clock(), (("country", "product"),)
    validation = Slow(clock, 1.0, samples, pairs=pairs)
    search(validation, TimeBudget(clock, clock.now, 60.0), AFTER, 14)  # type: ignore[arg-type]
    names = [name for spec in STARTING_SPECS for name in (spec.name, f"{spec.name} crossed")]
    assert [shape.name for shape in validation.shapes] == [*names, "searched 1", "searched 2"]
    assert [shape.crosses for shape in validation.shapes[:12]] == [(), pairs] * 6


def test_where_three_columns_count_together_each_starting_spec_is_tried_with_pairs_and_threes_too(
    samples: Samples,
) -> None:
    clock, pairs, threes = Clock(), (("country", "product"),), (("country", "product", "visits"),)
    both = Slow(clock, 1.0, samples, pairs=pairs, threes=threes)
    search(both, TimeBudget(clock, clock.now, 60.0), AFTER, 18)  # type: ignore[arg-type]
    assert [shape.crosses for shape in both.shapes] == [(), pairs, pairs + threes] * 6
    few = Slow(clock, 1.0, mere_leads(600), pairs=pairs, threes=threes)
    search(few, TimeBudget(clock, clock.now, 600.0), AFTER, None)  # type: ignore[arg-type]
    assert len(few.shapes) == 18
    threes_alone = Slow(clock, 1.0, samples, threes=threes)
    search(threes_alone, TimeBudget(clock, clock.now, 60.0), AFTER, 12)  # type: ignore[arg-type]
    assert [shape.crosses for shape in threes_alone.shapes] == [(), threes] * 6


def test_more_trials_begin_with_the_same_ones(samples: Samples) -> None:
    """So a run that the clock ended is repeated by its number of trials."""
    few, many = (slow_search(samples, 1.0, 60.0, trials=trials)[0].shapes for trials in (7, 10))
    assert many[:7] == few


def test_it_tells_what_is_best_so_far_and_how_much_of_the_budget_is_gone(samples: Samples) -> None:
    clock, told = Clock(), []
    validation = Slow(clock, 5.0, samples)
    budget = TimeBudget(clock, clock.now, 50.0, lambda what, share: told.append((what, share)))
    search(validation, budget, AFTER, 2)  # type: ignore[arg-type]
    assert [what for what, _ in told] == [
        "1 shape tried, best: middle, log loss 0.5100",
        "2 shapes tried, best: middle, log loss 0.5100",
    ]
    assert [share for _, share in told] == pytest.approx([0.11, 0.21])


def test_of_many_leads_the_best_spec_is_tried_again_in_smaller_steps() -> None:
    shapes = slow_search(mere_leads(30_000), 1.0, 60.0, trials=17)[0].shapes
    assert [shapes[7].name, shapes[15].name] == ["middle finer", "small randomised finer"]
    assert shapes[7].learning_rate == shapes[0].learning_rate / 2
