"""The queue page and what an agent does on it: claim, log a call, record an outcome, give back, next."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response

from features.lead import Contact
from serving import cursors
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.errors import NotFound, RequestRefused
from serving.operations.claims import Claims
from serving.pages.forms import form_of
from serving.pages.page_route import PageRoute, lead_id_of, notice_of, page_context_of, to
from serving.pages.queue.callback_times import CallbackRefused, moment_of
from serving.pages.queue.filters import QueueFilters
from serving.pages.queue.view import Seen, ended_notice, queue_view
from serving.pages.rendering import page
from serving.pages.views import Stage
from serving.queue_rules import QueueCursor, QueueEntry, QueuePage
from serving.store import Connection, leads, overview
from serving.store.contacts import find_contacts
from serving.store.outcomes import OutcomeReport
from serving.store.queue import find_entry

ROWS = 50
LONGEST_CALL = 600
LONGEST_REASON = 200

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/queue")
@needs("sales", by="session")
async def queue(request: Request) -> Response:
    """Whom to call now, and why."""
    service, session = service_of(request), session_of(request)
    context, filters = page_context_of(request, service), QueueFilters.of(request.query_params)
    wanted, after = (
        request.query_params.get("lead", ""),
        cursors.parse(QueueCursor.read, request.query_params.get("cursor")),
    )
    seen = await service.store.read(_see, service.claims, filters, context.agent, wanted, after, context.now)
    view = queue_view(seen, filters, service.claims.rules, context)
    return page("queue.html", view, request, session, notice_of(request) or ended_notice(seen, context))


@router.post("/queue/next")
@needs("sales", by="session")
async def claim_next(request: Request) -> Response:
    """Claim the next lead, whichever that is by now."""
    service, form = service_of(request), await form_of(request)
    filters, agent = QueueFilters.of(form), session_of(request).caller.name
    claim = await service.store.write(service.claims.claim_next, agent, filters.ask, service.clock())
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
    made = await service.store.write(service.claims.claim, lead_id, agent, service.clock())
    return to("/queue", "taken") if made is None else to(QueueFilters().url(lead=lead_id))


@router.post("/queue/release")
@needs("sales", by="session")
async def release(request: Request) -> Response:
    """Give a lead back."""
    service, form = service_of(request), await form_of(request)
    lead_id, agent = lead_id_of(form.get("lead_id", "")), session_of(request).caller.name
    given_back = await service.store.write(_release, service.claims, lead_id, agent, service.clock())
    return to("/queue", "released" if given_back else "ended")


@router.post("/queue/contact")
@needs("sales", by="session")
async def contact(request: Request) -> Response:
    """Log a call that has just ended."""
    service, form, now = service_of(request), await form_of(request), service_of(request).clock()
    lasted = _read_number(form, "minutes", LONGEST_CALL)
    if form.get("connected") not in ("yes", "no"):
        raise RequestRefused("say whether you reached them: yes or no")
    try:
        again_at = moment_of(form, service.claims.rules, now)
    except CallbackRefused as refused:
        raise RequestRefused(str(refused)) from None
    made = Contact(
        lead_id=lead_id_of(form.get("lead_id", "")),
        started_at=now - timedelta(minutes=lasted or 0),
        agent=session_of(request).caller.name,
        channel="phone",
        direction="out",
        connected=form["connected"] == "yes",
        duration_s=None if lasted is None else 60 * lasted,
    )
    await service.store.read(_known, made.lead_id)
    await service.store.write(service.lead_operations.add_contact, made, again_at, now)
    return to(form.get("back", "/queue"), "called")


@router.post("/queue/outcome")
@needs("sales", by="session")
async def outcome(request: Request) -> Response:
    """Record what became of a lead."""
    service, form, now = service_of(request), await form_of(request), service_of(request).clock()
    lead_id, value = lead_id_of(form.get("lead_id", "")), _read_number(form, "value", math.inf)
    reason = form.get("reason", "").strip()[:LONGEST_REASON] or None
    await service.store.read(_known, lead_id)
    match form.get("status"):
        case "won":
            said = OutcomeReport(lead_id, "won", now, value, None, now)
        case "lost":
            said = OutcomeReport(lead_id, "lost", now, None, reason, now)
        case _:
            raise RequestRefused("an outcome is won or lost")
    agent = session_of(request).caller.name
    standing = await service.store.write(service.lead_operations.record_outcome, said, agent, now)
    return to(form.get("back", "/queue"), said.status if standing and standing.status == said.status else "stands")


def _see(
    connection: Connection,
    claims: Claims,
    filters: QueueFilters,
    agent: str,
    wanted: str,
    after: QueueCursor | None,
    now: datetime,
) -> Seen:
    found = claims.page(connection, filters.ask, now, ROWS, after)
    held = tuple(claims.find_claimed(connection, agent, now))
    asked_for = find_entry(connection, wanted)
    stage, place = _theirs(asked_for, held, agent, now)
    if place is None:
        place = _first_free(connection, claims, filters, now, None if after else found)
        stage = "next" if place else "none"
    lead_id = place.lead_id if place else None
    is_theirs = lead_id is not None and stage != "next"
    return Seen(
        page=found,
        stage=stage,
        lead=leads.find(connection, lead_id) if lead_id else None,
        contacts=tuple(find_contacts(connection, lead_id)) if lead_id and is_theirs else (),
        held=held,
        at_random=stage == "claimed" and place is not None and overview.is_random_claim(connection, place.claim_id),
        choices=overview.choices(connection),
        ended=asked_for if asked_for is not None and _ran_out(asked_for, agent, now) else None,
        at=after.at if after else now,
    )


def _theirs(
    wanted: QueueEntry | None, held: tuple[QueueEntry, ...], agent: str, now: datetime
) -> tuple[Stage, QueueEntry | None]:
    """The lead that the agent has at hand: the one that they look at, or the one claimed last."""
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


def _known(connection: Connection, lead_id: str) -> None:
    if leads.find(connection, lead_id) is None:
        raise NotFound("there is no lead of this id")


def _read_number(form: Mapping[str, str], name: str, most: float) -> float | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= most or math.isinf(number):
        raise RequestRefused(f"{name} must be a number from 0" + (f" to {most:g}" if math.isfinite(most) else ""))
    return number
