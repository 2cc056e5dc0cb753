"""What it costs to leave out the fields that scoring.toml says are known later, as log loss.

Such a field feeds no score, and mostly rightly so. Where it is known when a lead arrives after all, leaving it out
makes every score worse, and only a person can tell: so each is tried once, on the side.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from features.encoders import ENCODERS
from features.encoders.field_encoder import FieldEncoder
from features.lead_table import LeadTable
from features.schema import LeadSchema
from features.values import Known
from stats.calibration import log_losses
from training.data.samples import Samples
from training.data.split import Fold, make_stratified_folds
from training.models.boosting import BoosterSpec, fit_with_early_stopping
from training.search.time_budget import TimeBudget
from training.threads import map_in_threads

LEADS, FOLDS = 10_000, 2
TIME_SHARE = 0.1
"""Fields are tried, in their order, until this share of the budget is gone for it."""
WORTH_SAYING = 0.001
TELLS_ALL = 0.25
"""The share of the log loss that is left with a field which all but tells the outcome."""
SPEC = BoosterSpec("on the side", {"num_leaves": 15, "learning_rate": 0.1, "feature_fraction": 0.7})


@dataclass(frozen=True)
class RefusedField:
    """A field that was left out, and the log loss of a quick model with it and without."""

    name: str
    with_it: float
    without: float

    @property
    def is_missed(self) -> bool:
        """Whether its absence costs so much that it is worth asking whether it is known at arrival after all."""
        return self.without - self.with_it >= WORTH_SAYING

    @property
    def sentence(self) -> str:
        """What it would add, and what to do if it is known at arrival after all."""
        figures = f"a quick model has a log loss of {self.with_it:.3f} with it and {self.without:.3f} without"
        if self.with_it <= TELLS_ALL * self.without:
            figures += ". It all but tells the outcome, as what is filled in after it does"
        return f'{figures}. Is it known when a lead arrives? Then say known = "arrival" in scoring.toml'


def try_refused_fields(
    later: LeadTable | None, samples: Samples, leads: LeadTable, schema: LeadSchema, budget: TimeBudget, seed: int
) -> tuple[RefusedField, ...]:
    """Try each field that is known later beside the samples (n,), which are of these leads; the largest gain first.

    `later` holds the fields as they stand in the table now, of these leads among others.
    """
    if later is None or not later.fields:
        return ()
    started = budget.elapsed_share
    rows = np.sort(np.random.default_rng(seed).permutation(len(samples))[:LEADS])
    samples, leads = samples.take(rows), leads.take(rows)
    later = later.take(later.find_rows(leads.lead_id))
    folds = make_stratified_folds(samples.y, seed, FOLDS)
    without, tried = _log_loss(samples, folds, seed), []
    for field in (field for field in schema.fields if field.known is Known.LATER and field.name in later.fields):
        if budget.elapsed_share - started > TIME_SHARE:
            break
        encoder = ENCODERS[field.kind].fit(field.name, later.fields[field.name])
        tried.append(RefusedField(field.name, _log_loss(_add(samples, encoder, later, leads), folds, seed), without))
    return tuple(sorted(tried, key=lambda field: field.with_it))


def note_refused_fields(tried: Sequence[RefusedField]) -> list[str]:
    """What to ask the person of each field whose absence costs something."""
    return [f"{field.name} is left out as known later: {field.sentence}" for field in tried if field.is_missed]


def _add(samples: Samples, encoder: FieldEncoder, later: LeadTable, leads: LeadTable) -> Samples:
    """The samples with the columns of one more field."""
    values = encoder.encode_column(later.fields[encoder.field], leads.created_at)
    return replace(samples, X=np.hstack([samples.X, values]), columns=[*samples.columns, *encoder.columns])


def _log_loss(samples: Samples, folds: Sequence[Fold], seed: int) -> float:
    """The log loss out of fold, in stratified folds."""

    def predict(fold: Fold) -> tuple[float, float]:
        fit, held_out = samples.take(fold.fit), samples.take(fold.predict)
        raw = fit_with_early_stopping(SPEC, fit, held_out, seed).raw_score(held_out.X)
        y, weight = samples.evaluation_targets(fold.predict)
        return float(weight @ log_losses(raw, y)), float(weight.sum())

    sums = np.array(map_in_threads(predict, folds)).sum(axis=0)
    return float(sums[0] / sums[1])
