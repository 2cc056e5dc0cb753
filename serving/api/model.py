"""What scores now, and what it wants to be sent."""

from fastapi import APIRouter

from serving.auth.gate import ANY, needs
from serving.deps import ScorerDep
from serving.http.strict_route import ApiRoute
from serving.problems import problem_responses
from serving.schemas.field_mapping import schema_out
from serving.schemas.responses import GradeOut, ModelOut, SchemaOut

router = APIRouter(prefix="/v1", tags=["model"], route_class=ApiRoute)


@router.get("/model", summary="The model that scores now", responses=problem_responses(503))
@needs(*ANY)
async def model(scorer: ScorerDep) -> ModelOut:
    """Its version, horizon, grades' cut-offs and fields."""
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


@router.get("/schema", summary="The fields to send", responses=problem_responses(503))
@needs(*ANY)
async def schema(scorer: ScorerDep) -> SchemaOut:
    """All that a CRM's field mapping needs: names, kinds, accepted JSON types, known values."""
    return schema_out(scorer.champion.model)
