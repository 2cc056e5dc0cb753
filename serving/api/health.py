"""For whoever runs the service: whether the process is up, and whether it can score."""

from fastapi import APIRouter, Request

from serving.deps import service_of
from serving.http.openapi import problems
from serving.messages.answers import HealthOut, ReadyOut

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is the process up?")
async def healthz() -> HealthOut:
    """Always 200; says nothing about the model."""
    return HealthOut()


@router.get("/readyz", summary="Can it score?", responses=problems(503))
async def readyz(request: Request) -> ReadyOut:
    """200 once a champion is loaded and warmed up; before, 503 says what to do."""
    scorer = service_of(request).scorer
    return ReadyOut(model_version=scorer.champion.model.version, refused_version=scorer.refused_version)
