"""The model that is registered: the chosen recipe fitted once more, on all the leads it may learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from features.encoders import Category
from features.lead_table import LeadTable
from training.checks.thin_sources import SourceWork, is_known, widths_of
from training.data.encoded_samples import Learned
from training.evaluation.holdout import Entry
from training.labels.states import Dataset
from training.model import ScoringModel
from training.models.baselines import fit_base_rate
from training.models.calibration import Calibration
from training.models.confidence import Evidence, source_key
from training.models.ensemble import Fitted
from training.models.grades import Ranking
from training.models.venn_abers import Band
from training.registry.input_example import LEAST_HOLDERS
from training.search.cross_validation import Examination

Vector = NDArray[np.float64]

LEAST_FILLED, RARELY_FILLED, ROUNDING = 0.5, 0.02, 1e-9
"""A lead knows too little whose fields carry less than half of the score, and less than all but 2 % of leads' do."""
LEAST_WEIGHT = 0.01
LEAST_RARE, RARE_SHARE, MOST_RARE = 10, 0.05, 50
"""So many training leads with a rare value tell what one that was never seen is like."""
RECENT_LEADS = 500
SHOWN_LEADS = 2_000


def refit(
    entry: Entry,
    everything: Learned,
    again: Examination | None,
    young: LeadTable,
    horizon_days: int,
    shares: tuple[float, ...],
    seed: int,
) -> ScoringModel:
    """Fit, calibrate on all that was predicted out of sample, and rank among recent leads.

    How many rounds each shape is worth is asked once more, of the examination `again`: the newest leads may hold
    signal that the older ones did not.
    """
    fitted, calibration = _fit(entry, everything, again, seed)
    probability = calibration.probability(entry.unseen.raw)
    additive = fitted.additive.measured_on(everything.lessons.X)
    model = ScoringModel(
        candidate=entry.run.name,
        encoder=everything.encoder,
        additive=additive,
        trees=fitted.trees,
        calibration=calibration,
        ranking=Ranking.of(probability, shares),
        band=Band.fit(entry.unseen.raw, entry.unseen.won),
        horizon_days=horizon_days,
    )
    if len(young) >= RECENT_LEADS:
        return replace(model, ranking=Ranking.of(model.probability(young), shares))
    if entry.candidate is None:  # rates are not fitted to single leads, so those they were fitted on rank as any other
        return replace(model, ranking=Ranking.of(calibration.probability(fitted.raw(everything.lessons.X)), shares))
    return model


def with_evidence(
    model: ScoringModel, weight: Mapping[str, float], everything: Learned, dataset: Dataset
) -> ScoringModel:
    """The model with what it needs to tell what it knows little of; `weight` is each field's importance."""
    fields = model.schema.arrival_fields
    X, spans = everything.lessons.X, model.encoder.spans
    filled = np.column_stack([~np.isnan(X[:, span]).all(axis=1) for span in spans])
    carried = np.array([weight[field.name] for field in fields]) * filled.mean(axis=0)
    if not carried.sum():
        carried = filled.mean(axis=0)
    shares = carried / max(carried.sum(), 1e-9)
    known = [source_key(one.name or None) for one in dataset.work if is_known(one, dataset.work)]
    widths, widest = widths_of(dataset.work)
    evidence = Evidence(
        telling=_telling(model, weight, X),
        weights=tuple(shares.tolist()),
        least_filled=min(LEAST_FILLED, float(np.quantile(filled @ shares, RARELY_FILLED))) - ROUNDING,
        sources=tuple(known) if dataset.work else None,
        widths={
            one.name.casefold(): widths[source_key(one.name or None)] for one in _told_by_name(dataset.work, known)
        },
        widest=widest,
    )
    return replace(model, evidence=evidence)


def _told_by_name(work: Sequence[SourceWork], known: Sequence[str]) -> list[SourceWork]:
    """Sources of which little is known, and so many leads that their name is nobody's."""
    return [one for one in work if source_key(one.name or None) not in known and one.worked >= LEAST_HOLDERS]


def _telling(model: ScoringModel, weight: Mapping[str, float], X: NDArray[np.float64]) -> tuple[str, ...]:
    """Category fields that weigh, the source among them, and of which too few leads held a rare value to tell one."""
    few = max(LEAST_RARE, min(MOST_RARE, RARE_SHARE * len(X)))
    whole = sum(weight.values())
    telling = []
    for encoder, span in zip(model.encoder.encoders, model.encoder.spans, strict=True):
        if not isinstance(encoder, Category):
            continue
        rare = int((X[:, span.start] == len(encoder.levels.names)).sum())
        weighs = encoder.field == model.schema.source or weight[encoder.field] >= LEAST_WEIGHT * whole
        if weighs and rare < few:
            telling.append(encoder.field)
    return tuple(telling)


def importance(model: ScoringModel, everything: Learned) -> dict[str, float]:
    """The mean size of each field's part in the raw score, in log-odds, over leads evenly spread."""
    rows = np.unique(np.linspace(0, len(everything.rows) - 1, SHOWN_LEADS).round().astype(np.intp))
    _, parts = model.explain(everything.lessons.X[rows])
    sizes = [float(np.abs(parts[:, span].sum(axis=1)).mean()) for span in model.encoder.spans]
    fields = (field.name for field in model.schema.arrival_fields)
    return dict(sorted(zip(fields, sizes, strict=True), key=lambda part: -part[1]))


def _fit(entry: Entry, everything: Learned, again: Examination | None, seed: int) -> tuple[Fitted, Calibration]:
    if entry.candidate is None:
        return Fitted(fit_base_rate(everything.encoder, everything.lessons)), Calibration()
    recipe = entry.candidate.recipe
    if again:
        recipe = recipe.with_rounds(again.fading(recipe.half_life).rounds)
    return recipe.fit(everything.lessons, seed), entry.unseen.calibration(seed)
