"""What stands in the store, as the API answers it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from serving.operations.put_lead import Put
from serving.queue_rules import Claim, QueueEntry, QueuePage
from serving.schemas.lead_changes import left_out_warning
from serving.schemas.responses import (
    ClaimOut,
    ContactOut,
    LeadOut,
    OutcomeOut,
    OutcomeSetOut,
    PlaceOut,
    QueuedOut,
    QueueOut,
    ScoreOut,
)
from serving.store.contacts import StoredContact
from serving.store.leads import StoredLead
from serving.store.outcomes import OutcomeReport
from serving.store.scores import StoredScore
from training.model import REASONS, Score


def lead_out(found: StoredLead, contacts: Sequence[StoredContact], now: datetime) -> LeadOut:
    """All that is known of a lead."""
    facts = found.facts
    return LeadOut(
        lead_id=facts.lead_id,
        created_at=facts.created_at,
        received_at=found.received_at,
        source=facts.source,
        campaign=facts.campaign,
        value=facts.value,
        fields=dict(facts.fields),
        score=None if found.score is None else score_out(found.score.score),
        outcome=None if found.outcome is None else outcome_out(facts.lead_id, found.outcome),
        contacts=[contact_out(contact) for contact in contacts],
        queue=None if found.place is None else place_out(found.place, now),
    )


def score_out(score: Score, most: int = REASONS) -> ScoreOut:
    """A score with its strongest reasons."""
    shown = asdict(score)
    return ScoreOut(**(shown | {"reasons": shown["reasons"][:most], "warnings": list(score.warnings)}))


def contact_out(stored: StoredContact) -> ContactOut:
    """A contact."""
    return ContactOut(contact_id=stored.contact_id, again_at=stored.again_at, **asdict(stored.contact))


def outcome_out(lead_id: str, standing: OutcomeReport | None) -> OutcomeOut:
    """What stands of a lead; `open` where nothing does."""
    if standing is None:
        return OutcomeOut(lead_id=lead_id, status="open")
    return OutcomeOut(**asdict(standing))


def outcome_set_out(said: OutcomeReport, standing: OutcomeReport | None, now: datetime) -> OutcomeSetOut:
    """What stands after a report, and in words what of the report does not."""
    ahead = [name for name in ("at", "reported_at") if (time := getattr(said, name)) is not None and time > now]
    warnings = [
        f"{name} lies ahead of the service's clock and was taken as now; send times with their zone" for name in ahead
    ]
    if said.status != (standing.status if standing else "open"):
        warnings.append("a later report says otherwise and stands; send a later reported_at, or none, to correct it")
    return OutcomeSetOut(**outcome_out(said.lead_id, standing).model_dump(), warnings=warnings)


def place_out(place: QueueEntry, now: datetime) -> PlaceOut:
    """A lead's place in the queue."""
    claimed = place.is_claimed(now)
    return PlaceOut(
        arrived_at=place.arrived,
        promised_by=place.promised_by,
        overdue=place.is_overdue(now),
        due_from=place.free_from if place.free_from > place.arrived else None,
        attempts=place.attempts,
        expected_value=place.expected_value,
        claim_id=place.claim_id if claimed else None,
        agent=place.agent,
        claimed_until=place.claimed_until if claimed else None,
    )


def claim_out(claim: Claim) -> ClaimOut:
    """An agent's lease."""
    return ClaimOut(
        claim_id=claim.claim_id,
        agent=claim.agent,
        claimed_at=claim.claimed_at,
        until=claim.until,
        at_random=claim.at_random,
    )


def queue_out(page: QueuePage, scores: Mapping[str, StoredScore], now: datetime) -> QueueOut:
    """A page of the queue, each lead with its score."""
    waiting = [
        QueuedOut(
            lead_id=place.lead_id,
            source=place.source,
            score=score_out(scores[place.lead_id].score),
            queue=place_out(place, now),
        )
        for place in page.places
    ]
    following = None if page.following is None else str(page.following)
    return QueueOut(leads=waiting, next=following, waiting=page.waiting, overdue=page.overdue)


def put_answer(put: Put, reasons: int) -> Score:
    """What is answered to a PUT: the score with so many reasons, and a warning of what the PUT left out."""
    warnings = (*put.score.warnings, *left_out_warning(put.left_out))
    return replace(put.score, reasons=put.score.reasons[:reasons], warnings=warnings)
