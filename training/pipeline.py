"""train(): the whole story of a model, from a history to what the registry keeps.

    what was known when the test begins → search → make_candidates → choose → enter the contest → decide → refit

The test leads are looked at once, by every candidate together, after all choices are made. What is registered is the
chosen recipe refitted on all leads, the test leads included; what is promised is what the recipe did without them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from features.config import Order, ScoringConfig
from features.history import History
from training.checks.date_sanity import without_impossible_dates
from training.checks.leakage import explained
from training.checks.point_in_time import held_against_arrivals
from training.data.encoded_samples import Learned
from training.data.samples import Lessons
from training.data.split import Split, folds_at_random, folds_forward, split_at_random, split_by_order, split_in_time
from training.evaluation.holdout import (
    CRM_BASELINE,
    Champion,
    TestLeads,
    against_baselines,
    against_champion,
    best_of,
    enter,
    enter_baseline,
)
from training.evaluation.promotion_gate import BASE_RATE, beats_rates, decide
from training.labels.policy import Teaching, Way, choose_way
from training.labels.record_start import since_records_begin
from training.labels.states import DAY, Dataset, TooFewOutcomes, known_at, make_dataset, newest_fact
from training.model import ScoringModel
from training.models.refit import importance, refit, with_evidence
from training.search.candidates import choose, make_candidates
from training.search.cross_validation import Examination, search
from training.search.recency import by_recency
from training.search.time_budget import Clock, Deadline
from training.training_run import TrainingRun

Rows = NDArray[np.intp]
TrainingData = tuple[Dataset, Split, Dataset, tuple[str, ...]]

LEAST_OF_EACH = 10
"""With fewer winners, or fewer others, no model is tried: there would be nothing to judge it by."""

CELLS_A_SECOND = 6_000
REFIT_CELLS_A_SECOND = 24_000
"""How large a matrix is searched over, and fitted on, for each second of the budget; larger ones are cut."""


@dataclass(frozen=True)
class Settings:
    """What a run may take and how it is repeated; `trials`, where given, replaces the clock."""

    as_of: datetime | None
    budget_s: float
    seed: int
    trials: int | None = None
    today: date | None = None
    """Dates after it are no facts; None where the clock is not asked."""


def train(
    config: ScoringConfig,
    history: History,
    settings: Settings,
    champion: Champion | None,
    clock: Clock,
    tell: Callable[[str, float], None],
) -> TrainingRun:
    """Train, judge and refit; nothing is stored yet. `tell` hears what is done and the share of the budget spent.

    Raises:
        TooFewOutcomes: where none, or all, of the leads that may teach are won.
        NotAsArrived: where fields of the training leads are not as they are when leads arrive.
        TooGood: where an AUC above 0.95 is carried by fields that nobody has confirmed.
    """
    deadline = Deadline.starting_now(clock, settings.budget_s)
    order, seed, schema = config.leads.order_, settings.seed, config.schema_
    tell("reading what became of the leads", deadline.share_spent)
    dated: tuple[str, ...] = ()
    if settings.as_of is None:
        history, dated = without_impossible_dates(history, settings.today)
    dataset, split, known, notes = _split_off_test(config, history, settings)
    as_arrived = held_against_arrivals(dataset, history.arrivals, config, settings.as_of)
    afford = _Purse(len(schema.arrival_fields), settings, order)
    past = Learned.from_rows(known, afford.to_fit(np.arange(len(known))), schema)

    tried = past.take(afford.to_search(np.arange(len(past.lessons))))
    examination = examination_of(tried.lessons, order, seed)
    examination, fading = by_recency(examination) if examination else (None, ())
    trials = search(examination, deadline, settings.trials, tell) if examination else []
    candidates = make_candidates(examination, trials) if examination else []

    tell("judging by the last leads", deadline.share_spent)
    judged = tried.rows[examination.judged] if examination else np.empty(0, dtype=np.intp)
    test = TestLeads.of(dataset, split.test, known.leads.lead_id[judged], schema)
    baselines = [enter_baseline(name, past, examination, test, seed, clock) for name in (BASE_RATE, CRM_BASELINE)]
    entries = [enter(candidate, past, test, seed, clock) for candidate in candidates]
    winner = baselines[0]
    if candidates:
        winner = best_of(entries[candidates.index(choose(candidates))], entries, baselines[0], seed)
    against = against_baselines(winner, baselines, seed)
    beaten = winner.candidate is not None and beats_rates(against[BASE_RATE])
    served = winner if beaten else baselines[0]
    duel = against_champion(served, champion, test, dataset.horizon_days, seed) if champion else None

    tell("fitting on all leads", deadline.share_spent)
    everything = Learned.from_rows(dataset, afford.to_fit(np.arange(len(dataset))), schema)
    again = examination_of(everything.take(afford.to_search(np.arange(len(everything.lessons)))).lessons, order, seed)
    shares = config.training.grade_shares
    model = refit(served, everything, again, dataset.young, dataset.horizon_days, shares, seed)
    parts = importance(model, everything)
    model = with_evidence(model, parts, everything, dataset)
    strong = explained(served.run.evaluation, dataset, parts, config)
    return TrainingRun(
        project=config.path.resolve().parent.name or "leads",
        config_path=config.path,
        table=config.locate(config.leads.table),
        seed=seed,
        budget_s=settings.budget_s,
        order=order,
        dataset=dataset,
        split=split,
        candidates=tuple(entry.run for entry in (*baselines, *entries)),
        chosen=served.run.name,
        decision=decide(winner.run.name, beaten, against, duel),
        model=model,
        importance=parts,
        trials=sum(trial.shape is not None for trial in trials),
        seconds=deadline.spent,
        notes=(
            *history.notes,
            *dated,
            *notes,
            *dataset.notes,
            *fading,
            *_notes(dataset, everything, order),
            *as_arrived,
            *strong,
            *_one_grade(model),
        ),
    )


@dataclass(frozen=True)
class _Purse:
    """How many rows the budget pays for, by size alone, so that a run can be repeated: the newest, or a random part."""

    fields: int
    settings: Settings
    order: Order

    def to_fit(self, rows: Rows) -> Rows:
        return self._cut(rows, REFIT_CELLS_A_SECOND)

    def to_search(self, rows: Rows) -> Rows:
        return self._cut(rows, CELLS_A_SECOND)

    def _cut(self, rows: Rows, cells_a_second: int) -> Rows:
        most = max(1_000, int(cells_a_second * self.settings.budget_s / self.fields))
        if len(rows) <= most:
            return rows
        if self.order == "none":
            return np.sort(np.random.default_rng(self.settings.seed).choice(rows, most, replace=False))
        return rows[-most:]


def known_to_teach(config: ScoringConfig, history: History, settings: Settings) -> Dataset:
    """Every lead that may teach, young ones too where it is recorded when leads arrive and are won."""
    horizon_days, by_arrival = config.outcome.horizon_days, config.leads.order_ == "created_at"
    if settings.as_of is None:
        history, _ = without_impossible_dates(history, settings.today)
    if by_arrival and history.leads.created_at is not None and history.closed_at is not None:
        return Teaching(history, config.schema_, horizon_days, settings.seed).at(settings.as_of)
    return make_dataset(history, settings.as_of, horizon_days, by_arrival=by_arrival)


def _split_off_test(config: ScoringConfig, history: History, settings: Settings) -> TrainingData:
    """All that can be learned, the test among it, what could be learned when the test began, and what to say of it."""
    horizon_days, order = config.outcome.horizon_days, config.leads.order_
    as_of = settings.as_of or newest_fact(history)
    if order != "created_at" or history.leads.created_at is None or as_of is None:
        dataset = make_dataset(history, as_of, horizon_days, by_arrival=False)
        split = split_at_random(dataset.won, settings.seed) if order == "none" else split_by_order(len(dataset))
        return dataset, split, dataset.take(split.train), ()
    facts, begins = since_records_begin(known_at(history, as_of), horizon_days)
    teaching = Teaching(facts, config.schema_, horizon_days, settings.seed)
    way, why = choose_way(teaching, as_of)
    teaching = replace(teaching, way=way)
    if way is Way.LATE:
        try:
            dataset = teaching.at(as_of)
            split, known = teaching.before_test(dataset)
        except TooFewOutcomes as refused:
            return _matured_instead(teaching, as_of, begins, refused)
        return dataset, split, known, (*begins, why)
    return _matured_only(teaching, as_of, (*begins, why))


def _matured_only(teaching: Teaching, as_of: datetime, says: tuple[str, ...]) -> TrainingData:
    dataset = replace(teaching, way=Way.MATURED).at(as_of)
    split = split_in_time((dataset.arrived - dataset.arrived[0]) / DAY, teaching.horizon_days)
    return dataset, split, dataset.take(split.train), (*says, *_too_short(split, teaching.horizon_days))


def _matured_instead(
    teaching: Teaching, as_of: datetime, says: tuple[str, ...], refused: TooFewOutcomes
) -> TrainingData:
    """Matured leads alone, where young ones leave nothing to judge by; else it is said what those lack."""
    why = "only matured leads teach: with young ones there would be nothing to judge a model by"
    try:
        return _matured_only(teaching, as_of, (*says, why))
    except TooFewOutcomes:
        raise refused from None


def examination_of(lessons: Lessons, order: Order, seed: int) -> Examination | None:
    """How trials on these leads are judged; None where too few of them were won, or were not."""
    if lessons.fewest < LEAST_OF_EACH:
        return None
    forward = folds_forward(lessons.won) if order != "none" else []
    return Examination(lessons, folds_at_random(lessons.won, seed), forward, seed)


def _too_short(split: Split, horizon_days: int) -> list[str]:
    if split.gap_days >= horizon_days:
        return []
    return [
        f"the history is too short for a gap of {horizon_days} days before the test leads: "
        f"{split.gap_days:.0f} days lie between"
    ]


def _one_grade(model: ScoringModel) -> list[str]:
    """What is to be said where scores do not differ enough for grades."""
    if model.ranking.telling:
        return []
    probability = np.array(model.ranking.probabilities)
    (grade,) = np.unique(model.ranking.grade(probability))
    low, high = 100 * probability.min(), 100 * probability.max()
    return [f"scores hardly differ ({low:.2f} to {high:.2f} in 100), so every lead gets grade {grade}"]


def _notes(dataset: Dataset, everything: Learned, order: Order) -> list[str]:
    if len(everything.rows) == len(dataset):
        return []
    which = "a random part" if order == "none" else "the newest"
    counts = f"{len(everything.rows):,} of {len(dataset):,}"
    return [f"learned from {which} of the leads, {counts}: a larger budget takes more"]
