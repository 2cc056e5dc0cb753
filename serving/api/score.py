"""Scoring: a lead, or up to 1,000, in; scores out. Nothing is stored."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from serving.answers import BatchOut, ScoreOut
from serving.deps import BatchDep, LeadDep, Reasons, ScorerDep
from serving.openapi import body, problems
from serving.requests import BatchIn, LeadIn
from serving.scorer import RefusedLead
from training.model import REASONS, Score

LARGE_BATCH = 20
"""Leads from which scoring would hold up other requests longer than a thread costs."""

router = APIRouter(prefix="/v1/score", tags=["score"])


@router.post(
    "",
    summary="Score one lead",
    response_model=ScoreOut,
    responses=problems(400, 413, 415, 422, 503),
    openapi_extra=body(LeadIn),
)
async def score(lead: LeadDep, scorer: ScorerDep, reasons: Reasons = REASONS) -> Score:
    """The chance that the lead is won, with the reasons. Nothing is stored."""
    return scorer.score(lead, reasons)


@router.post(
    "/batch",
    summary="Score up to 1,000 leads",
    response_model=BatchOut,
    responses=problems(400, 413, 415, 422, 503),
    openapi_extra=body(BatchIn),
)
async def score_batch(
    leads: BatchDep, scorer: ScorerDep, reasons: Reasons = REASONS
) -> dict[str, list[Score | RefusedLead]]:
    """One result for each lead, in the order sent. A lead that cannot be scored does not spoil the others."""
    if len(leads) < LARGE_BATCH:
        return {"results": scorer.score_batch(leads, reasons)}
    return {"results": await run_in_threadpool(scorer.score_batch, leads, reasons)}
