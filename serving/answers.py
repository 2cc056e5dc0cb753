"""What is answered: the shape of every successful answer, as clients and /docs see it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from features.values import Kind, Known
from serving.errors import Problem

JsonType = Literal["string", "number", "boolean", "null"]
Probability = Annotated[float, Field(ge=0, le=1)]


class ReasonOut(BaseModel):
    """One field's part in the score."""

    field: str
    contribution: float = Field(description="In log-odds before calibration; above 0 raises the score.")
    sentence: str


class ScoreOut(BaseModel):
    """The chance that one lead is won within `horizon_days`, and why."""

    lead_id: str
    probability: Probability = Field(description="Calibrated: of leads with 0.18, 18 in 100 are won.")
    grade: str = Field(description="A is best; cut-offs at GET /v1/model.")
    percentile: float = Field(ge=0, le=100, description="Share of recent leads that score lower.")
    interval: tuple[Probability, Probability] = Field(description="How far the probability can be trusted.")
    reasons: list[ReasonOut] = Field(description="The fields that weigh most, strongest first.")
    horizon_days: int
    model_version: str
    scored_at: datetime
    warnings: list[str] = Field(description="Fields and values that the model does not know.")


class RefusedOut(BaseModel):
    """A lead of a batch that could not be scored; its pointers start at the batch's root."""

    lead_id: str | None
    problem: Problem


class BatchOut(BaseModel):
    """One result for each lead, in the order sent: its score, or what is wrong with it."""

    results: list[ScoreOut | RefusedOut]


class GradeOut(BaseModel):
    """A grade's cut-off."""

    grade: str
    least_probability: Probability | None = Field(description="None where ties leave the grade without leads.")


class ModelOut(BaseModel):
    """The model that scores now."""

    version: str
    candidate: str = Field(description="What kind of model won the training run.")
    horizon_days: int
    grades: list[GradeOut]
    calibration: str = Field(description="The kind of map from raw score to probability.")
    fields: list[str] = Field(description="The fields that feed the score.")
    schema_fingerprint: str
    loaded_at: datetime
    refused_version: str | None = Field(description="A newer champion that turned out broken and is not used.")


class RoleOut(BaseModel):
    """A part of every lead that has a place of its own."""

    role: Literal["lead_id", "created_at", "source", "campaign"]
    pointer: str = Field(description="Where it stands in the JSON of a lead.", examples=["/created_at"])
    required: bool
    column: str | None = Field(description="The company's own name for it, also accepted inside fields.")
    json_types: list[JsonType]
    accepts: str


class FieldOut(BaseModel):
    """One field of a lead, and what may be sent in it."""

    name: str
    pointer: str = Field(description="Where it stands in the JSON of a lead.", examples=["/fields/age"])
    kind: Kind
    known: Known = Field(description="What is known later never feeds the score and need not be sent.")
    role: str | None
    json_types: list[JsonType]
    accepts: str
    missing: list[str] = Field(description="Values that count as missing.")
    values: list[str] | None = Field(description="A category's frequent values, compared without case.")


class SchemaOut(BaseModel):
    """All that a CRM's field mapping needs."""

    fingerprint: str = Field(description="Changes when a name, kind, role or what counts as missing does.")
    model_version: str
    roles: list[RoleOut]
    fields: list[FieldOut]


class HealthOut(BaseModel):
    """The process runs."""

    status: Literal["up"] = "up"


class ReadyOut(BaseModel):
    """The service can score."""

    status: Literal["ready"] = "ready"
    model_version: str
    refused_version: str | None
