"""The lead page in words: what is known of a lead, and why it scores so."""

from collections.abc import Sequence

from serving.operations.calls import may_correct
from serving.pages import formatting
from serving.pages.lead.score_parts import ranked_reasons
from serving.pages.lead.waterfall import parts_of
from serving.pages.lines import (
    contact_lines,
    field_lines,
    missing_lines,
    outcome_line,
    reason_lines,
    role_lines,
)
from serving.pages.page_context import PageContext, chance_of, waiting_of
from serving.pages.person import person_of
from serving.pages.queue.call_form import correction_form
from serving.pages.queue.view import make_action_panel
from serving.pages.views import CallForm, LeadView, ScoreLine
from serving.queue_rules import QueueEntry, QueueRules
from serving.store.contacts import StoredContact
from serving.store.leads import StoredLead
from serving.store.scores import Change, StoredScore
from training.model import REASONS


def lead_view(
    lead: StoredLead,
    scores: Sequence[StoredScore],
    contacts: tuple[StoredContact, ...],
    back: str,
    rules: QueueRules,
    context: PageContext,
) -> LeadView:
    """The whole page."""
    score = lead.score.score if lead.score else None
    parts = (
        parts_of(lead.score.score_id, lead.score.score, context) if lead.score and lead.score.score.reasons else None
    )
    place, outcome = lead.place, outcome_line(lead.outcome, context)
    is_mine = place is not None and place.is_claimed(context.now) and place.agent == context.agent

    def correct(stored: StoredContact) -> CallForm | None:
        may = may_correct(stored, context.agent, context.now)
        return correction_form(stored, lead.outcome, back, rules, context.now) if may else None

    facts = (
        *role_lines(lead.facts, context),
        *field_lines(lead.facts.fields, context),
        *missing_lines(lead.facts, context),
    )
    return LeadView(
        person=person_of(lead.facts.lead_id, lead.facts.fields, context.schema),
        chance=chance_of(score.probability, score.horizon_days) if score else None,
        grade=score.grade if score else "",
        scored=f"scored {context.ago(score.scored_at)} by model {score.model_version}" if score else "It has no score.",
        scored_exact=context.exact(score.scored_at) if score else "",
        place=_where(place, context),
        until=place.claimed_until.timestamp() if place and place.is_claimed(context.now) else None,
        waiting=waiting_of(place, context) if place else None,
        reasons=reason_lines(ranked_reasons(score, context), REASONS) if score else (),
        picture=parts.picture if parts else None,
        parts=parts.table if parts else None,
        scores=tuple(_score_line(stored, context) for stored in scores),
        contacts=contact_lines(contacts, context, correct),
        outcome=outcome,
        facts=facts,
        warnings=score.warnings if score else (),
        little_known=formatting.little_known(score.confidence) if score else "",
        action_panel=make_action_panel(lead, contacts, back, rules, context) if is_mine else None,
        may_claim=place is not None and not place.is_claimed(context.now),
    )


def _where(place: QueueEntry | None, context: PageContext) -> str:
    if place is None:
        return "Not in the queue."
    if place.is_claimed(context.now):
        who = "yours" if place.agent == context.agent else f"with {place.agent}"
        return f"In the queue, {who} until {context.moment_with_zone(place.claimed_until)},"
    if place.free_from > context.now:
        return f"In the queue, to be called again {context.moment(place.free_from)},"
    return "In the queue,"


def _score_line(stored: StoredScore, context: PageContext) -> ScoreLine:
    score = stored.score
    return ScoreLine(
        when=context.moment(score.scored_at),
        exact=context.exact(score.scored_at),
        chance=chance_of(score.probability, score.horizon_days),
        grade=score.grade,
        version=score.model_version,
        why=_why(stored.change, score.probability),
    )


def _why(change: Change | None, probability: float) -> str:
    """Both parts in points, rounded so that they add up to what is shown."""
    if change is None:
        return "first score"
    total = round(100 * (probability - change.before.probability), 1)
    moved = f"{formatting.points(total / 100)} points"
    if change.model_part is None or change.lead_part is None:
        return f"{moved}; in which part by the model is unknown, because it cannot read the lead as it was"
    model = round(100 * change.model_part, 1)
    lead = round(total - model, 1)
    return (
        f"{moved}: the model changed {formatting.points(model / 100)}, the lead changed {formatting.points(lead / 100)}"
    )
