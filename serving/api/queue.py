"""The sales queue for programs: a page of it, and claims."""

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response

from serving import cursors
from serving.auth.gate import needs
from serving.deps import ClaimsDep, NowDep, StoreDep
from serving.errors import NotFound, RequestRefused
from serving.http.idempotency import IdempotencyDep, stored_response
from serving.http.strict_route import ApiRoute
from serving.operations.claims import Claims
from serving.problems import Fault, problem_responses
from serving.queue_rules import LONGEST_PAGE, Order, QueueCursor, QueueFilter
from serving.schemas.presenters import claim_out, lead_out, queue_out
from serving.schemas.requests import NextIn
from serving.schemas.responses import ClaimedOut, QueueOut
from serving.store import Connection, leads
from serving.store.contacts import find_contacts
from serving.store.idempotency import StoredResponse
from serving.store.queue import with_scores

router = APIRouter(prefix="/v1/queue", tags=["queue"], route_class=ApiRoute)

STORABLE = r"^[^\x00]*$"
Hours = Annotated[float | None, Query(ge=0, le=24 * 36_500, allow_inf_nan=False)]


@router.get("", summary="Whom to call", responses=problem_responses(422))
@needs("sales")
async def get_queue(
    store: StoreDep,
    claims: ClaimsDep,
    now: NowDep,
    order: Order = "score",
    source: Annotated[str | None, Query(max_length=1_000, pattern=STORABLE)] = None,
    grade: Annotated[str | None, Query(max_length=8, pattern=STORABLE)] = None,
    agent: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    older_than_hours: Hours = None,
    younger_than_hours: Hours = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=2_000, description="`next` of the page before.")] = None,
) -> QueueOut:
    """Leads to be called now: first those that nobody tried for too long, then those overdue, then by `order`.

    By `order=cost` all stand on one scale: what an hour of waiting costs.
    """
    wanted = QueueFilter(order, source, grade, agent, _span(older_than_hours), _span(younger_than_hours))
    return await store.read(_read_page, claims, wanted, limit, _parse_cursor(cursor, order), now)


@router.post(
    "/next",
    summary="Claim the next lead for an agent",
    response_model=ClaimedOut,
    responses=problem_responses(400, 404, 409, 413, 415, 422) | {204: {"description": "No lead is free"}},
)
@needs("sales")
async def claim_next(wanted: NextIn, claims: ClaimsDep, idempotency: IdempotencyDep, now: NowDep) -> Response:
    """Lease a lead to an agent, and to nobody else until the lease runs out. With `lead_id`, that lead."""
    return await idempotency.answer(partial(_claim, claims=claims, wanted=wanted, now=now))


@router.delete(
    "/claims/{claim_id}", status_code=204, summary="Give a lead back", responses=problem_responses(400, 404, 422)
)
@needs("sales")
async def release(claim_id: str, store: StoreDep, claims: ClaimsDep, now: NowDep) -> None:
    """The lead is free again at once."""
    if "\0" in claim_id or not await store.write(claims.release, claim_id, now):
        raise NotFound("there is no such claim, or it has ended")


def _read_page(
    connection: Connection, claims: Claims, wanted: QueueFilter, most: int, after: QueueCursor | None, now: datetime
) -> QueueOut:
    page = claims.page(connection, wanted, now, most, after)
    return queue_out(page, with_scores(connection, page.places), now)


def _claim(connection: Connection, claims: Claims, wanted: NextIn, now: datetime) -> StoredResponse:
    if wanted.lead_id is None:
        queue_filter = QueueFilter(wanted.order, wanted.source, wanted.grade)
        claim = claims.claim_next(connection, wanted.agent, queue_filter, now)
    else:
        claim = claims.claim(connection, wanted.lead_id, wanted.agent, now)
        if claim is None:
            raise NotFound("the lead is not in the queue, or another agent has it")
    if claim is None:
        return stored_response(204, None)
    found = leads.find(connection, claim.lead_id)
    assert found is not None, "what is in the queue is a lead"  # noqa: S101 - for the type checker
    lead = lead_out(found, find_contacts(connection, claim.lead_id), now)
    return stored_response(200, ClaimedOut(claim=claim_out(claim), lead=lead), claim.lead_id)


def _parse_cursor(text: str | None, order: Order) -> QueueCursor | None:
    cursor = cursors.parse(QueueCursor.read, text)
    if text is not None and (cursor is None or cursor.order != order):
        fault = Fault(detail="expected `next` of a page in the same order", parameter="cursor")
        raise RequestRefused("a query parameter cannot be used", [fault])
    return cursor


def _span(hours: float | None) -> timedelta | None:
    return None if hours is None else timedelta(hours=hours)
