"""What routes ask for, by name. Bodies are read here: from bytes once, within the settings' limits."""

from typing import Annotated, cast

from fastapi import Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from serving.json_body import parse_json, read_body
from serving.requests import LeadIn, leads_of, read_lead
from serving.scorer import Scorer
from serving.settings import Settings

LARGE_BODY = 64_000
"""Bytes from which parsing would hold up other requests noticeably."""


async def _scorer(request: Request) -> Scorer:
    return cast(Scorer, request.app.state.scorer)


async def _lead(request: Request) -> LeadIn:
    settings: Settings = request.app.state.settings
    return read_lead(await _json(request, settings), settings)


async def _batch(request: Request) -> list[object]:
    settings: Settings = request.app.state.settings
    return leads_of(await _json(request, settings), settings)


async def _json(request: Request, settings: Settings) -> object:
    body = await read_body(request, settings.max_body_bytes)
    return parse_json(body) if len(body) < LARGE_BODY else await run_in_threadpool(parse_json, body)


ScorerDep = Annotated[Scorer, Depends(_scorer)]
LeadDep = Annotated[LeadIn, Depends(_lead)]
BatchDep = Annotated[list[object], Depends(_batch)]
Reasons = Annotated[int, Query(ge=0, le=10, description="How many reasons to give with a score.")]
