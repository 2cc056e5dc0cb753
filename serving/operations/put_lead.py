"""A lead on its way into the store: read and scored by a model, and compared with what was known of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from features.errors import FieldProblem, LeadRefused
from features.lead import Lead
from features.parsing.plausible_dates import AHEAD
from serving.schemas.requests import SentLead
from serving.schemas.types import ACCEPTED_TIME, EARLIEST, LATEST, NUL
from serving.schemas.validation import NOT_AHEAD
from serving.scoring.scorer import REASONS_KEPT, Scorer, parse_lead
from serving.store.leads import LeadFacts, LockedLead
from serving.store.scores import Change, StoredScore
from serving.store.tables import new_id
from training.model import Score, ScoringModel


@dataclass(frozen=True, slots=True)
class Comparison:
    """A lead's facts as the store had them, beside its new ones: the probability of the old ones by the same model.

    `probability` is None where the model's schema does not take the old facts; `is_same` says that the model reads
    both alike.
    """

    facts: LeadFacts
    probability: float | None
    is_same: bool


@dataclass(frozen=True, slots=True)
class PutLead:
    """A lead as it came, as a model read it, that model's score of it, and the comparison with what was known."""

    facts: LeadFacts
    lead: Lead
    score: Score
    model: ScoringModel
    comparison: Comparison | None = None
    is_last_try: bool = False

    def compare(self, known: LeadFacts) -> "PutLead":
        """The same put, compared with what is known of the lead; this runs the model."""
        try:
            old = known.read_by(self.model.schema)
        except LeadRefused:  # a new schema takes other values: what the model did to the old lead cannot be told
            return replace(self, comparison=Comparison(known, None, is_same=False))
        if old == self.lead:
            return replace(self, comparison=Comparison(known, None, is_same=True))
        probability = self.model.score(old, self.score.scored_at, 0).probability
        return replace(self, comparison=Comparison(known, probability, is_same=False))


@dataclass(frozen=True, slots=True)
class ChangedLead:
    """A lead as a change made it of what was known `before`."""

    before: LeadFacts
    after: PutLead


@dataclass(frozen=True, slots=True)
class Put:
    """What a put came to: the lead's score now, whether the lead is new, and which known facts it left out."""

    score: Score
    created: bool
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A put that was not stored: it must first be compared with what is `known` of its lead."""

    known: LeadFacts


@dataclass(frozen=True, slots=True)
class NewScore:
    """A score to be kept for a lead."""

    facts: LeadFacts
    arrived: datetime
    score: StoredScore

    @property
    def at(self) -> datetime:
        return self.score.score.scored_at


def score_put(scorer: Scorer, lead: SentLead) -> PutLead:
    """A lead to be stored, scored with all the reasons that are kept.

    Raises:
        LeadRefused: where a field's value is not of its kind, or its time is one that no database keeps.
    """
    model = scorer.champion.model
    read = parse_lead(model, lead)
    now = scorer.now()
    _check_storable(read, now)
    facts = LeadFacts(read.lead_id, read.created_at, read.source, read.campaign, lead.value, lead.fields)
    return PutLead(facts, read, scorer.give(model.score(read, now, REASONS_KEPT)), model)


def _check_storable(lead: Lead, now: datetime) -> None:
    if lead.created_at is not None and not EARLIEST <= lead.created_at <= LATEST:
        raise LeadRefused([FieldProblem(("created_at",), ACCEPTED_TIME)])
    if lead.created_at is not None and lead.created_at > now + AHEAD:
        raise LeadRefused([FieldProblem(("created_at",), NOT_AHEAD)])
    for role, text in (("source", lead.source), ("campaign", lead.campaign)):
        if text is not None and NUL in text:
            raise LeadRefused([FieldProblem((role,), "expected text without NUL")])


def needs_comparison(put: PutLead, found: LockedLead) -> bool:
    """Whether a put changes a scored lead, and was compared with other facts than those that stand, or with none."""
    if found.score_id is None or found.facts == put.facts or put.is_last_try:
        return False
    return put.comparison is None or put.comparison.facts != found.facts


def first_score(put: PutLead, received_at: datetime) -> NewScore:
    """The score of a lead that had none; it arrived when the company says, or else when it was received."""
    arrived = put.facts.created_at or received_at
    return NewScore(put.facts, arrived, StoredScore(new_id("sc"), put.score, None))


def changed_score(put: PutLead, found: LockedLead) -> NewScore | None:
    """The new score of a scored lead whose facts changed; None where nothing did that a model may see."""
    if found.score_id is None:
        return None
    before, compared = found.previous, put.comparison
    change = Change(before, None, None)
    if compared is not None and compared.facts == found.facts:
        if compared.is_same:
            return None
        if (on_old := compared.probability) is not None:
            change = Change(before, on_old - before.probability, put.score.probability - on_old)
    stored = StoredScore(new_id("sc"), put.score, change)
    return NewScore(put.facts, put.facts.created_at or found.received_at, stored)
