"""Scoring: a lead, or up to 1,000, in; scores out. Nothing is stored."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.auth.gate import KeyedRoute, needs
from serving.deps import service_of
from serving.http.idempotency import answer_once, has_key, reply
from serving.http.openapi import problems, taking
from serving.http.request_parsing import lead_in, leads_in, reasons_in
from serving.schemas.requests import BatchIn, LeadIn
from serving.schemas.responses import BatchOut, ScoreOut
from serving.scoring.scorer import RefusedLead
from training.model import Score

LARGE_BATCH = 20
"""Leads from which scoring would hold up other requests longer than a thread costs."""

router = APIRouter(prefix="/v1/score", tags=["score"], route_class=KeyedRoute)


@router.post(
    "",
    summary="Score one lead",
    response_model=ScoreOut,
    responses=problems(400, 409, 413, 415, 422, 503),
    openapi_extra=taking(LeadIn, reasons=True, idempotent=True),
)
@needs("score")
async def score(request: Request) -> Score | Response:
    """The chance that the lead is won, with the reasons. Nothing of the lead is stored."""
    scored = service_of(request).scorer.score(await lead_in(request), reasons_in(request))
    return await _once(request, scored, scored.lead_id) if has_key(request) else scored


@router.post(
    "/batch",
    summary="Score up to 1,000 leads",
    response_model=BatchOut,
    responses=problems(400, 409, 413, 415, 422, 503),
    openapi_extra=taking(BatchIn, reasons=True, idempotent=True),
)
@needs("score")
async def score_batch(request: Request) -> dict[str, list[Score | RefusedLead]] | Response:
    """One result for each lead, in the order sent. A lead that cannot be scored does not spoil the others."""
    scorer, leads, reasons = service_of(request).scorer, await leads_in(request), reasons_in(request)
    if len(leads) < LARGE_BATCH:
        results = scorer.score_batch(leads, reasons)
    else:
        results = await run_in_threadpool(scorer.score_batch, leads, reasons)
    answer = {"results": results}
    return await _once(request, answer) if has_key(request) else answer


async def _once(request: Request, answer: object, lead_id: str | None = None) -> Response:
    return await answer_once(request, lambda _: reply(200, answer, lead_id))
