"""The queue page and what an agent does on it: claim, give back, next."""

from datetime import datetime

from fastapi import APIRouter, Request, Response

from serving import cursors
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.operations.claims import Claims, TooManyClaims
from serving.pages.forms import form_of
from serving.pages.page_route import PageRoute, lead_id_of, page_context_of, to
from serving.pages.queue.filters import QueueFilters
from serving.pages.queue.notices import find_notice
from serving.pages.queue.view import Seen, ended_notice, queue_view
from serving.pages.rendering import page
from serving.pages.views import Stage
from serving.queue_rules import QueueCursor, QueueEntry, QueuePage
from serving.store import Connection, leads, overview
from serving.store.contacts import find_contacts
from serving.store.queue import find_entry

ROWS = 50

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/queue")
@needs("sales", by="session")
async def queue(request: Request) -> Response:
    """Whom to call now, and why."""
    service, session = service_of(request), session_of(request)
    context = page_context_of(request, service)
    filters = QueueFilters.of(request.query_params, service.claims.rules.order)
    wanted_id = request.query_params.get("lead", "")
    after = cursors.parse(QueueCursor.read, request.query_params.get("cursor"))
    seen = await service.store.read(_see, service.claims, filters, context.agent, wanted_id, after, context.now)
    view = queue_view(seen, filters, service.claims.rules, context)
    notice = await find_notice(request, service, context) or ended_notice(seen, context)
    return page("queue.html", view, request, session, notice)


@router.post("/queue/next")
@needs("sales", by="session")
async def claim_next(request: Request) -> Response:
    """Claim the next lead, whichever that is by now; one that is skipped for it is given back."""
    service, form = service_of(request), await form_of(request)
    filters, agent = QueueFilters.of(form, service.claims.rules.order), session_of(request).caller.name
    skipped = form.get("skip") or None
    try:
        claim = await service.store.write(service.claims.take_next, agent, filters.ask, service.clock(), skipped)
    except TooManyClaims:
        return to(filters.url(), "full")
    if claim is None:
        return to(filters.url(), "none")
    shown = form.get("shown")
    is_other = shown is not None and shown != claim.lead_id and not claim.at_random
    return to(filters.url(lead=claim.lead_id), "other" if is_other else None)


@router.post("/queue/claim")
@needs("sales", by="session")
async def claim(request: Request) -> Response:
    """Claim one lead."""
    service, form = service_of(request), await form_of(request)
    lead_id, agent = lead_id_of(form.get("lead_id", "")), session_of(request).caller.name
    try:
        made = await service.store.write(service.claims.take, lead_id, agent, service.clock())
    except TooManyClaims:
        return to("/queue", "full")
    return to("/queue", "taken") if made is None else to("/queue", lead=lead_id)


@router.post("/queue/release")
@needs("sales", by="session")
async def release(request: Request) -> Response:
    """Give a lead back."""
    service, form = service_of(request), await form_of(request)
    lead_id, agent = lead_id_of(form.get("lead_id", "")), session_of(request).caller.name
    given_back = await service.store.write(_release, service.claims, lead_id, agent, service.clock())
    return to("/queue", "released" if given_back else "ended")


def _see(
    connection: Connection,
    claims: Claims,
    filters: QueueFilters,
    agent: str,
    wanted_id: str,
    after: QueueCursor | None,
    now: datetime,
) -> Seen:
    found = claims.page(connection, filters.ask, now, ROWS, after)
    held = tuple(claims.find_claimed(connection, agent, now))
    wanted = find_entry(connection, wanted_id)
    stage, place = _theirs(wanted, held, agent, now)
    if place is None:
        place = _first_free(connection, claims, filters, now, None if after else found)
        stage = "next" if place else "none"
    lead_id = place.lead_id if place else None
    is_theirs = lead_id is not None and stage != "next"
    shown = {entry.lead_id for entry in (*found.places, *held, *filter(None, (place, wanted)))}
    return Seen(
        page=found,
        stage=stage,
        lead=leads.find(connection, lead_id) if lead_id else None,
        contacts=tuple(find_contacts(connection, lead_id)) if lead_id and is_theirs else (),
        held=held,
        at_random=stage == "claimed" and place is not None and overview.is_random_claim(connection, place.claim_id),
        choices=overview.choices(connection),
        people=leads.find_fields(connection, shown),
        ended=wanted if wanted is not None and _ran_out(wanted, agent, now) else None,
        at=after.at if after else now,
    )


def _theirs(
    wanted: QueueEntry | None, held: tuple[QueueEntry, ...], agent: str, now: datetime
) -> tuple[Stage, QueueEntry | None]:
    """The lead that the agent has at hand: the one that they look at if it is theirs, else the one claimed last."""
    if wanted is not None and wanted.agent == agent:
        if wanted.is_claimed(now):
            return "claimed", wanted
        if wanted.attempts:
            return "called", wanted
    return ("claimed", held[0]) if held else ("none", None)


def _ran_out(place: QueueEntry, agent: str, now: datetime) -> bool:
    """Whether the agent had the lead last, and did nothing with it in time."""
    return place.agent == agent and place.claim_id is not None and not place.is_claimed(now)


def _first_free(
    connection: Connection, claims: Claims, filters: QueueFilters, now: datetime, first: QueuePage | None
) -> QueueEntry | None:
    """The first lead that nobody has; before it stand at most those that agents have."""
    found = first or claims.page(connection, filters.ask, now, ROWS)
    while True:
        free = next((place for place in found.places if not place.is_claimed(now)), None)
        if free or found.following is None:
            return free
        found = claims.page(connection, filters.ask, now, ROWS, found.following)


def _release(connection: Connection, claims: Claims, lead_id: str, agent: str, now: datetime) -> bool:
    place = find_entry(connection, lead_id)
    if place is None or place.agent != agent or place.claim_id is None:
        return False
    return claims.release(connection, place.claim_id, now)
