"""The queue page in words: whom to call now, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages import formatting
from serving.pages.lead.score_parts import ranked_reasons
from serving.pages.lines import contact_lines, field_lines, first_upper, holder_of, lead_url, no_form, reason_lines
from serving.pages.page_context import PageContext, chance_of, waiting_of
from serving.pages.person import Person, person_of
from serving.pages.queue.call_form import new_call_form
from serving.pages.queue.filters import QueueFilters
from serving.pages.views import ActionPanel, Column, LeadCard, Link, Notice, QueueGroup, QueueRow, QueueView, Stage
from serving.queue_rules import Order, QueueEntry, QueuePage, QueueRules
from serving.store.contacts import StoredContact
from serving.store.leads import StoredLead
from serving.store.overview import Choices
from training.model import REASONS

HORIZON_UNKNOWN = 90
"""Within so many days a lead is won, as the chances are told, while there is no model to say it."""
ORDERED_BY: dict[Order, str] = {
    "score": mark("the highest chance first"),
    "value": mark("what is worth most first"),
    "wait": mark("the longest wait for its chance first"),
    "cost": mark("what costs most to keep waiting first"),
}
NOBODY = mark("Every lead has been called, or is with somebody. New ones appear here as they arrive.")
NONE_MATCHES = mark("No lead matches these filters. Show all, or choose others.")
EMPTY = mark(
    "There are no leads yet. They appear here as soon as your CRM sends them: PUT /v1/leads/{id}, described at /docs."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the store holds for this page.

    Attributes:
        lead: the one at the top, None where nobody is to be called; `stage` says how the reader stands to it.
        contacts: those with it, where it is the reader's.
        held: what the reader has claimed, the newest claim first.
        at_random: whether the claim on `lead` fell to it at random.
        people: the fields of the leads on the page.
        ended: a lead that the reader asked for and whose claim ran out.
        at: when the page's order was made.
    """

    page: QueuePage
    stage: Stage
    lead: StoredLead | None
    contacts: tuple[StoredContact, ...]
    held: tuple[QueueEntry, ...]
    at_random: bool
    choices: Choices
    people: Mapping[str, Mapping[str, Any]]
    ended: QueueEntry | None
    at: datetime


def queue_view(seen: Seen, filters: QueueFilters, rules: QueueRules, context: PageContext) -> QueueView:
    """The whole page."""
    top = None if seen.lead is None else seen.lead.facts.lead_id
    others = tuple(
        Link(_person(place.lead_id, seen, context).title, filters.url(lead=place.lead_id))
        for place in seen.held
        if place.lead_id != top
    )
    following = seen.page.following
    horizon_days = context.model.horizon_days if context.model else HORIZON_UNKNOWN
    return QueueView(
        stage=seen.stage,
        card=_card(seen.lead, seen, rules, context),
        action_panel=_card_action_panel(seen, filters, rules, context),
        others=others,
        columns=_columns(filters, is_sorted=not any(_is_first(place, rules, seen.at) for place in seen.page.places)),
        groups=_groups(seen, filters, rules, horizon_days, context),
        more=filters.url(cursor=str(following)) if following else None,
        filters=filters.choices(seen.choices),
        is_filtered=filters.is_filtered,
        hidden_fields=filters.said,
        count=_count(seen.page),
        empty=_empty(seen, filters),
        fresh_since=context.now.timestamp(),
    )


def make_action_panel(
    lead: StoredLead, contacts: tuple[StoredContact, ...], back: str, rules: QueueRules, context: PageContext
) -> ActionPanel:
    """What an agent needs to call a lead and to say how it went."""
    return ActionPanel(
        facts=tuple(
            replace(line, unused=None)
            for line in field_lines(lead.facts.fields, context)
            if line.value != formatting.DASH
        ),
        contacts=contact_lines(contacts, context, no_form),
        form=new_call_form(lead.facts.lead_id, back, lead.facts.value, rules, context.now),
    )


def ended_notice(seen: Seen, context: PageContext) -> Notice | None:
    """What to say to an agent who comes back to a lead after the claim on it ran out."""
    if seen.ended is None:
        return None
    when = context.moment_with_zone(seen.ended.claimed_until)
    title = _person(seen.ended.lead_id, seen, context).full_title
    text = _("Your claim on %(lead)s ran out %(when)s, and it went back into the queue.", lead=title, when=when)
    return Notice(text, is_refusal=True)


def _card(lead: StoredLead | None, seen: Seen, rules: QueueRules, context: PageContext) -> LeadCard | None:
    if lead is None or lead.score is None or lead.place is None:
        return None
    score, place = lead.score.score, lead.place
    claimed = seen.stage == "claimed"
    return LeadCard(
        person=person_of(lead.facts.lead_id, lead.facts.fields, context.schema),
        url=lead_url(lead.facts.lead_id),
        grade=score.grade,
        chance=chance_of(score.probability, score.horizon_days),
        reasons=reason_lines(ranked_reasons(score, context), REASONS),
        waiting=waiting_of(place, context),
        tried=_tried(place),
        worth=_worth(place),
        origin=" / ".join(part for part in (lead.facts.source, lead.facts.campaign) if part),
        at_random=seen.at_random,
        has_until=_("until %(when)s", when=context.moment_with_zone(place.claimed_until)) if claimed else None,
        until=place.claimed_until.timestamp() if claimed else None,
        why_first=_uncalled(rules) if seen.stage == "next" and rules.is_aged(place, context.now) else None,
        little_known=formatting.little_known(score.confidence),
    )


def _card_action_panel(
    seen: Seen, filters: QueueFilters, rules: QueueRules, context: PageContext
) -> ActionPanel | None:
    if seen.lead is None or seen.stage not in ("claimed", "called"):
        return None
    return make_action_panel(seen.lead, seen.contacts, filters.url(lead=seen.lead.facts.lead_id), rules, context)


def _tried(place: QueueEntry) -> str | None:
    return ngettext("called %(num)s time", "called %(num)s times", place.attempts) if place.attempts else None


def _worth(place: QueueEntry) -> str | None:
    if place.expected_value is None:
        return None
    return _("worth %(money)s on average", money=formatting.money(place.expected_value))


def _uncalled(rules: QueueRules) -> str:
    return _("not called for more than %(duration)s", duration=formatting.duration(rules.oldest.total_seconds()))


def _columns(filters: QueueFilters, *, is_sorted: bool) -> tuple[Column, ...]:
    return (
        Column(_("Grade")),
        Column(_("Lead")),
        Column(_("Chance"), filters.sorted_by("score", _("Chance")), is_figure=True, is_sorted=is_sorted),
        Column(_("Worth"), filters.sorted_by("value", _("Worth")), is_figure=True, is_sorted=is_sorted),
        Column(_("Source")),
        Column(_("Waiting"), filters.sorted_by("wait", _("Waiting")), is_sorted=is_sorted),
        Column(_("Status")),
    )


def _person(lead_id: str, seen: Seen, context: PageContext) -> Person:
    return person_of(lead_id, seen.people.get(lead_id, {}), context.schema)


def _is_first(place: QueueEntry, rules: QueueRules, at: datetime) -> bool:
    """Whether a lead stands before those of a better place in the order that was asked for."""
    return rules.is_aged(place, at) or place.is_overdue(at)


def _groups(
    seen: Seen, filters: QueueFilters, rules: QueueRules, horizon_days: int, context: PageContext
) -> tuple[QueueGroup, ...]:
    """The rows as the queue sorts them: untried for too long, overdue, and the rest."""
    by = _(ORDERED_BY[filters.order])

    def order_of(place: QueueEntry) -> str:
        if filters.order == "cost":
            return first_upper(by)
        if rules.is_aged(place, seen.at):
            return _("%(uncalled)s: the oldest first", uncalled=first_upper(_uncalled(rules)))
        return _("Overdue: %(order)s", order=by) if place.is_overdue(seen.at) else first_upper(by)

    return tuple(
        QueueGroup(order, tuple(_row(place, seen, horizon_days, context) for place in places))
        for order, places in groupby(seen.page.places, order_of)
    )


def _row(place: QueueEntry, seen: Seen, horizon_days: int, context: PageContext) -> QueueRow:
    claimed = place.is_claimed(context.now)
    return QueueRow(
        person=_person(place.lead_id, seen, context),
        url=lead_url(place.lead_id),
        grade=place.grade,
        chance=chance_of(place.probability, horizon_days),
        worth=formatting.DASH if place.expected_value is None else formatting.money(place.expected_value),
        source=place.source or formatting.DASH,
        waiting=waiting_of(place, context),
        state=holder_of(place, context) if claimed else _tried(place) or "",
        is_free=not claimed,
        until=place.claimed_until.timestamp() if claimed else None,
        little_known=formatting.little_known(place.confidence),
    )


def _count(page: QueuePage) -> str:
    waiting = ngettext("%(num)s lead to call", "%(num)s leads to call", page.waiting)
    overdue = ngettext("%(num)s overdue", "%(num)s overdue", page.overdue)
    return f"{waiting}, {overdue}" if page.overdue else waiting


def _empty(seen: Seen, filters: QueueFilters) -> str:
    if filters.is_filtered and not seen.page.places:
        return _(NONE_MATCHES)
    return _(NOBODY) if seen.page.places or seen.choices.sources or seen.choices.agents else _(EMPTY)
