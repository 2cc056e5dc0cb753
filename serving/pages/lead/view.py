"""The lead page in words: what is known of a lead, and why it scores so."""

from collections.abc import Sequence

from language.text import gettext as _
from serving.operations.calls import may_correct
from serving.pages import formatting
from serving.pages.lead.score_parts import ranked_reasons
from serving.pages.lead.waterfall import parts_of
from serving.pages.lines import (
    contact_lines,
    field_lines,
    holder_of,
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
from serving.pages.warning_words import WARNINGS
from serving.queue_rules import QueueEntry, QueueRules
from serving.store.contacts import StoredContact
from serving.store.leads import StoredLead
from serving.store.scores import Change, StoredScore
from training.model import REASONS, Score


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
        scored=_scored(score, context),
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
        warnings=tuple(map(WARNINGS.translate, score.warnings)) if score else (),
        little_known=formatting.little_known(score.confidence) if score else "",
        action_panel=make_action_panel(lead, contacts, back, rules, context) if is_mine else None,
        may_claim=place is not None and not place.is_claimed(context.now),
    )


def _scored(score: Score | None, context: PageContext) -> str:
    if score is None:
        return _("It has no score.")
    return _("scored %(ago)s by model %(version)s", ago=context.ago(score.scored_at), version=score.model_version)


def _where(place: QueueEntry | None, context: PageContext) -> str:
    if place is None:
        return _("Not in the queue.")
    if place.is_claimed(context.now):
        who, until = holder_of(place, context), context.moment_with_zone(place.claimed_until)
        return _("In the queue, %(who)s until %(when)s,", who=who, when=until)
    if place.free_from > context.now and place.free_from != place.promised_by:
        return _("In the queue, to be called again %(when)s,", when=context.moment(place.free_from))
    return _("In the queue,")


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
        return _("first score")
    total = round(100 * (probability - change.before.probability), 1)
    points = formatting.points(total / 100)
    if change.model_part is None or change.lead_part is None:
        return _(
            "%(points)s points; in which part by the model is unknown, because it cannot read the lead as it was",
            points=points,
        )
    model = round(100 * change.model_part, 1)
    lead = round(total - model, 1)
    return _(
        "%(points)s points: the model changed %(model)s, the lead changed %(lead)s",
        points=points,
        model=formatting.points(model / 100),
        lead=formatting.points(lead / 100),
    )
