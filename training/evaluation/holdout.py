"""The holdout evaluation: every candidate, both baselines and the champion predict the same test leads, once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from features.encoders.feature_encoder import FeatureEncoder
from features.lead_table import LeadTable
from features.schema import LeadSchema
from stats.calibration import log_losses
from stats.types import Hashes, Vector
from training.data.dataset import Dataset
from training.data.encoded_samples import EncodedSamples
from training.data.lead_hashes import is_unseen
from training.data.samples import Samples
from training.evaluation.evaluate import CandidateRun, evaluate, sources_of
from training.evaluation.promotion_gate import (
    BASE_RATE,
    CONFIDENCE,
    BaselineComparison,
    ChampionComparison,
    beats_base_rate,
    compare,
    find_regressed_sources,
    has_enough_outcomes,
)
from training.model import ScoringModel
from training.models.baselines import CrmBaseline, fit_base_rate
from training.models.ensemble import fit_ensembles
from training.search.candidates import Candidate, Candidates, OutOfFoldPredictions
from training.search.cross_validation import CrossValidation, Predictor

FitBaseline = Callable[[FeatureEncoder, Samples], Predictor]

BASELINES: Mapping[str, FitBaseline] = {BASE_RATE: fit_base_rate, "CRM baseline": CrmBaseline.fit}


@dataclass(frozen=True)
class Champion:
    """The model now in service, and the hashes of the leads that it was trained on."""

    model: ScoringModel
    training_hashes: Hashes


@dataclass(frozen=True)
class TestLeads:
    """Test leads (t,), parsed by `schema`, with their labels (t,) and weights (t,) by `Dataset.evaluation_targets`.

    `before` are labels (m,) and weights (m,) of the leads of the cross-validation: by now more is known of them than
    was when the test began.
    """

    leads: LeadTable
    y: Vector
    sample_weight: Vector
    schema: LeadSchema
    before: tuple[Vector, Vector]

    @classmethod
    def of(cls, dataset: Dataset, rows: NDArray[np.intp], evaluated: NDArray[np.object_], schema: LeadSchema) -> Self:
        """The test rows of a dataset; `evaluated` are the ids (m,) of the leads that the cross-validation predicted."""
        leads = dataset.leads.take(rows)
        return cls(leads, *dataset.evaluation_targets(leads.lead_id), schema, dataset.evaluation_targets(evaluated))


@dataclass(frozen=True)
class CandidateResult:
    """A candidate's evaluation, and all its predictions for leads it was fitted without, the test leads last.

    `probability` (m,) are those of `held_out`, calibrated; `candidate` is None for a baseline.
    """

    run: CandidateRun
    held_out: OutOfFoldPredictions
    probability: Vector
    candidate: Candidate | None = None

    @property
    def loss(self) -> float:
        """The mean log loss of all held-out predictions."""
        losses = log_losses(logit(self.probability), self.held_out.y)
        return float(np.average(losses, weights=self.held_out.sample_weight))


@dataclass(frozen=True)
class HoldoutEvaluation:
    """All results on the test leads.

    The `contender` is the candidate that would be served, or the base rate where none was tried; `comparisons` hold it
    beside each baseline.
    """

    baselines: tuple[CandidateResult, ...]
    candidates: tuple[CandidateResult, ...]
    contender: CandidateResult
    comparisons: Mapping[str, BaselineComparison]

    @property
    def beats_base_rate(self) -> bool:
        return self.contender.candidate is not None and beats_base_rate(self.comparisons[BASE_RATE])

    @property
    def served(self) -> CandidateResult:
        """The contender if it beats the base rate, else the base rate."""
        return self.contender if self.beats_base_rate else self.baselines[0]


def evaluate_on_holdout(
    candidates: Candidates | None,
    past: EncodedSamples,
    cross_validation: CrossValidation | None,
    test: TestLeads,
    seed: int,
    clock: Callable[[], float],
) -> HoldoutEvaluation:
    """Fit baselines and candidates on the past, and evaluate all on the test leads.

    Without candidates the base rate is the contender.
    """
    baselines = [
        evaluate_baseline(name, fit, past, cross_validation, test, seed, clock) for name, fit in BASELINES.items()
    ]
    results, contender = [], baselines[0]
    if candidates:
        results = evaluate_candidates(candidates.every, past, test, seed, clock)
        chosen = results[candidates.every.index(candidates.chosen)]
        others = [result for result in results if result.candidate in candidates.second_look]
        contender = choose_contender(chosen, others, baselines[0], seed)
    comparisons = compare_with_baselines(contender, baselines, seed)
    return HoldoutEvaluation(tuple(baselines), tuple(results), contender, comparisons)


def evaluate_candidates(
    candidates: Sequence[Candidate], past: EncodedSamples, test: TestLeads, seed: int, clock: Callable[[], float]
) -> list[CandidateResult]:
    """Fit candidates on the past, and evaluate each on the test leads, calibrated by its out-of-fold predictions."""
    started = clock()
    fitted = fit_ensembles([candidate.spec for candidate in candidates], past.samples, seed)
    X = past.encoder.encode(test.leads)
    raws = [ensemble.raw_score(X) for ensemble in fitted]
    seconds = clock() - started
    return [
        _evaluate_candidate(candidate, raw, test, seed, seconds)
        for candidate, raw in zip(candidates, raws, strict=True)
    ]


def _evaluate_candidate(
    candidate: Candidate, raw: Vector, test: TestLeads, seed: int, seconds: float
) -> CandidateResult:
    calibration = candidate.out_of_fold.fit_calibration(seed)
    probability = calibration.probability(raw)
    evaluation = evaluate(candidate.name, probability, test.y, test.leads, seed, test.sample_weight)
    run = CandidateRun(candidate.name, candidate.spec.parameters(), evaluation, seconds)
    before = calibration.probability(candidate.out_of_fold.raw_score)
    held_out = candidate.out_of_fold.with_outcomes(*test.before).append(raw, test.y, test.sample_weight)
    return CandidateResult(run, held_out, np.append(before, probability), candidate)


def evaluate_baseline(
    name: str,
    fit: FitBaseline,
    past: EncodedSamples,
    cross_validation: CrossValidation | None,
    test: TestLeads,
    seed: int,
    clock: Callable[[], float],
) -> CandidateResult:
    """The same for a baseline, whose scores need no calibration."""
    started = clock()
    raw = fit(past.encoder, past.samples).raw_score(past.encoder.encode(test.leads))
    evaluation = evaluate(name, expit(raw), test.y, test.leads, seed, test.sample_weight)
    held_out = OutOfFoldPredictions(raw, test.y, test.sample_weight)
    if cross_validation:
        before = cross_validation.predict_out_of_fold(partial(fit, past.encoder))
        held_out = OutOfFoldPredictions(before, *test.before).append(raw, test.y, test.sample_weight)
    run = CandidateRun(name, {}, evaluation, clock() - started)
    return CandidateResult(run, held_out, expit(held_out.raw_score))


def choose_contender(
    chosen: CandidateResult, others: Sequence[CandidateResult], base_rate: CandidateResult, seed: int
) -> CandidateResult:
    """The chosen candidate if it beats the base rate, else the best other that does; the chosen where none does.

    With k others each must beat the base rate at 1 − 5 %/k (Bonferroni), so that a second look lets no noise through.
    """
    if beats_base_rate(_compare_with_baseline(chosen, base_rate, seed)):
        return chosen
    confidence = 1 - (1 - CONFIDENCE) / max(len(others), 1)
    passed = [other for other in others if beats_base_rate(_compare_with_baseline(other, base_rate, seed, confidence))]
    return min(passed, key=lambda result: result.loss, default=chosen)


def compare_with_baselines(
    contender: CandidateResult, baselines: Sequence[CandidateResult], seed: int
) -> Mapping[str, BaselineComparison]:
    """The contender beside each baseline but itself, by the baseline's name."""
    rivals = (baseline for baseline in baselines if baseline is not contender)
    return {rival.run.name: _compare_with_baseline(contender, rival, seed) for rival in rivals}


def _compare_with_baseline(
    contender: CandidateResult, baseline: CandidateResult, seed: int, confidence: float = CONFIDENCE
) -> BaselineComparison:
    name = f"the {baseline.run.name}"
    mine, theirs, held_out = contender.run.evaluation, baseline.run.evaluation, contender.held_out
    last = compare(mine.probability, theirs.probability, mine.won, name, seed, mine.weight)
    all_ = compare(
        contender.probability, baseline.probability, held_out.y, name, seed, held_out.sample_weight, confidence
    )
    return BaselineComparison(last=last, all=all_)


def compare_with_champion(
    served: CandidateResult, champion: Champion, test: TestLeads, horizon_days: int, seed: int
) -> ChampionComparison:
    """What is served beside the champion, on the test leads that the champion was not trained on."""
    name = f"champion version {champion.model.version}"
    kinds = {field.name: field.kind for field in test.schema.arrival_fields}
    fields = champion.model.schema.arrival_fields
    if gone := [f"{field.name} ({field.kind})" for field in fields if kinds.get(field.name) is not field.kind]:
        return ChampionComparison(name, None, f"it needs {', '.join(gone)}, which scoring.toml no longer has")
    if champion.model.horizon_days != horizon_days:
        return ChampionComparison(name, None, f"its horizon is {champion.model.horizon_days} days, not {horizon_days}")
    rows = np.flatnonzero(is_unseen(test.leads.lead_id, champion.training_hashes))
    if not has_enough_outcomes(test.y[rows]):
        return ChampionComparison(
            name,
            None,
            f"it has learned from all but {len(rows)} of the {len(test.y)} test leads; newer ones are needed",
        )
    leads, y, weight = test.leads.take(rows), test.y[rows], test.sample_weight[rows]
    mine, theirs = served.run.evaluation.probability[rows], champion.model.probability(leads)
    sources = sources_of(leads)
    regressed = () if sources is None else find_regressed_sources(mine, theirs, y, sources, name, seed, weight)
    return ChampionComparison(name, compare(mine, theirs, y, name, seed, weight), regressed_sources=regressed)
