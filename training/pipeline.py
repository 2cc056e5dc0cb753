"""train(): from a history to a trained model with its evaluation, ready for the registry.

    label and split → cross-validate a search → evaluate on the test leads → decide → fit once more on all examples

The test leads are predicted once, by all candidates together, after all choices are made. The registered model is the
chosen spec fitted on all examples, the test leads included; its evaluation is that of the spec fitted without them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

import numpy as np

from features.config import Order, ScoringConfig
from features.history import History
from features.schema import LeadSchema
from training.checks.leakage import check_leakage
from training.checks.point_in_time import check_against_arrivals
from training.checks.refused_fields import RefusedField, note_refused_fields, try_refused_fields
from training.cluster.sample import Cluster, note_sample, take_sample
from training.data.dataset import Dataset
from training.data.encoded_samples import EncodedSamples
from training.data.samples import Samples
from training.data.split import keep_enough_folds, make_forward_folds, make_stratified_folds
from training.data.training_data import TrainingData, prepare_training_data
from training.evaluation.holdout import (
    CandidateResult,
    Champion,
    HoldoutEvaluation,
    TestLeads,
    compare_with_champion,
    evaluate_on_holdout,
)
from training.evaluation.promotion_gate import Decision, decide
from training.model import ScoringModel
from training.models.boosting import RANDOMISED
from training.refit import add_training_support, fit_on_samples, mean_absolute_shap, refit
from training.search.candidates import make_candidates
from training.search.cross_validation import CrossValidation
from training.search.search import plan_final_fits, search
from training.search.time_budget import Clock, ReportProgress, RowBudget, TimeBudget
from training.training_run import TrainingRun

LEAST_OF_EACH = 10
"""With fewer winners, or fewer others, no model is tried: there would be nothing to evaluate it by."""


@dataclass(frozen=True)
class Settings:
    """What a run may take and how it is repeated; `trials`, where given, replaces the clock."""

    as_of: datetime | None
    budget_s: float
    seed: int
    trials: int | None = None
    today: date | None = None
    """Dates after it are dropped as impossible; None where the clock is not asked."""
    started: float | None = None
    """What the clock showed when the command began; by default the run's own beginning."""


@dataclass(frozen=True)
class Selection:
    """What was evaluated on the test leads, how many booster specs were tried for it, and notes on it.

    `refused` are the fields that were left out as known later, and what that costs.
    """

    test: TestLeads
    holdout: HoldoutEvaluation
    trials: int = 0
    notes: tuple[str, ...] = ()
    refused: tuple[RefusedField, ...] = ()


@dataclass(frozen=True)
class FinalFit:
    """The model as it is registered, each field's mean absolute SHAP value, and notes on the rows it was fitted on."""

    model: ScoringModel
    importance: Mapping[str, float]
    notes: tuple[str, ...]


def train(
    config: ScoringConfig,
    history: History,
    settings: Settings,
    champion: Champion | None,
    clock: Clock,
    report_progress: ReportProgress,
    cluster: Cluster | None = None,
) -> TrainingRun:
    """Train, evaluate and refit; nothing is stored yet. `report_progress` gets a step and the share of time spent.

    Where the leads' fields are on a `cluster`, a sample of them is looked at, and the model is fitted on all there.

    Raises:
        TooFewOutcomes: where none, or all, of the training examples are won.
        FieldsChangedAfterArrival: where fields of the training leads are not as they are when leads arrive.
        SuspectedLeakage: where an AUC above 0.95 is carried by fields that nobody has confirmed.
    """
    started = clock() if settings.started is None else settings.started
    budget = TimeBudget(clock, started, settings.budget_s, report_progress)
    order, fields = config.leads.resolved_order, len(config.lead_schema.arrival_fields)
    rows = RowBudget(settings.budget_s, fields, order, settings.seed)

    budget.report("reading what became of the leads")
    most_fitted = rows.most_fitted if cluster else None
    data = prepare_training_data(config, history, settings.as_of, settings.today, settings.seed, most_fitted)
    examined = take_sample(data.dataset, rows) if cluster else data.dataset
    arrival_notes = check_against_arrivals(examined, history.arrivals, config, settings.as_of)

    selection = select_candidate(config.lead_schema, history, data, settings, rows, budget)
    decision = decide_promotion(selection, champion, data.dataset.horizon_days, settings.seed)

    budget.report("fitting on all leads")
    served = selection.holdout.served
    final = fit_on_all(served, data.dataset, examined, config, rows, cluster)
    leakage_notes = check_leakage(served.run.evaluation, examined, final.importance, config)

    return TrainingRun(
        project=config.path.resolve().parent.name or "leads",
        config_path=config.path,
        table=config.locate(config.leads.table),
        seed=settings.seed,
        budget_s=settings.budget_s,
        order=order,
        dataset=data.dataset,
        split=data.split,
        candidates=tuple(result.run for result in (*selection.holdout.baselines, *selection.holdout.candidates)),
        chosen=served.run.name,
        decision=decision,
        model=final.model,
        importance=final.importance,
        refused=selection.refused,
        trials=selection.trials,
        seconds=budget.elapsed_s,
        notes=(
            *history.notes,
            *data.notes,
            *data.dataset.notes,
            *selection.notes,
            *final.notes,
            *note_refused_fields(selection.refused),
            *arrival_notes,
            *leakage_notes,
            *_note_single_grade(final.model),
        ),
        sample=examined if cluster else None,
    )


def select_candidate(
    schema: LeadSchema,
    history: History,
    data: TrainingData,
    settings: Settings,
    rows: RowBudget,
    budget: TimeBudget,
) -> Selection:
    """Choose among candidates fitted on the leads before the test; among baselines where these leads are too few."""
    past = EncodedSamples.from_rows(data.past, rows.cut_for_fit(np.arange(len(data.past))), schema)
    searched = past.take(rows.cut_for_search(np.arange(len(past.samples))))
    cross_validation = make_cross_validation(searched.samples, rows.order, rows.seed)
    if cross_validation is None:
        return serve_base_rates(past, data, settings, budget)
    past_leads = data.past.leads.take(searched.rows)
    refused = try_refused_fields(history.later, searched.samples, past_leads, schema, budget, rows.seed)
    selection = train_model(cross_validation, past, searched, data, settings, rows, budget)
    return replace(selection, refused=refused)


def make_cross_validation(samples: Samples, order: Order, seed: int) -> CrossValidation | None:
    """The folds for a search on these samples; None where too few of them were won, or were not."""
    if samples.minority_count < LEAST_OF_EACH:
        return None
    forward = make_forward_folds(samples.y) if order != "none" else []
    stratified = keep_enough_folds(make_stratified_folds(samples.y, seed), samples.y)
    return CrossValidation(samples, stratified, forward, seed)


def train_model(
    cross_validation: CrossValidation,
    past: EncodedSamples,
    searched: EncodedSamples,
    data: TrainingData,
    settings: Settings,
    rows: RowBudget,
    budget: TimeBudget,
) -> Selection:
    """Search for the best spec, and evaluate the candidates beside the baselines on the test leads.

    `cross_validation` is of the samples `searched`, which are among the `past` ones that candidates are fitted on.
    """
    final_fits = plan_final_fits(cross_validation, len(past.samples), rows.most_fitted, len(data.dataset))
    trials = search(cross_validation, budget, final_fits, settings.trials)
    candidates = make_candidates(cross_validation, trials)

    budget.report("judging by the last leads")
    predicted = data.past.leads.lead_id[searched.rows[cross_validation.predicted_rows]]
    test = TestLeads.of(data.dataset, data.split.test, predicted, past.encoder.schema)
    holdout = evaluate_on_holdout(candidates, past, cross_validation, test, settings.seed, budget.clock)
    tried = [trial for trial in trials if trial.booster and trial.booster is not RANDOMISED]
    return Selection(test, holdout, trials=len(tried), notes=candidates.notes)


def serve_base_rates(past: EncodedSamples, data: TrainingData, settings: Settings, budget: TimeBudget) -> Selection:
    """Evaluate the baselines alone: there are too few leads of either outcome to train a model."""
    budget.report("judging by the last leads")
    test = TestLeads.of(data.dataset, data.split.test, np.empty(0, dtype=object), past.encoder.schema)
    return Selection(test, evaluate_on_holdout(None, past, None, test, settings.seed, budget.clock))


def decide_promotion(selection: Selection, champion: Champion | None, horizon_days: int, seed: int) -> Decision:
    """Whether the chosen candidate may take the champion's place; both are judged by the test leads."""
    holdout = selection.holdout
    versus_champion = None
    if champion:
        versus_champion = compare_with_champion(holdout.served, champion, selection.test, horizon_days, seed)
    return decide(holdout.contender.run.name, holdout.beats_base_rate, holdout.comparisons, versus_champion)


def fit_on_all(
    served: CandidateResult,
    dataset: Dataset,
    examined: Dataset,
    config: ScoringConfig,
    rows: RowBudget,
    cluster: Cluster | None,
) -> FinalFit:
    """Fit the chosen spec once more, on the test leads too; on a `cluster` on all of which `examined` is a sample."""
    encoder = cluster.fit_encoder(dataset) if cluster else None
    fit = partial(cluster.fit_ensemble, dataset) if cluster else fit_on_samples
    fitted_rows = rows.cut_for_fit(np.arange(len(examined)))
    everything = EncodedSamples.from_rows(examined, fitted_rows, config.lead_schema, encoder)
    searched = everything.take(rows.cut_for_search(np.arange(len(everything.samples))))
    recounted = make_cross_validation(searched.samples, rows.order, rows.seed)
    model = refit(served, everything, recounted, examined, config.training.grade_shares, rows.seed, fit)
    importance = mean_absolute_shap(model, everything)
    model = add_training_support(model, importance, everything, examined)
    if cluster is None:
        return FinalFit(model, importance, _note_rows_left_out(dataset, everything, rows.order))
    spec = served.candidate.spec if served.candidate else None
    return FinalFit(model, importance, (note_sample(examined, dataset, spec, rows.order),))


def _note_single_grade(model: ScoringModel) -> list[str]:
    if model.grade_scale.has_several_grades:
        return []
    probability = np.array(model.grade_scale.probabilities)
    (grade,) = np.unique(model.grade_scale.grade(probability))
    low, high = 100 * probability.min(), 100 * probability.max()
    return [f"scores hardly differ ({low:.2f} to {high:.2f} in 100), so every lead gets grade {grade}"]


def _note_rows_left_out(dataset: Dataset, everything: EncodedSamples, order: Order) -> tuple[str, ...]:
    if len(everything.rows) == len(dataset):
        return ()
    which = "a random part" if order == "none" else "the newest"
    counts = f"{len(everything.rows):,} of {len(dataset):,}"
    return (f"learned from {which} of the leads, {counts}: a larger budget takes more",)
