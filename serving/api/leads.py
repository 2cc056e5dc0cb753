"""A CRM's leads: put, look at, erase; what was tried with them and what became of them."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from features.lead import Contact
from serving.auth.gate import needs
from serving.deps import LeadOperationsDep, NowDep, Service, ServiceDep, StoreDep, service_of
from serving.errors import RETRY_SECONDS, LeadBusy, NotFound
from serving.http.idempotency import IdempotencyDep, stored_response
from serving.http.openapi import PUT_REQUEST
from serving.http.parameters import LeadIdPath, PatchBody, ReasonsQuery
from serving.http.request_parsing import read_lead_id, read_put_body, read_reasons
from serving.http.strict_route import ApiRoute
from serving.operations.leads import LeadOperations
from serving.operations.put_lead import ChangedLead, Put, score_put
from serving.problems import problem_responses
from serving.schemas.lead_changes import apply_patch
from serving.schemas.presenters import lead_out, outcome_set_out, put_answer
from serving.schemas.requests import ContactIn, OutcomeIn
from serving.schemas.responses import ContactOut, LeadOut, OutcomeSetOut, ScoreOut
from serving.schemas.validation import check_past
from serving.store import Connection, leads
from serving.store.contacts import find_contacts
from serving.store.idempotency import StoredResponse
from serving.store.outcomes import OutcomeReport
from training.model import REASONS, Score

MOST_TRIES = 20
"""Of a change that others forestall; each time, one of them got through."""
PLAIN_JSON_TOO: dict[str, Any] = {
    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ChangesIn"}}}}
}

router = APIRouter(prefix="/v1/leads", tags=["leads"], route_class=ApiRoute)


@router.post(
    "/{lead_id}/contacts",
    status_code=201,
    summary="Tell of a contact",
    response_model=ContactOut,
    responses=problem_responses(400, 409, 413, 415, 422, 503)
    | {200: {"model": ContactOut, "description": "Known already"}},
)
@needs("score", "sales")
async def add_contact(
    lead_id: LeadIdPath, sent: ContactIn, operations: LeadOperationsDep, idempotency: IdempotencyDep, now: NowDep
) -> Response:
    """One attempt or conversation, also of a lead that has yet to arrive. Told twice, it is kept once."""
    check_past(now, started_at=sent.started_at)
    contact = Contact(lead_id=lead_id, **sent.model_dump(exclude={"again_at"}))
    return await idempotency.answer(partial(_add_contact, operations=operations, contact=contact, sent=sent, now=now))


@router.put(
    "/{lead_id}/outcome",
    summary="Say what became of a lead",
    responses=problem_responses(400, 413, 415, 422, 503),
)
@needs("score", "sales")
async def put_outcome(
    lead_id: LeadIdPath, sent: OutcomeIn, store: StoreDep, operations: LeadOperationsDep, now: NowDep
) -> OutcomeSetOut:
    """Won, lost, or `open` to take it back; also of a lead that has yet to arrive. What stands is answered."""
    check_past(now, at=sent.at, reported_at=sent.reported_at)
    said = OutcomeReport(lead_id, sent.status, sent.at, sent.value, sent.reason, sent.reported_at or now)
    standing = await store.write(operations.report_outcome, said, now)
    return outcome_set_out(said, standing, now)


@router.put(
    "/{lead_id}",
    summary="Store or update a lead, score it, queue it",
    response_model=ScoreOut,
    responses=problem_responses(400, 413, 415, 422, 503) | {201: {"model": ScoreOut, "description": "The lead is new"}},
    openapi_extra=PUT_REQUEST,
)
@needs("score")
async def put_lead(request: Request, response: Response) -> Score:
    """The lead's score. Repeating it changes nothing; new arrival facts give a new score.

    All that was known before is replaced: `warnings` name what this leaves out.
    """
    # Read by hand: FastAPI's parameters and dependencies would cost a seventh of the whole answer.
    service, lead_id, most = service_of(request), read_lead_id(request), read_reasons(request)
    lead = await read_put_body(request, lead_id)
    put = await service.lead_operations.put_when_compared(service.store, score_put(service.scorer, lead))
    response.status_code = 201 if put.created else 200
    return put_answer(put, most)


@router.patch(
    "/{lead_id}",
    summary="Change a lead, score it anew",
    response_model=ScoreOut,
    responses=problem_responses(400, 404, 409, 413, 415, 422, 503),
    openapi_extra=PLAIN_JSON_TOO,
)
@needs("score")
async def patch_lead(
    lead_id: LeadIdPath, patch: PatchBody, service: ServiceDep, reasons: ReasonsQuery = REASONS
) -> Score:
    """For a CRM that sends what changed: a JSON merge patch of what a PUT takes. New arrival facts give a new score."""
    put = await _change_lead(service, lead_id, patch)
    return replace(put.score, reasons=put.score.reasons[:reasons])


@router.get("/{lead_id}", summary="All that is known of a lead", responses=problem_responses(400, 404, 422, 503))
@needs("score", "sales")
async def get_lead(lead_id: LeadIdPath, store: StoreDep, now: NowDep) -> LeadOut:
    """Its facts, its newest score, its contacts, its outcome and its place in the queue."""
    return await store.read(_read_lead, lead_id, now)


@router.delete("/{lead_id}", status_code=204, summary="Erase a person", responses=problem_responses(400, 404, 422, 503))
@needs("admin")
async def delete_lead(lead_id: LeadIdPath, store: StoreDep, now: NowDep) -> None:
    """Forget the lead, its contacts and its outcome. Its scores stay, without the lead's id and fields."""
    if not await store.write(leads.erase, lead_id, now):
        raise NotFound("there is no lead of this id")
    await store.forget()


async def _change_lead(service: Service, lead_id: str, patch: dict[str, object]) -> Put:
    """Change a lead as it stands. No model runs inside a commit, so where others were quicker, it is done again."""
    for _ in range(MOST_TRIES):
        known = await service.store.read(leads.find, lead_id)
        if known is None:
            raise NotFound("there is no lead of this id; PUT it first")
        model = service.scorer.champion.model
        lead = apply_patch(known.facts, patch, model.schema, service.settings)
        after = score_put(service.scorer, lead).compare(known.facts)
        change = ChangedLead(known.facts, after)
        put = await service.store.write_together(service.lead_operations.change, change)
        if put is not None:
            return put
    raise LeadBusy("try again", headers={"Retry-After": str(RETRY_SECONDS)})


def _read_lead(connection: Connection, lead_id: str, now: datetime) -> LeadOut:
    found = leads.find(connection, lead_id)
    if found is None:
        raise NotFound("there is no lead of this id")
    return lead_out(found, find_contacts(connection, lead_id), now)


def _add_contact(
    connection: Connection, operations: LeadOperations, contact: Contact, sent: ContactIn, now: datetime
) -> StoredResponse:
    contact_id, new = operations.add_contact(connection, contact, sent.again_at, now)
    answer = ContactOut(contact_id=contact_id, lead_id=contact.lead_id, **sent.model_dump())
    return stored_response(201 if new else 200, answer, contact.lead_id)
