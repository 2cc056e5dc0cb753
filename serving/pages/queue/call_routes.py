"""What an agent says of a call: logged, taken back, or corrected."""

from datetime import datetime

from fastapi import APIRouter, Request, Response

from language.text import gettext as _
from serving.auth.gate import needs, session_of
from serving.deps import Service, service_of
from serving.errors import NotFound
from serving.operations.calls import Call, correct_call, log_call, may_correct, withdraw_call
from serving.operations.claims import TooManyClaims
from serving.pages.forms import form_of
from serving.pages.page_route import PageRoute, lead_id_of, to
from serving.pages.queue.call_form import read_call
from serving.pages.queue.filters import QueueFilters
from serving.queue_rules import Claim
from serving.store import Connection, leads
from serving.store.contacts import StoredContact, find_contact
from serving.store.queue import find_entry

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/queue/call")
@needs("sales", by="session")
async def call(request: Request) -> Response:
    """Log a call that has just ended, and claim the next lead where the agent wants to go on."""
    service, form, now = service_of(request), await form_of(request), service_of(request).clock()
    filters, agent = QueueFilters.of(form, service.claims.rules.order), session_of(request).caller.name
    told = read_call(form, lead_id_of(form.get("lead_id", "")), agent, service.claims.rules, now)
    goes_on = form.get("then") == "next"
    contact_id, claim = await service.store.write(_log, service, told, filters if goes_on else None, now)
    back = filters.url(**({"lead": claim.lead_id} if claim else {})) if goes_on else form.get("back", "/queue")
    return to(back, call=contact_id)


@router.post("/queue/undo")
@needs("sales", by="session")
async def undo(request: Request) -> Response:
    """Take back a call with its outcome; the lead is the agent's again, unless somebody else has it by now."""
    service, form, now = service_of(request), await form_of(request), service_of(request).clock()
    agent, contact_id = session_of(request).caller.name, form.get("contact_id", "")
    lead_id, claim = await service.store.write(_undo, service, contact_id, agent, now)
    if lead_id is None:
        return to("/queue", "too-late")
    return to("/queue", "undone", lead=lead_id) if claim else to("/queue", "undone-free")


@router.post("/queue/correct")
@needs("sales", by="session")
async def correct(request: Request) -> Response:
    """Change what was logged of a call."""
    service, form, now = service_of(request), await form_of(request), service_of(request).clock()
    agent = session_of(request).caller.name
    told = read_call(form, lead_id_of(form.get("lead_id", "")), agent, service.claims.rules, now)
    contact_id = await service.store.write(_correct, service, form.get("contact_id", ""), told, now)
    if contact_id is None:
        return to(form.get("back", "/queue"), "too-late")
    return to(form.get("back", "/queue"), call=contact_id)


def _log(
    connection: Connection, service: Service, told: Call, filters: QueueFilters | None, now: datetime
) -> tuple[str, Claim | None]:
    """The kept call's id, and a claim on the next lead where `filters` say which is wanted and one is free."""
    if leads.find(connection, told.contact.lead_id) is None:
        raise NotFound(_("there is no lead of this id"))
    contact_id = log_call(connection, service.lead_operations, told, now)
    if filters is None:
        return contact_id, None
    try:
        return contact_id, service.claims.take_next(connection, str(told.contact.agent), filters.ask, now)
    except TooManyClaims:
        return contact_id, None


def _undo(
    connection: Connection, service: Service, contact_id: str, agent: str, now: datetime
) -> tuple[str | None, Claim | None]:
    stored = _find_own(connection, contact_id, agent, now)
    if stored is None:
        return None, None
    lead_id = stored.contact.lead_id
    withdraw_call(connection, service.lead_operations, stored, now)
    place = find_entry(connection, lead_id)
    is_free = place is not None and (not place.is_claimed(now) or place.agent == agent)
    return lead_id, service.claims.claim(connection, lead_id, agent, now) if is_free else None


def _correct(connection: Connection, service: Service, contact_id: str, told: Call, now: datetime) -> str | None:
    stored = _find_own(connection, contact_id, str(told.contact.agent), now)
    if stored is None or stored.contact.lead_id != told.contact.lead_id:
        return None
    return correct_call(connection, service.lead_operations, stored, told, now)


def _find_own(connection: Connection, contact_id: str, agent: str, now: datetime) -> StoredContact | None:
    stored = find_contact(connection, contact_id)
    return stored if stored is not None and may_correct(stored, agent, now) else None
