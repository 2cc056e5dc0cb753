"""The data of a training run: its examples, their test, and what was known when the test began."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from features.config import ScoringConfig
from features.history import History
from training.checks.date_sanity import drop_impossible_dates
from training.data.dataset import Dataset, TooFewOutcomes, make_dataset
from training.data.split import Split, split_at_random, split_by_order, split_in_time
from training.labels.policy import LabelPolicy, SnapshotBuilder, choose_label_policy
from training.labels.record_start import trim_before_first_outcome
from training.labels.states import DAY, cut_history, infer_as_of


@dataclass(frozen=True)
class TrainingData:
    """All training examples, their split, and the examples as of the day when the test begins.

    Candidates are fitted on `past`, which holds no test lead; `notes` say how the data were made.
    """

    dataset: Dataset
    split: Split
    past: Dataset
    notes: tuple[str, ...]


def prepare_training_data(
    config: ScoringConfig,
    history: History,
    as_of: datetime | None,
    today: date | None,
    seed: int,
    most_fitted: int | None = None,
) -> TrainingData:
    """Label a history and split off the test; at most so many leads are fitted on for the choice of labels.

    Raises:
        TooFewOutcomes: where the examples do not hold both winners and others.
    """
    history, date_notes = _drop_impossible_dates(history, as_of, today)
    horizon_days, order = config.outcome.horizon_days, config.leads.resolved_order
    as_of = as_of or infer_as_of(history)
    if order != "created_at" or history.leads.created_at is None or as_of is None:
        dataset = make_dataset(history, as_of, horizon_days, by_arrival=False)
        split = split_at_random(dataset.won, seed) if order == "none" else split_by_order(len(dataset))
        return TrainingData(dataset, split, dataset.take(split.train), date_notes)
    history, trim_notes = trim_before_first_outcome(cut_history(history, as_of), horizon_days)
    builder = SnapshotBuilder(history, config.lead_schema, horizon_days, seed, most_fitted=most_fitted)
    policy, why = choose_label_policy(builder, as_of)
    made_notes = (*date_notes, *trim_notes)
    if policy is LabelPolicy.MATURED_ONLY:
        return _split_matured(builder, as_of, (*made_notes, why))
    try:
        dataset = builder.build(as_of)
        split, past = builder.split_test(dataset)
    except TooFewOutcomes as too_few:
        why = "only matured leads teach: with young ones there would be nothing to judge a model by"
        try:
            return _split_matured(builder, as_of, (*made_notes, why))
        except TooFewOutcomes:
            raise too_few from None  # it says more: what is missing although young leads count
    return TrainingData(dataset, split, past, (*made_notes, why))


def make_training_dataset(
    config: ScoringConfig, history: History, as_of: datetime | None, today: date | None, seed: int
) -> Dataset:
    """Every training example, delay-corrected young leads too where it is recorded when leads arrive and are won.

    Raises:
        TooFewOutcomes: where the examples do not hold both winners and others.
    """
    horizon_days, by_arrival = config.outcome.horizon_days, config.leads.resolved_order == "created_at"
    history, _ = _drop_impossible_dates(history, as_of, today)
    if by_arrival and history.leads.created_at is not None and history.closed_at is not None:
        return SnapshotBuilder(history, config.lead_schema, horizon_days, seed).build(as_of)
    return make_dataset(history, as_of, horizon_days, by_arrival=by_arrival)


def _drop_impossible_dates(
    history: History, as_of: datetime | None, today: date | None
) -> tuple[History, tuple[str, ...]]:
    """An as-of date that was asked for cuts such dates off anyway."""
    return drop_impossible_dates(history, today) if as_of is None else (history, ())


def _split_matured(builder: SnapshotBuilder, as_of: datetime, notes: tuple[str, ...]) -> TrainingData:
    dataset = replace(builder, policy=LabelPolicy.MATURED_ONLY).build(as_of)
    arrival_days = (dataset.arrived_at - dataset.arrived_at[0]) / DAY
    split = split_in_time(arrival_days, builder.horizon_days)
    if split.gap_days < builder.horizon_days:
        too_short = (
            f"the history is too short for a gap of {builder.horizon_days} days before the test leads: "
            f"{split.gap_days:.0f} days lie between"
        )
        notes = (*notes, too_short)
    return TrainingData(dataset, split, dataset.take(split.train), notes)
