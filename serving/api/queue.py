"""The sales queue for programs: a page of it, and claims."""

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from serving.auth.gate import KeyedRoute, needs
from serving.deps import Service, service_of
from serving.errors import Fault, NotFound, RequestRefused
from serving.http.cursors import CursorBroken
from serving.http.idempotency import answer_once, reply
from serving.http.openapi import problems, taking
from serving.http.request_parsing import body_in
from serving.queue_rules import LONGEST_PAGE, Order, QueueCursor, QueueFilter
from serving.schemas.presenters import claim_out, lead_out, queue_out
from serving.schemas.requests import NextIn
from serving.schemas.responses import ClaimedOut, QueueOut
from serving.store import leads
from serving.store.contacts import find_contacts
from serving.store.idempotency import StoredResponse
from serving.store.queue import with_scores

router = APIRouter(prefix="/v1/queue", tags=["queue"], route_class=KeyedRoute)

STORABLE = r"^[^\x00]*$"
Hours = Annotated[float | None, Query(ge=0, le=24 * 36_500, allow_inf_nan=False)]


@router.get("", summary="Whom to call", responses=problems(422))
@needs("sales")
async def get_queue(
    request: Request,
    order: Order = "score",
    source: Annotated[str | None, Query(max_length=1_000, pattern=STORABLE)] = None,
    grade: Annotated[str | None, Query(max_length=8, pattern=STORABLE)] = None,
    agent: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    older_than_hours: Hours = None,
    younger_than_hours: Hours = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=2_000, description="`next` of the page before.")] = None,
) -> QueueOut:
    """Leads to be called now: first those that nobody tried for too long, then those overdue, then by `order`."""
    service = service_of(request)
    ask = QueueFilter(order, source, grade, agent, _span(older_than_hours), _span(younger_than_hours))
    return await service.store.read(_page, service, ask, limit, _cursor(cursor, order), service.clock())


@router.post(
    "/next",
    summary="Claim the next lead for an agent",
    response_model=ClaimedOut,
    responses=problems(400, 404, 409, 413, 415, 422) | {204: {"description": "No lead is free"}},
    openapi_extra=taking(NextIn, idempotent=True),
)
@needs("sales")
async def claim_next(request: Request) -> Response:
    """Lease a lead to an agent, and to nobody else until the lease runs out. With `lead_id`, that lead."""
    service, wanted = service_of(request), await body_in(request, NextIn)
    return await answer_once(request, partial(_claim, service=service, wanted=wanted, now=service.clock()))


@router.delete("/claims/{claim_id}", status_code=204, summary="Give a lead back", responses=problems(400, 404))
@needs("sales")
async def release(request: Request, claim_id: str) -> None:
    """The lead is free again at once."""
    service = service_of(request)
    if "\0" in claim_id or not await service.store.write(service.claims.release, claim_id, service.clock()):
        raise NotFound("there is no such claim, or it has ended")


def _page(
    connection: Connection, service: Service, ask: QueueFilter, most: int, after: QueueCursor | None, now: datetime
) -> QueueOut:
    page = service.claims.page(connection, ask, now, most, after)
    return queue_out(page, with_scores(connection, page.places), now)


def _claim(connection: Connection, service: Service, wanted: NextIn, now: datetime) -> StoredResponse:
    if wanted.lead_id is None:
        ask = QueueFilter(wanted.order, wanted.source, wanted.grade)
        claim = service.claims.claim_next(connection, wanted.agent, ask, now)
    else:
        claim = service.claims.claim(connection, wanted.lead_id, wanted.agent, now)
        if claim is None:
            raise NotFound("the lead is not in the queue, or another agent has it")
    if claim is None:
        return reply(204, None)
    found = leads.find(connection, claim.lead_id)
    assert found is not None, "what is in the queue is a lead"  # noqa: S101 - for the type checker
    lead = lead_out(found, find_contacts(connection, claim.lead_id), now)
    return reply(200, ClaimedOut(claim=claim_out(claim), lead=lead), claim.lead_id)


def _cursor(text: str | None, order: Order) -> QueueCursor | None:
    if text is None:
        return None
    try:
        cursor = QueueCursor.read(text)
    except CursorBroken:
        cursor = None
    if cursor is None or cursor.order != order:
        fault = Fault(detail="expected `next` of a page in the same order", parameter="cursor")
        raise RequestRefused("a query parameter cannot be used", [fault])
    return cursor


def _span(hours: float | None) -> timedelta | None:
    return None if hours is None else timedelta(hours=hours)
