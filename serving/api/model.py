"""What scores now, and what it wants to be sent."""

from fastapi import APIRouter, Request

from serving.auth.gate import ANY, KeyedRoute, needs
from serving.deps import service_of
from serving.http.openapi import problems
from serving.schemas.field_mapping import schema_out
from serving.schemas.responses import GradeOut, ModelOut, SchemaOut

router = APIRouter(prefix="/v1", tags=["model"], route_class=KeyedRoute)


@router.get("/model", summary="The model that scores now", responses=problems(503))
@needs(*ANY)
async def model(request: Request) -> ModelOut:
    """Its version, horizon, grades' cut-offs and fields."""
    scorer = service_of(request).scorer
    champion = scorer.champion
    current = champion.model
    return ModelOut(
        version=current.version,
        candidate=current.candidate,
        horizon_days=current.horizon_days,
        grades=[
            GradeOut(grade=grade, least_probability=least)
            for grade, least in current.grade_scale.least_probabilities().items()
        ],
        calibration=current.calibration.kind,
        fields=[field.name for field in current.schema.arrival_fields],
        schema_fingerprint=current.schema.fingerprint,
        loaded_at=champion.since,
        refused_version=scorer.refused_version,
    )


@router.get("/schema", summary="The fields to send", responses=problems(503))
@needs(*ANY)
async def schema(request: Request) -> SchemaOut:
    """All that a CRM's field mapping needs: names, kinds, accepted JSON types, known values."""
    return schema_out(service_of(request).scorer.champion.model)
