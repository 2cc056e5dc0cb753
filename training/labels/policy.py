"""Which leads teach: matured ones only, or young ones too, as far as their outcomes are known. The past decides.

Both ways are tried on the history as it stood when the test begins: a logistic regression learns by each what was
known at an earlier day, and is judged by the leads that came after. Young leads teach unless that was worse.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from features.history import History
from features.schema import LeadSchema
from training.data.encoded_samples import Learned
from training.data.split import HALF_KNOWN, Split, split_as_known
from training.labels.delayed_feedback import with_expected_outcomes
from training.labels.states import Dataset, TooFewOutcomes, how_to_mature, make_dataset
from training.labels.time_to_win import LEAST_WINS
from training.models.calibration import log_losses
from training.models.logistic import fit_logistic

Vector = NDArray[np.float64]

DATED_SHARE = 0.9


class Way(StrEnum):
    """Which leads teach."""

    MATURED = "matured leads only"
    LATE = "young leads too"


@dataclass(frozen=True)
class Teaching:
    """A history, and the way in which it is read at whatever as-of date."""

    history: History
    schema: LeadSchema
    horizon_days: int
    seed: int
    way: Way = Way.LATE
    made: dict[tuple[Way, datetime | None], Dataset] = field(default_factory=dict, repr=False, compare=False)
    """What was asked for already; `replace` shares it."""

    def at(self, as_of: datetime | None) -> Dataset:
        """What can be learned on that day.

        Raises:
            TooFewOutcomes: where the leads that may teach do not hold both winners and others.
        """
        key = self.way, as_of
        if key not in self.made:
            young_too = self.way is Way.LATE
            dataset = make_dataset(self.history, as_of, self.horizon_days, young_too=young_too)
            self.made[key] = with_expected_outcomes(dataset, self.schema, self.seed) if young_too else dataset
        return self.made[key]

    def before_test(self, dataset: Dataset) -> tuple[Split, Dataset]:
        """The test among a dataset's leads, and what could be learned when it began.

        Raises:
            TooFewOutcomes: where no lead is known by half, or where what was known then teaches nothing.
        """
        matured = np.flatnonzero(dataset.age >= dataset.horizon_days)
        half_known = np.flatnonzero(dataset.known >= HALF_KNOWN)
        if not len(half_known):
            raise TooFewOutcomes(_none_half_known(dataset))
        split = split_as_known(matured, half_known, dataset.seen_won)
        begins = _arrival(dataset, int(split.test[0]))
        try:
            return split, self.at(begins)
        except TooFewOutcomes:
            raise TooFewOutcomes(_nothing_before(begins, dataset)) from None


def choose_way(teaching: Teaching, as_of: datetime) -> tuple[Way, str]:
    """The way that the leads before the test speak for, and why."""
    if unfit := _cannot_be_late(teaching.history):
        return Way.MATURED, f"only leads older than {teaching.horizon_days} days teach: {unfit}"
    late = replace(teaching, way=Way.LATE)
    try:
        _, then = late.before_test(late.at(as_of))
        split, earlier = late.before_test(then)
    except TooFewOutcomes:
        return Way.LATE, "leads too young for their outcomes teach in part; the history is too short to try it out"
    losses = {Way.LATE: _losses(earlier, then, split, teaching)}
    try:
        matured = replace(teaching, way=Way.MATURED).at(_arrival(then, int(split.test[0])))
    except TooFewOutcomes:
        return (
            Way.LATE,
            "leads too young for their outcomes teach in part; matured leads alone were too few to learn from",
        )
    losses[Way.MATURED] = _losses(matured, then, split, teaching)
    return _better(losses, then.known[split.test])


def _cannot_be_late(history: History) -> str:
    if history.leads.created_at is None or history.closed_at is None:
        return "it is not recorded when leads arrive and are won"
    won = history.status == "won"
    dated = ~np.isnat(history.closed_at[won])
    if dated.sum() < LEAST_WINS:
        return f"there are fewer than {LEAST_WINS} dated wins to tell from how long a win takes"
    if dated.mean() < DATED_SHARE:
        return f"only {dated.mean():.0%} of the wins are dated"
    return ""


def _losses(past: Dataset, then: Dataset, split: Split, teaching: Teaching) -> Vector:
    """The log loss of each test lead of `then`, as far as its outcome is known, by what was learned from `past`."""
    learned = Learned.from_rows(past, np.arange(len(past)), teaching.schema)
    raw = fit_logistic(learned.lessons).raw(learned.encoder.encode(then.leads.take(split.test)))
    return log_losses(raw, then.seen_won[split.test] / then.known[split.test])


def _better(losses: Mapping[Way, Vector], weight: Vector) -> tuple[Way, str]:
    means = {way: float(np.average(lost, weights=weight)) for way, lost in losses.items()}
    worse_by = (losses[Way.LATE] - losses[Way.MATURED]) * weight / weight.mean()
    late = worse_by.mean() <= worse_by.std() / np.sqrt(len(worse_by))
    says = "leads too young for their outcomes teach in part" if late else "only matured leads teach"
    return Way.LATE if late else Way.MATURED, (
        f"{says}: learned so, a logistic regression had a log loss of {means[Way.LATE]:.4f} with them and "
        f"{means[Way.MATURED]:.4f} without, on {len(weight):,} leads before the test"
    )


def _none_half_known(dataset: Dataset) -> str:
    oldest = float(dataset.age.max())
    when = f" at {dataset.as_of:%Y-%m-%d}" if dataset.as_of else ""
    return (
        f"the outcome of no lead is known by half{when}: the oldest is {oldest:.0f} days old, and of the wins within "
        f"the horizon of {dataset.horizon_days} days about {dataset.known.max():.0%} have come by that age, so nothing "
        f"is there to judge a model by.{how_to_mature(dataset.arrived, dataset.as_of, dataset.horizon_days)}"
    )


def _nothing_before(begins: datetime, dataset: Dataset) -> str:
    when = f" at {dataset.as_of:%Y-%m-%d}" if dataset.as_of else ""
    return (
        f"the leads that can be judged{when} arrived from {begins:%Y-%m-%d} on, and by that day too little was known "
        f"to learn from: both winners and others are needed."
        f"{how_to_mature(dataset.arrived, dataset.as_of, dataset.horizon_days)}"
    )


def _arrival(dataset: Dataset, row: int) -> datetime:
    arrived: datetime = dataset.arrived[row].item()
    return arrived.replace(tzinfo=UTC)
