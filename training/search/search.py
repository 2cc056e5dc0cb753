"""The search: logistic regression, then specs of boosted trees, one after another within a time budget.

The starting specs come first, in their order, each without crosses and with those of the columns that count together;
after them Optuna's TPE sampler proposes, and from time to time the best spec so far is tried again with half its
learning rate. A time budget ends the search between trials, so a run is repeated exactly by its number of trials.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import optuna

from training.models.boosting import MANY_ROWS, RANDOMISED, STARTING_SPECS, BoosterSpec, learning_rate_for
from training.models.crosses import Cross
from training.models.ensemble import MANY_LEADS, SEEDS_OF_MANY
from training.search.cross_validation import CrossValidation, Trial
from training.search.time_budget import TimeBudget

LEADS_A_TRIAL, FEW_TRIALS, MOST_TRIALS = 50, 12, 60
"""Few leads tell few specs apart: the best of many would be the luckiest."""
FINER_EVERY = 8
"""Of many leads, every so many trials the best spec is tried with steps half as large."""
MOST_PARTS = 6
"""So many boosters, as a rule, end in an ensemble."""
SEEDS = 1.5
FORWARD_PASSES = 2.0
"""The forward blocks are predicted once with all leads alike, and again for each half-life that is tried."""
RECOUNTED_FOLDS = 2.4
AFTER_S, AFTER_S_A_LEAD = 8.5, 3e-5
"""What plots and registry take on a machine that does other work too, and predictions and counts for each lead."""


@dataclass(frozen=True)
class FinalFits:
    """What follows the search.

    Attributes:
        trials_each: what each booster of an ensemble costs after its trial, in times of that trial.
        seconds: all other work: reading what became of the test leads, plots, the registry.
    """

    trials_each: float
    seconds: float

    def seconds_after(self, trials: Sequence[Trial]) -> float:
        """The seconds that they take if the most costly of these trials end in the ensemble."""
        boosters = sorted((trial.seconds for trial in trials if trial.booster), reverse=True)
        return self.seconds + self.trials_each * sum(boosters[:MOST_PARTS])


def plan_final_fits(cross_validation: CrossValidation, past: int, most: int, everything: int) -> FinalFits:
    """What follows a search: forward blocks, fits on so many `past` leads and on `everything`, but `most` at most."""
    leads = len(cross_validation.samples)
    trial = sum(len(fold.fit) for fold in cross_validation.stratified)
    forward = FORWARD_PASSES * sum(len(fold.fit) for fold in cross_validation.forward)
    recount = RECOUNTED_FOLDS * leads if everything <= MANY_ROWS else 0
    seeds = SEEDS if leads < MANY_LEADS else SEEDS_OF_MANY
    fits = seeds * (past + min(everything, most))
    return FinalFits((fits + forward + recount) / trial, AFTER_S + AFTER_S_A_LEAD * everything)


def search(
    cross_validation: CrossValidation,
    budget: TimeBudget,
    final_fits: FinalFits,
    trials: int | None,
) -> list[Trial]:
    """Evaluate logistic regression, then `trials` specs of trees, or as many as leave time for the final fits.

    Where leads have an order, the randomised trees that an ensemble leans on in a drifting world come before them.
    """
    rows = len(cross_validation.samples)
    learning_rate = learning_rate_for(rows, budget.total_s)
    done = [cross_validation.evaluate_logistic(budget)]
    if cross_validation.forward:
        done.append(cross_validation.evaluate_booster(RANDOMISED, budget))
    ways = _list_ways_to_cross(*cross_validation.find_crosses(budget))
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=cross_validation.seed))
    for spec in STARTING_SPECS:
        for way in range(len(ways)):
            study.enqueue_trial({**spec.parameters, "crossed": way})
    most = max(len(STARTING_SPECS) * len(ways), int(np.clip(rows // LEADS_A_TRIAL, FEW_TRIALS, MOST_TRIALS)))
    for number in range(most if trials is None else trials):
        if trials is None and number and not _has_time_for_another(done, budget, final_fits):
            break
        if rows > MANY_ROWS and number % FINER_EVERY == FINER_EVERY - 1:
            done.append(cross_validation.evaluate_booster(_refine_best(done), budget))
        else:
            proposal = study.ask()
            done.append(cross_validation.evaluate_booster(_make_spec(proposal, learning_rate, ways), budget))
            study.tell(proposal, done[-1].loss)
        best = min(done, key=lambda trial: trial.loss)
        tried = "1 shape" if number == 0 else f"{number + 1} shapes"
        budget.report(f"{tried} tried, best: {best.name}, log loss {best.loss:.4f}")
    return done


def _has_time_for_another(done: Sequence[Trial], budget: TimeBudget, final_fits: FinalFits) -> bool:
    """Whether one trial more, as costly as any, leaves the time that the final fits will take."""
    most_costly = max((trial for trial in done if trial.booster), key=lambda trial: trial.seconds)
    return budget.remaining_s > most_costly.seconds + final_fits.seconds_after([*done, most_costly])


def _list_ways_to_cross(pairs: tuple[Cross, ...], threes: tuple[Cross, ...]) -> dict[str, tuple[Cross, ...]]:
    """The crosses that specs are tried with, by the end of their names: none, pairs, and threes after the pairs."""
    ways: dict[str, tuple[Cross, ...]] = {"": ()}
    if pairs:
        ways[" crossed"] = pairs
    if threes:
        ways[" crossed in threes"] = (*pairs, *threes)
    return ways


def _make_spec(proposal: optuna.Trial, learning_rate: float, ways: Mapping[str, tuple[Cross, ...]]) -> BoosterSpec:
    """The spec of a proposal; those that were put first keep their names."""
    way = list(ways)[proposal.suggest_categorical("crossed", range(len(ways)))]
    parameters: dict[str, float | int | bool] = {
        "num_leaves": proposal.suggest_int("num_leaves", 4, 96, log=True),
        "feature_fraction": proposal.suggest_float("feature_fraction", 0.25, 1.0),
        "min_data_in_leaf": proposal.suggest_int("min_data_in_leaf", 1, 100, log=True),
        "min_sum_hessian_in_leaf": proposal.suggest_float("min_sum_hessian_in_leaf", 0.001, 10.0, log=True),
        "lambda_l2": proposal.suggest_float("lambda_l2", 0.01, 100.0, log=True),
        "cat_smooth": proposal.suggest_float("cat_smooth", 2.0, 200.0, log=True),
        "cat_l2": proposal.suggest_float("cat_l2", 2.0, 200.0, log=True),
        "max_cat_threshold": proposal.suggest_categorical("max_cat_threshold", [8, 32, 128]),
        "min_data_per_group": proposal.suggest_int("min_data_per_group", 3, 200, log=True),
        "path_smooth": proposal.suggest_float("path_smooth", 0.01, 50.0, log=True),
        "bagging_fraction": proposal.suggest_float("bagging_fraction", 0.5, 1.0),
        "extra_trees": proposal.suggest_categorical("extra_trees", [False, True]),
        "learning_rate": learning_rate,
    }
    names = [f"{spec.name}{suffix}" for spec in STARTING_SPECS for suffix in ways]
    searched = proposal.number - len(names)
    name = names[proposal.number] if searched < 0 else f"searched {searched + 1}"
    return BoosterSpec(name, parameters, ways[way])


def _refine_best(done: Sequence[Trial]) -> BoosterSpec:
    """The best spec so far with half its learning rate."""
    tried = {trial.name for trial in done}
    boosters = sorted((trial for trial in done if trial.booster), key=lambda trial: trial.loss)
    for trial in boosters:
        name = f"{trial.name} finer"
        if trial.booster and name not in tried and not trial.name.endswith("finer finer"):
            halved = {**trial.booster.parameters, "learning_rate": trial.booster.learning_rate / 2}
            return replace(trial.booster, name=name, parameters=halved)
    raise AssertionError("every spec has a finer one that was not tried")
