"""The lead page: what is known of a lead, and why it scores so."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from language.text import gettext as _
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.errors import NotFound
from serving.middleware.raw_paths import with_slashes
from serving.pages.lead.view import lead_view
from serving.pages.lines import lead_url
from serving.pages.page_route import PageRoute, lead_id_of, page_context_of
from serving.pages.queue.notices import find_notice
from serving.pages.rendering import page
from serving.store import Connection, leads
from serving.store.contacts import StoredContact, find_contacts
from serving.store.leads import StoredLead
from serving.store.scores import StoredScore, find_scores

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Known:
    """All that the store holds of a lead."""

    lead: StoredLead
    scores: tuple[StoredScore, ...]
    contacts: tuple[StoredContact, ...]


@router.get("/leads/{lead_id:path}")
@needs("sales", by="session")
async def lead(request: Request) -> Response:
    """All that is known of one lead."""
    service, lead_id = service_of(request), lead_id_of(with_slashes(request.path_params["lead_id"]))
    known = await service.store.read(_known, lead_id)
    context = page_context_of(request, service)
    view = lead_view(known.lead, known.scores, known.contacts, lead_url(lead_id), service.claims.rules, context)
    notice = await find_notice(request, service, context)
    return page("lead.html", view, request, session_of(request), notice)


def _known(connection: Connection, lead_id: str) -> Known:
    found = leads.find(connection, lead_id)
    if found is None:
        raise NotFound(_("there is no lead of this id"))
    return Known(found, tuple(find_scores(connection, lead_id)), tuple(find_contacts(connection, lead_id)))
