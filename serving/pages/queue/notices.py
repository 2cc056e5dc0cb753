"""What the last action came to, named by the lead, with the way to take it back."""

from fastapi import Request

from language.text import gettext as _
from serving.deps import Service
from serving.operations.calls import may_correct
from serving.pages import formatting
from serving.pages.lines import STATUSES, reason_text
from serving.pages.notices import notice_of
from serving.pages.page_context import PageContext
from serving.pages.person import person_of
from serving.pages.views import Notice
from serving.store import Connection, leads, outcomes
from serving.store.contacts import StoredContact, find_contact
from serving.store.leads import LeadFacts
from serving.store.outcomes import OutcomeReport

LoggedCall = tuple[StoredContact, LeadFacts, OutcomeReport | None]


async def find_notice(request: Request, service: Service, context: PageContext) -> Notice | None:
    """What the address says was done; None where nothing was."""
    contact_id = request.query_params.get("call", "")
    found = await service.store.read(_find_call, contact_id) if contact_id else None
    if found is None:
        return notice_of(request)
    return _call_notice(found, context)


def _find_call(connection: Connection, contact_id: str) -> LoggedCall | None:
    stored = find_contact(connection, contact_id.replace("\0", ""))
    lead = leads.find(connection, stored.contact.lead_id) if stored else None
    if stored is None or lead is None:
        return None
    standing = outcomes.find_standing(connection, [lead.facts.lead_id]).get(lead.facts.lead_id)
    is_of_call = standing is not None and standing.contact_id == stored.contact_id
    return stored, lead.facts, standing if is_of_call else None


def _call_notice(found: LoggedCall, context: PageContext) -> Notice:
    stored, facts, outcome = found
    title = person_of(facts.lead_id, facts.fields, context.schema).full_title
    undo = stored.contact_id if may_correct(stored, context.agent, context.now) else None
    return Notice(f"{title}: {_result(stored, outcome, context)}.", undo=undo)


def _result(stored: StoredContact, outcome: OutcomeReport | None, context: PageContext) -> str:
    if outcome is not None and outcome.status != "open":
        worth = "" if outcome.value is None else _("worth %(money)s", money=formatting.money(outcome.value))
        parts = (_(STATUSES[outcome.status]), worth, reason_text(outcome.reason or ""))
        return ", ".join(part for part in parts if part)
    word = _("not reached") if stored.contact.connected is False else _("reached")
    if stored.again_at is None:
        return word
    again = _("call again %(when)s", when=context.moment_with_zone(stored.again_at))
    return f"{word}, {again}"
