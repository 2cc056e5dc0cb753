"""The model that is registered: the spec that was chosen, fitted once more on all training examples."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from features.encoders import Category
from stats.calibration import Calibration
from stats.types import Matrix
from training.checks.thin_sources import SourceContacts, fit_source_widths, has_known_rate
from training.data.dataset import LEAST_HOLDERS, Dataset
from training.data.encoded_samples import EncodedSamples
from training.evaluation.holdout import CandidateResult
from training.model import ScoringModel
from training.models.baselines import fit_base_rate
from training.models.boosting import MANY_ROWS
from training.models.confidence import TrainingSupport, source_key
from training.models.ensemble import Ensemble, EnsembleSpec
from training.models.grades import GradeScale
from training.models.venn_abers import VennAbersInterval
from training.search.cross_validation import CrossValidation

LEAST_FILLED, RARELY_FILLED, ROUNDING = 0.5, 0.02, 1e-9
"""A lead has too few fields where they carry less than half of the score, and less than all but 2 % of leads' do."""
LEAST_SHARE = 0.01
LEAST_RARE, RARE_SHARE, MOST_RARE = 10, 0.05, 50
"""So many training leads with a rare value show what one that was never seen is like."""
RECENT_LEADS = 500
EXPLAINED_LEADS = 2_000

FitEnsemble = Callable[[EnsembleSpec, EncodedSamples, int], Ensemble]


def fit_on_samples(spec: EnsembleSpec, everything: EncodedSamples, seed: int) -> Ensemble:
    """The ensemble of a spec, fitted on these samples."""
    return spec.fit(everything.samples, seed)


def refit(
    chosen: CandidateResult,
    everything: EncodedSamples,
    cross_validation: CrossValidation | None,
    dataset: Dataset,
    grade_shares: tuple[float, ...],
    seed: int,
    fit: FitEnsemble = fit_on_samples,
) -> ScoringModel:
    """Fit on all examples, calibrate on all that was predicted out of fold, and grade among recent leads.

    The rounds of each booster are counted once more, in `cross_validation` on all examples: the newest of a few leads
    may hold signal that the older ones did not.
    """
    fitted, calibration = _fit(chosen, everything, cross_validation, seed, fit)
    probability = calibration.probability(chosen.held_out.raw_score)
    model = ScoringModel(
        candidate=chosen.run.name,
        encoder=everything.encoder,
        additive=fitted.additive.centre_on(everything.samples.X),
        trees=fitted.trees,
        calibration=calibration,
        grade_scale=GradeScale.fit(probability, grade_shares),
        venn_abers=VennAbersInterval.fit(chosen.held_out.raw_score, chosen.held_out.y),
        horizon_days=dataset.horizon_days,
    )
    if len(dataset.young) >= RECENT_LEADS:
        recent = model.probability(dataset.young)
        return replace(model, grade_scale=GradeScale.fit(recent, grade_shares))
    if chosen.candidate is None:  # rates are not fitted to single leads, so those they were fitted on rank as any other
        recent = calibration.probability(fitted.raw_score(everything.samples.X))
        return replace(model, grade_scale=GradeScale.fit(recent, grade_shares))
    return model


def _fit(
    chosen: CandidateResult,
    everything: EncodedSamples,
    cross_validation: CrossValidation | None,
    seed: int,
    fit: FitEnsemble,
) -> tuple[Ensemble, Calibration]:
    if chosen.candidate is None:
        return Ensemble(fit_base_rate(everything.encoder, everything.samples)), Calibration()
    spec = chosen.candidate.spec
    if cross_validation and len(everything.samples) <= MANY_ROWS:
        spec = spec.with_rounds(cross_validation.with_recency_weights(spec.half_life).count_rounds)
    return fit(spec, everything, seed), chosen.held_out.fit_calibration(seed)


def mean_absolute_shap(model: ScoringModel, everything: EncodedSamples) -> dict[str, float]:
    """The mean absolute SHAP value of each field, in log-odds, over leads evenly spread; the highest first."""
    rows = np.unique(np.linspace(0, len(everything.rows) - 1, EXPLAINED_LEADS).round().astype(np.intp))
    _, shap_values = model.explain(everything.samples.X[rows])
    means = [float(np.abs(shap_values[:, span].sum(axis=1)).mean()) for span in model.encoder.spans]
    fields = (field.name for field in model.schema.arrival_fields)
    return dict(sorted(zip(fields, means, strict=True), key=lambda pair: -pair[1]))


def add_training_support(
    model: ScoringModel, importance: Mapping[str, float], everything: EncodedSamples, dataset: Dataset
) -> ScoringModel:
    """The model with the support of its training data; `importance` is each field's mean absolute SHAP value."""
    X = everything.samples.X
    filled = np.column_stack([~np.isnan(X[:, span]).all(axis=1) for span in model.encoder.spans])
    carried = np.array([importance[field.name] for field in model.schema.arrival_fields]) * filled.mean(axis=0)
    if not carried.sum():
        carried = filled.mean(axis=0)
    shares = carried / max(carried.sum(), 1e-9)
    sources = dataset.source_contacts
    known = [source_key(one.name or None) for one in sources if has_known_rate(one, sources)]
    widths, new_source_width = fit_source_widths(sources)
    support = TrainingSupport(
        novelty_fields=_find_novelty_fields(model, importance, X),
        field_shares=tuple(shares.tolist()),
        least_filled_share=min(LEAST_FILLED, float(np.quantile(filled @ shares, RARELY_FILLED))) - ROUNDING,
        known_sources=tuple(known) if sources else None,
        source_widths={
            one.name.casefold(): widths[source_key(one.name or None)] for one in _nameable_unknown(sources, known)
        },
        new_source_width=new_source_width,
    )
    return replace(model, support=support)


def _nameable_unknown(sources: Sequence[SourceContacts], known: Sequence[str]) -> list[SourceContacts]:
    """Sources of unknown rate with so many leads that their name is nobody's."""
    return [one for one in sources if source_key(one.name or None) not in known and one.contacted >= LEAST_HOLDERS]


def _find_novelty_fields(model: ScoringModel, importance: Mapping[str, float], X: Matrix) -> tuple[str, ...]:
    """Category fields that matter, the source among them, and of which too few leads held a rare value."""
    few = max(LEAST_RARE, min(MOST_RARE, RARE_SHARE * len(X)))
    least = LEAST_SHARE * sum(importance.values())
    found = []
    for encoder, span in zip(model.encoder.encoders, model.encoder.spans, strict=True):
        if not isinstance(encoder, Category):
            continue
        rare = int((X[:, span.start] == len(encoder.levels.names)).sum())
        matters = encoder.field == model.schema.source or importance[encoder.field] >= least
        if matters and rare < few:
            found.append(encoder.field)
    return tuple(found)
