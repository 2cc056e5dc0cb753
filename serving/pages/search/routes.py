"""Leads found by name, company, phone number, e-mail address or id."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from language.text import gettext as _
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.pages.lines import STATUSES, holder_of, lead_url
from serving.pages.page_context import PageContext, chance_of
from serving.pages.page_route import PageRoute, page_context_of
from serving.pages.person import Person, person_of, searched_columns
from serving.pages.rendering import page
from serving.pages.views import Chance
from serving.store import Connection, lead_search, leads
from serving.store.leads import StoredLead

MOST = 30
LONGEST = 200

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class FoundLead:
    """A lead that was found; `state` says what became of it, or who has it."""

    person: Person
    url: str
    grade: str
    chance: Chance | None
    state: str


@dataclass(frozen=True, slots=True)
class SearchView:
    """The whole search page."""

    text: str
    title: str
    rows: tuple[FoundLead, ...]
    hint: str


@router.get("/search")
@needs("sales", by="session")
async def search(request: Request) -> Response:
    """The leads that hold what was asked for."""
    service, text = service_of(request), request.query_params.get("q", "").replace("\0", "").strip()[:LONGEST]
    context = page_context_of(request, service)
    found = await service.store.read(_find_matches, text, searched_columns(context.schema))
    return page("search.html", _search_view(text, found, context), request, session_of(request))


def _find_matches(connection: Connection, text: str, columns: tuple[str, ...]) -> list[StoredLead]:
    ids = lead_search.find_leads(connection, text, columns, MOST)
    return [lead for lead_id in ids if (lead := leads.find(connection, lead_id)) is not None]


def _search_view(text: str, found: list[StoredLead], context: PageContext) -> SearchView:
    return SearchView(text, _title(text, found), tuple(_found_lead(lead, context) for lead in found), _hint(found))


def _title(text: str, found: list[StoredLead]) -> str:
    if found:
        return _("“%(text)s”", text=text)
    return _("No lead fits “%(text)s”", text=text) if text else _("Find a lead")


def _hint(found: list[StoredLead]) -> str:
    if not found:
        return _("Look for part of a name, company, phone number, e-mail address or id.")
    if len(found) == MOST:
        return _("The newest %(most)s that fit are shown; more letters leave fewer.", most=MOST)
    return ""


def _found_lead(lead: StoredLead, context: PageContext) -> FoundLead:
    facts, score = lead.facts, lead.score.score if lead.score else None
    return FoundLead(
        person_of(facts.lead_id, facts.fields, context.schema),
        lead_url(facts.lead_id),
        score.grade if score else "",
        chance_of(score.probability, score.horizon_days) if score else None,
        _state_of(lead, context),
    )


def _state_of(lead: StoredLead, context: PageContext) -> str:
    if lead.outcome is not None and lead.outcome.status != "open":
        when = context.moment(lead.outcome.at or lead.outcome.reported_at)
        return _("%(status)s %(when)s", status=_(STATUSES[lead.outcome.status]), when=when)
    if lead.place is None:
        return _("not in the queue")
    if lead.place.is_claimed(context.now):
        return holder_of(lead.place, context)
    if lead.place.free_from > context.now:
        return _("to be called again %(when)s", when=context.moment(lead.place.free_from))
    return _("waiting")
