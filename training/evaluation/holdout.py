"""The one look at the test leads: every candidate, both baselines and the champion predict the same leads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from features.lead_table import LeadTable
from features.schema import LeadSchema
from training.data.encoded_samples import Learned
from training.data.lead_hashes import Hashes, unseen
from training.evaluation.evaluate import evaluate, sources_of
from training.evaluation.promotion_gate import (
    BASE_RATE,
    CONFIDENCE,
    Duel,
    Standing,
    beats_rates,
    compare,
    enough,
    harmed_sources,
)
from training.labels.states import Dataset
from training.model import ScoringModel
from training.models.baselines import CrmBaseline, fit_base_rate
from training.models.calibration import log_losses
from training.search.candidates import Candidate, OutOfSample
from training.search.cross_validation import Examination
from training.training_run import CandidateRun

Vector = NDArray[np.float64]

CRM_BASELINE = "CRM baseline"


@dataclass(frozen=True)
class Champion:
    """The model now in service, and the hashes of the leads that it has learned from."""

    model: ScoringModel
    learned_from: Hashes


@dataclass(frozen=True)
class TestLeads:
    """Leads (t,) that nothing was fitted on, read by `schema`, whether each won, and how much it counts.

    A lead counts by the share of its outcome that can be known, and its win for as many as that share stands for.
    `before` is the same, won (m,) and weight (m,), of the leads that were judged while recipes were sought: by now more
    is known of them than was when the test began.
    """

    leads: LeadTable
    won: Vector
    weight: Vector
    schema: LeadSchema
    before: tuple[Vector, Vector]

    @classmethod
    def of(cls, dataset: Dataset, rows: NDArray[np.intp], judged: NDArray[np.object_], schema: LeadSchema) -> Self:
        """The rows of a dataset; `judged` are the ids (m,) of the leads that were judged before them."""
        leads = dataset.leads.take(rows)
        return cls(leads, *dataset.on_record(leads.lead_id), schema, dataset.on_record(judged))


@dataclass(frozen=True)
class Entry:
    """A candidate's run, and everything it predicted out of sample, the test leads last, as `probability` (m,) too."""

    run: CandidateRun
    unseen: OutOfSample
    probability: Vector
    candidate: Candidate | None = None

    @property
    def loss(self) -> float:
        """The mean log loss of all that was predicted out of sample."""
        losses = log_losses(logit(self.probability), self.unseen.won)
        return float(np.average(losses, weights=self.unseen.weight))


def enter(candidate: Candidate, past: Learned, test: TestLeads, seed: int, clock: Callable[[], float]) -> Entry:
    """Fit a candidate on the past and let it predict the test leads."""
    started = clock()
    raw = candidate.recipe.fit(past.lessons, seed).raw(past.encoder.encode(test.leads))
    calibration = candidate.unseen.calibration(seed)
    probability = calibration.probability(raw)
    evaluation = evaluate(candidate.name, probability, test.won, test.leads, seed, test.weight)
    run = CandidateRun(candidate.name, candidate.recipe.parameters(), evaluation, clock() - started)
    before = calibration.probability(candidate.unseen.raw)
    unseen = candidate.unseen.known_as(*test.before).and_then(raw, test.won, test.weight)
    return Entry(run, unseen, np.append(before, probability), candidate)


def enter_baseline(
    name: str, past: Learned, examination: Examination | None, test: TestLeads, seed: int, clock: Callable[[], float]
) -> Entry:
    """The same for a baseline, whose scores need no calibration."""
    started = clock()
    fit = fit_base_rate if name == BASE_RATE else CrmBaseline.fit
    raw = fit(past.encoder, past.lessons).raw(past.encoder.encode(test.leads))
    evaluation = evaluate(name, expit(raw), test.won, test.leads, seed, test.weight)
    unseen = OutOfSample(raw, test.won, test.weight)
    if examination:
        before = examination.out_of_sample(partial(fit, past.encoder))
        unseen = OutOfSample(before, *test.before).and_then(raw, test.won, test.weight)
    return Entry(CandidateRun(name, {}, evaluation, clock() - started), unseen, expit(unseen.raw))


def best_of(chosen: Entry, entries: Sequence[Entry], rates: Entry, seed: int) -> Entry:
    """What is to be served instead of the rates, if it beats them: the chosen candidate, or the best other that does.

    With k others each must beat the rates at 1 − 5 %/k (Bonferroni), so that a second look lets no noise through.
    """
    if beats_rates(_standing(chosen, rates, seed)):
        return chosen
    others = [entry for entry in entries if entry is not chosen]
    confidence = 1 - (1 - CONFIDENCE) / max(len(others), 1)
    passed = [entry for entry in others if beats_rates(_standing(entry, rates, seed, confidence))]
    return min(passed, key=lambda entry: entry.loss, default=chosen)


def against_baselines(winner: Entry, baselines: Sequence[Entry], seed: int) -> Mapping[str, Standing]:
    """The winner beside each baseline, on the last leads and on all that were judged by a model of other leads."""
    rivals = (entry for entry in baselines if entry is not winner)
    return {rival.run.name: _standing(winner, rival, seed) for rival in rivals}


def _standing(winner: Entry, rival: Entry, seed: int, confidence: float = CONFIDENCE) -> Standing:
    name = f"the {rival.run.name}"
    mine, theirs, unseen = winner.run.evaluation, rival.run.evaluation, winner.unseen
    return Standing(
        last=compare(mine.probability, theirs.probability, mine.won, name, seed, mine.weight),
        all=compare(winner.probability, rival.probability, unseen.won, name, seed, unseen.weight, confidence),
    )


def against_champion(entry: Entry, champion: Champion, test: TestLeads, horizon_days: int, seed: int) -> Duel:
    """Beside the champion, on the test leads that the champion has not learned from."""
    name = f"champion version {champion.model.version}"
    kinds = {field.name: field.kind for field in test.schema.arrival_fields}
    fields = champion.model.schema.arrival_fields
    if gone := [f"{field.name} ({field.kind})" for field in fields if kinds.get(field.name) is not field.kind]:
        return Duel(name, None, f"it needs {', '.join(gone)}, which scoring.toml no longer has")
    if champion.model.horizon_days != horizon_days:
        return Duel(name, None, f"its horizon is {champion.model.horizon_days} days, not {horizon_days}")
    rows = np.flatnonzero(unseen(test.leads.lead_id, champion.learned_from))
    if not enough(test.won[rows]):
        return Duel(
            name,
            None,
            f"it has learned from all but {len(rows)} of the {len(test.won)} test leads; newer ones are needed",
        )
    leads, won, weight = test.leads.take(rows), test.won[rows], test.weight[rows]
    mine, theirs = entry.run.evaluation.probability[rows], champion.model.probability(leads)
    sources = sources_of(leads)
    harmed = () if sources is None else harmed_sources(mine, theirs, won, sources, name, seed, weight)
    return Duel(name, compare(mine, theirs, won, name, seed, weight), harmed=harmed)
