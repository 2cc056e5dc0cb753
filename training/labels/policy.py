"""The label policy of a training run: matured leads only, or all contacted leads with a correction for delay.

Both are tried on the history as it stood when the test begins: a logistic regression is fitted by each on what was
known at an earlier day, and evaluated on the leads that came after. Delay is corrected for unless that was worse.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import numpy as np

from features.history import History
from features.schema import LeadSchema
from stats.calibration import log_losses
from stats.instants import to_datetime
from stats.types import Vector
from training.data.dataset import Dataset, TooFewOutcomes, advise_on_maturity, make_dataset
from training.data.encoded_samples import EncodedSamples
from training.data.split import HALF_OBSERVED, Split, split_for_delay
from training.labels.delayed_feedback import add_expected_outcomes
from training.labels.time_to_win import LEAST_WINS
from training.models.logistic import fit_logistic

DATED_SHARE = 0.9
CORRECTED, MATURED = "leads too young for their outcomes teach in part", "only matured leads teach"


class LabelPolicy(StrEnum):
    """Which leads are training examples."""

    MATURED_ONLY = "matured leads only"
    DELAY_CORRECTED = "young leads too"


@dataclass(frozen=True)
class SnapshotBuilder:
    """Makes datasets of one history at any as-of date, by one label policy."""

    history: History
    schema: LeadSchema
    horizon_days: int
    seed: int
    policy: LabelPolicy = LabelPolicy.DELAY_CORRECTED
    most_fitted: int | None = None
    """So many leads, the newest, are fitted on where policies are compared; None for all."""
    cache: dict[tuple[LabelPolicy, datetime | None], Dataset] = field(default_factory=dict, repr=False, compare=False)
    """Datasets that were built already; `replace` shares it."""

    def build(self, as_of: datetime | None) -> Dataset:
        """The training examples as of that day.

        Raises:
            TooFewOutcomes: where they do not hold both winners and others.
        """
        key = self.policy, as_of
        if key not in self.cache:
            corrected = self.policy is LabelPolicy.DELAY_CORRECTED
            dataset = make_dataset(self.history, as_of, self.horizon_days, include_young=corrected)
            self.cache[key] = add_expected_outcomes(dataset, self.schema, self.seed) if corrected else dataset
        return self.cache[key]

    def split_test(self, dataset: Dataset) -> tuple[Split, Dataset]:
        """The test rows of a dataset, and the training examples as of the day when the test begins.

        Raises:
            TooFewOutcomes: where no outcome is observed by half, or where too little was known when the test begins.
        """
        matured = np.flatnonzero(dataset.age >= dataset.horizon_days)
        half_observed = np.flatnonzero(dataset.observed_share >= HALF_OBSERVED)
        if not len(half_observed):
            raise TooFewOutcomes(_describe_none_observed(dataset))
        split = split_for_delay(matured, half_observed, dataset.recorded_win)
        begins = _arrival(dataset, int(split.test[0]))
        try:
            return split, self.build(begins)
        except TooFewOutcomes:
            raise TooFewOutcomes(_describe_nothing_before(begins, dataset)) from None


def choose_label_policy(builder: SnapshotBuilder, as_of: datetime) -> tuple[LabelPolicy, str]:
    """The policy with the lower log loss on the leads before the test, within noise the correction; and why."""
    if reason := _why_not_corrected(builder.history):
        return LabelPolicy.MATURED_ONLY, f"only leads older than {builder.horizon_days} days teach: {reason}"
    corrected = replace(builder, policy=LabelPolicy.DELAY_CORRECTED)
    try:
        _, later = corrected.split_test(corrected.build(as_of))
        split, earlier = corrected.split_test(later)
    except TooFewOutcomes:
        return LabelPolicy.DELAY_CORRECTED, f"{CORRECTED}; the history is too short to try it out"
    try:
        matured_only = replace(builder, policy=LabelPolicy.MATURED_ONLY)
        matured = matured_only.build(_arrival(later, int(split.test[0])))
    except TooFewOutcomes:
        return LabelPolicy.DELAY_CORRECTED, f"{CORRECTED}; matured leads alone were too few to learn from"
    losses = {
        LabelPolicy.DELAY_CORRECTED: _test_losses(earlier, later, split, builder),
        LabelPolicy.MATURED_ONLY: _test_losses(matured, later, split, builder),
    }
    return _compare_policies(losses, later.observed_share[split.test])


def _why_not_corrected(history: History) -> str:
    """Why the delay of wins cannot be estimated; empty where it can."""
    if history.leads.created_at is None or history.closed_at is None:
        return "it is not recorded when leads arrive and are won"
    won = history.status == "won"
    dated = ~np.isnat(history.closed_at[won])
    if dated.sum() < LEAST_WINS:
        return f"there are fewer than {LEAST_WINS} dated wins to tell from how long a win takes"
    if dated.mean() < DATED_SHARE:
        return f"only {dated.mean():.0%} of the wins are dated"
    return ""


def _test_losses(past: Dataset, later: Dataset, split: Split, builder: SnapshotBuilder) -> Vector:
    """The log loss of each test lead (m,) of `later`, by a model fitted on `past`."""
    first = max(len(past) - (builder.most_fitted or len(past)), 0)
    encoded = EncodedSamples.from_rows(past, np.arange(first, len(past)), builder.schema)
    X = encoded.encoder.encode(later.leads.take(split.test))
    raw = fit_logistic(encoded.samples).raw_score(X)
    return log_losses(raw, later.recorded_win[split.test] / later.observed_share[split.test])


def _compare_policies(losses: Mapping[LabelPolicy, Vector], weight: Vector) -> tuple[LabelPolicy, str]:
    corrected, matured = losses[LabelPolicy.DELAY_CORRECTED], losses[LabelPolicy.MATURED_ONLY]
    worse_by = (corrected - matured) * weight / weight.mean()
    not_worse = worse_by.mean() <= worse_by.std() / np.sqrt(len(worse_by))
    with_young, without = (float(np.average(each, weights=weight)) for each in (corrected, matured))
    return LabelPolicy.DELAY_CORRECTED if not_worse else LabelPolicy.MATURED_ONLY, (
        f"{CORRECTED if not_worse else MATURED}: learned so, a logistic regression had a log loss of {with_young:.4f} "
        f"with them and {without:.4f} without, on {len(weight):,} leads before the test"
    )


def _describe_none_observed(dataset: Dataset) -> str:
    oldest, most, horizon_days = float(dataset.age.max()), dataset.observed_share.max(), dataset.horizon_days
    return (
        f"the outcome of no lead is known by half{_when(dataset)}: the oldest is {oldest:.0f} days old, and of the "
        f"wins within the horizon of {horizon_days} days about {most:.0%} have come by that age, so nothing is there "
        f"to judge a model by.{advise_on_maturity(dataset.arrived_at, dataset.as_of, horizon_days)}"
    )


def _describe_nothing_before(begins: datetime, dataset: Dataset) -> str:
    return (
        f"the leads that can be judged{_when(dataset)} arrived from {begins:%Y-%m-%d} on, and by that day too little "
        f"was known to learn from: both winners and others are needed."
        f"{advise_on_maturity(dataset.arrived_at, dataset.as_of, dataset.horizon_days)}"
    )


def _when(dataset: Dataset) -> str:
    return f" at {dataset.as_of:%Y-%m-%d}" if dataset.as_of else ""


def _arrival(dataset: Dataset, row: int) -> datetime:
    return to_datetime(dataset.arrived_at[row])
