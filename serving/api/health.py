"""For whoever runs the service: whether the process is up, and whether it can score."""

from fastapi import APIRouter

from serving.deps import Service, ServiceDep
from serving.errors import StoreDown
from serving.problems import problem_responses
from serving.schemas.responses import HealthOut, PartTrouble, ReadyOut

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is the process up?")
async def healthz() -> HealthOut:
    """Always 200; says nothing about the model."""
    return HealthOut()


@router.get("/readyz", summary="Can it work?", responses=problem_responses(503))
async def readyz(service: ServiceDep) -> ReadyOut:
    """200 once a champion is loaded and warmed up, and while the store takes changes.

    Before, or while not, 503 says which part is down and why. What is wrong and does not keep it from working is named
    in `troubles`.
    """
    trouble = await service.health.trouble()
    if trouble is not None:
        raise StoreDown.because(trouble)
    scorer = service.scorer
    return ReadyOut(
        model_version=scorer.champion.model.version,
        refused_version=scorer.refused_version,
        troubles=[PartTrouble(part=part, detail=detail) for part, detail in _troubles(service).items()],
    )


def _troubles(service: Service) -> dict[str, str]:
    running, wanted = service.workers(), service.settings.workers
    if running is None or running >= wanted:
        return service.scorer.troubles
    return {**service.scorer.troubles, "workers": f"{running} of {wanted} workers run; the others are being replaced"}
