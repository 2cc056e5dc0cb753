"""Scoring: a lead, or up to 1,000, in; scores out. Nothing is stored."""

from functools import partial

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.auth.gate import needs
from serving.deps import ScorerDep, service_of
from serving.http.idempotency import Idempotency, IdempotencyDep, stored_response
from serving.http.openapi import SCORE_REQUEST
from serving.http.parameters import BatchBody, ReasonsQuery
from serving.http.request_parsing import read_idempotency_key, read_lead_body, read_reasons
from serving.http.strict_route import ApiRoute
from serving.problems import problem_responses
from serving.schemas.responses import BatchOut, ScoreOut
from serving.scoring.scorer import RefusedLead
from serving.store import Connection
from serving.store.idempotency import StoredResponse
from training.model import REASONS, Score

LARGE_BATCH = 20
"""Leads from which scoring would hold up other requests longer than a thread costs."""

router = APIRouter(prefix="/v1/score", tags=["score"], route_class=ApiRoute)


@router.post(
    "",
    summary="Score one lead",
    response_model=ScoreOut,
    responses=problem_responses(400, 409, 413, 415, 422, 503),
    openapi_extra=SCORE_REQUEST,
)
@needs("score")
async def score(request: Request) -> Score | Response:
    """The chance that the lead is won, with the reasons. Nothing of the lead is stored."""
    # Read by hand: FastAPI's parameters and dependencies would cost a seventh of the whole answer.
    scored = service_of(request).scorer.score(await read_lead_body(request), read_reasons(request))
    key = read_idempotency_key(request)
    if key is None:
        return scored
    return await Idempotency(request, key).answer(partial(_store_answer, answer=scored, lead_id=scored.lead_id))


@router.post(
    "/batch",
    summary="Score up to 1,000 leads",
    response_model=BatchOut,
    responses=problem_responses(400, 409, 413, 415, 422, 503),
)
@needs("score")
async def score_batch(
    leads: BatchBody, scorer: ScorerDep, idempotency: IdempotencyDep, reasons: ReasonsQuery = REASONS
) -> dict[str, list[Score | RefusedLead]] | Response:
    """One result for each lead, in the order sent. A lead that cannot be scored does not spoil the others."""
    if len(leads) < LARGE_BATCH:
        results = scorer.score_batch(leads, reasons)
    else:
        results = await run_in_threadpool(scorer.score_batch, leads, reasons)
    answer = {"results": results}
    return answer if idempotency.key is None else await idempotency.answer(partial(_store_answer, answer=answer))


def _store_answer(_: Connection, answer: object, lead_id: str | None = None) -> StoredResponse:
    return stored_response(200, answer, lead_id)
