"""A CRM's leads: put, look at, erase; what was tried with them and what became of them."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from features.lead import Contact
from serving.auth.gate import KeyedRoute, needs
from serving.deps import Service, service_of
from serving.errors import RETRY_SECONDS, LeadBusy, NotFound
from serving.http.idempotency import answer_once, reply
from serving.http.merge_patch import MEDIA_TYPE
from serving.http.openapi import problems, taking
from serving.http.request_parsing import body_in, lead_id_in, patch_in, put_lead_in, reasons_in
from serving.operations.leads import ChangedLead, LeadOperations, Put
from serving.schemas.lead_changes import apply_patch, left_out_warning
from serving.schemas.presenters import lead_out, outcome_set_out
from serving.schemas.requests import ChangesIn, ContactIn, FactsIn, OutcomeIn
from serving.schemas.responses import ContactOut, LeadOut, OutcomeSetOut, ScoreOut
from serving.schemas.validation import check_past
from serving.scoring.scorer import put_by
from serving.store import leads
from serving.store.contacts import find_contacts
from serving.store.idempotency import StoredResponse
from serving.store.outcomes import OutcomeReport
from training.model import Score

MOST_TRIES = 20
"""Of a change that others forestall; each time, one of them got through."""

router = APIRouter(prefix="/v1/leads", tags=["leads"], route_class=KeyedRoute)


@router.post(
    "/{lead_id}/contacts",
    status_code=201,
    summary="Tell of a contact",
    response_model=ContactOut,
    responses=problems(400, 409, 413, 415, 422, 503) | {200: {"model": ContactOut, "description": "Known already"}},
    openapi_extra=taking(ContactIn, idempotent=True),
)
@needs("score", "sales")
async def add_contact(request: Request) -> Response:
    """One attempt or conversation, also of a lead that has yet to arrive. Told twice, it is kept once."""
    service, sent = service_of(request), await body_in(request, ContactIn)
    check_past(service.clock(), started_at=sent.started_at)
    contact = Contact(lead_id=lead_id_in(request), **sent.model_dump(exclude={"again_at"}))
    return await answer_once(
        request,
        partial(_add_contact, lead_operations=service.lead_operations, contact=contact, sent=sent, now=service.clock()),
    )


@router.put(
    "/{lead_id}/outcome",
    summary="Say what became of a lead",
    responses=problems(400, 413, 415, 422, 503),
    openapi_extra=taking(OutcomeIn),
)
@needs("score", "sales")
async def put_outcome(request: Request) -> OutcomeSetOut:
    """Won, lost, or `open` to take it back; also of a lead that has yet to arrive. What stands is answered."""
    service, lead_id, sent = service_of(request), lead_id_in(request), await body_in(request, OutcomeIn)
    now = service.clock()
    check_past(now, at=sent.at, reported_at=sent.reported_at)
    said = OutcomeReport(lead_id, sent.status, sent.at, sent.value, sent.reason, sent.reported_at or now)
    standing = await service.store.write(service.lead_operations.report_outcome, said, now)
    return outcome_set_out(said, standing, now)


@router.put(
    "/{lead_id}",
    summary="Store or update a lead, score it, queue it",
    response_model=ScoreOut,
    responses=problems(400, 413, 415, 422, 503) | {201: {"model": ScoreOut, "description": "The lead is new"}},
    openapi_extra=taking(FactsIn, reasons=True),
)
@needs("score")
async def put_lead(request: Request, response: Response) -> Score:
    """The lead's score. Repeating it changes nothing; new arrival facts give a new score.

    All that was known before is replaced: `warnings` name what this leaves out.
    """
    service, lead_id, most = service_of(request), lead_id_in(request), reasons_in(request)
    lead = await put_lead_in(request, lead_id)
    put = await service.store.write_together(service.lead_operations.put, put_by(service.scorer, lead))
    response.status_code = 201 if put.created else 200
    warnings = (*put.score.warnings, *left_out_warning(put.left_out))
    return replace(put.score, reasons=put.score.reasons[:most], warnings=warnings)


@router.patch(
    "/{lead_id}",
    summary="Change a lead, score it anew",
    response_model=ScoreOut,
    responses=problems(400, 404, 409, 413, 415, 422, 503),
    openapi_extra=taking(ChangesIn, reasons=True, media_type=MEDIA_TYPE),
)
@needs("score")
async def patch_lead(request: Request) -> Score:
    """For a CRM that sends what changed: a JSON merge patch of what a PUT takes. New arrival facts give a new score."""
    service, lead_id, most = service_of(request), lead_id_in(request), reasons_in(request)
    patch = await patch_in(request)
    put = await _changed(service, lead_id, patch)
    return replace(put.score, reasons=put.score.reasons[:most])


@router.get("/{lead_id}", summary="All that is known of a lead", responses=problems(400, 404, 422, 503))
@needs("score", "sales")
async def get_lead(request: Request) -> LeadOut:
    """Its facts, its newest score, its contacts, its outcome and its place in the queue."""
    service = service_of(request)
    return await service.store.read(_shown, lead_id_in(request), service.clock())


@router.delete("/{lead_id}", status_code=204, summary="Erase a person", responses=problems(400, 404, 422, 503))
@needs("admin")
async def delete_lead(request: Request) -> None:
    """Forget the lead, its contacts and its outcome. Its scores stay, without the lead's id and fields."""
    service = service_of(request)
    if not await service.store.write(leads.erase, lead_id_in(request), service.clock()):
        raise NotFound("there is no lead of this id")
    await service.store.forget()


async def _changed(service: Service, lead_id: str, patch: dict[str, object]) -> Put:
    """Change a lead as it stands. No model runs inside a commit, so where others were quicker, it is done again."""
    for _ in range(MOST_TRIES):
        known = await service.store.read(leads.find, lead_id)
        if known is None:
            raise NotFound("there is no lead of this id; PUT it first")
        model = service.scorer.champion.model
        lead = apply_patch(known.facts, patch, model.schema, service.settings)
        change = ChangedLead(known.facts, put_by(service.scorer, lead))
        put = await service.store.write_together(service.lead_operations.change, change)
        if put is not None:
            return put
    raise LeadBusy("try again", headers={"Retry-After": str(RETRY_SECONDS)})


def _shown(connection: Connection, lead_id: str, now: datetime) -> LeadOut:
    found = leads.find(connection, lead_id)
    if found is None:
        raise NotFound("there is no lead of this id")
    return lead_out(found, find_contacts(connection, lead_id), now)


def _add_contact(
    connection: Connection, lead_operations: LeadOperations, contact: Contact, sent: ContactIn, now: datetime
) -> StoredResponse:
    contact_id, new = lead_operations.add_contact(connection, contact, sent.again_at, now)
    answer = ContactOut(contact_id=contact_id, lead_id=contact.lead_id, **sent.model_dump())
    return reply(201 if new else 200, answer, contact.lead_id)
