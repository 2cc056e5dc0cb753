"""What is answered: the shape of every successful answer, as clients and /docs see it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from analytics.metrics import Owner, Unit
from features.values import Kind, Known
from serving.problems import Problem
from training.model import Confidence

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
    interval: tuple[Probability, Probability] = Field(
        description="How far the probability can be trusted: what leads that scored alike say of it, widened to hold "
        "it. It ends at the probability where they say less, or begins there where they say more."
    )
    reasons: list[ReasonOut] = Field(description="The fields that weigh most, strongest first.")
    horizon_days: int
    model_version: str
    scored_at: datetime
    warnings: list[str] = Field(
        description="Fields and values that the model does not know, times sent without a zone, and an arrival that "
        "can hardly be: before 2000, or ahead of the clock."
    )
    confidence: Confidence = Field(
        default=Confidence.OK,
        description=(
            "Whether enough is known of leads like it: ok, few like it (hardly any lead of its source was called), "
            "unseen values (of a field that matters), few fields (too little of what the score is made of)."
        ),
    )


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


def _is_empty(value: object) -> bool:
    return not value


class PartTrouble(BaseModel):
    """What is wrong with a part of the service that works all the same."""

    part: str = Field(examples=["registry"])
    detail: str


class ReadyOut(BaseModel):
    """The service can score and store."""

    status: Literal["ready"] = "ready"
    model_version: str
    refused_version: str | None
    troubles: list[PartTrouble] = Field(default=[], exclude_if=_is_empty)


class ContactOut(BaseModel):
    """One attempt or conversation with a lead."""

    contact_id: str
    lead_id: str
    started_at: datetime
    agent: str | None
    channel: str | None
    direction: Literal["in", "out"] | None
    connected: bool | None
    duration_s: float | None
    again_at: datetime | None = Field(description="When the agent will try again.")


class OutcomeOut(BaseModel):
    """What stands of a lead, of all that was reported."""

    lead_id: str
    status: Literal["won", "lost", "open"]
    at: datetime | None = None
    value: float | None = None
    reason: str | None = None
    reported_at: datetime | None = None


class OutcomeSetOut(OutcomeOut):
    """What stands of a lead after a report, and how the report was taken."""

    warnings: list[str] = Field(description="What was taken otherwise than sent, or does not stand.")


class PlaceOut(BaseModel):
    """A lead's place in the queue."""

    arrived_at: datetime
    promised_by: datetime | None = Field(description="When the first attempt, or the next one promised, is due.")
    overdue: bool
    due_from: datetime | None = Field(description="Not to be called before.")
    attempts: int
    expected_value: float | None = Field(description="Probability times value.")
    claim_id: str | None
    agent: str | None = Field(description="Who has it, or had it last.")
    claimed_until: datetime | None


class LeadOut(BaseModel):
    """All that is known of a lead."""

    lead_id: str
    created_at: datetime | None
    received_at: datetime
    source: str | None
    campaign: str | None
    value: float | None
    fields: dict[str, Any] = Field(description="As they were sent.")
    score: ScoreOut | None
    outcome: OutcomeOut | None
    contacts: list[ContactOut] = Field(description="The newest first.")
    queue: PlaceOut | None = Field(description="None where it does not wait to be called.")


class SpendOut(BaseModel):
    """How many amounts were kept."""

    stored: int


class ClaimOut(BaseModel):
    """An agent's lease on a lead."""

    claim_id: str
    agent: str
    claimed_at: datetime
    until: datetime
    at_random: bool = Field(description="Picked by chance and not by the order, for measuring.")


class ClaimedOut(BaseModel):
    """The lead that an agent is to call now."""

    claim: ClaimOut
    lead: LeadOut


class QueuedOut(BaseModel):
    """A lead that waits, with its score and its place."""

    lead_id: str
    source: str | None
    score: ScoreOut
    queue: PlaceOut


class QueueOut(BaseModel):
    """A page of the queue."""

    leads: list[QueuedOut]
    next: str | None = Field(description="The cursor of the next page; none at the end.")
    waiting: int = Field(description="How many the filters let through.")
    overdue: int = Field(description="Of those, how many wait longer than promised.")


class BeingMadeOut(BaseModel):
    """The report is not there yet; ask again after the seconds of Retry-After."""

    status: Literal["being made"] = "being made"


class MetricOut(BaseModel):
    """What one number of the report means."""

    key: str
    name: str
    formula: str
    window: str = Field(description="Over which leads or days it is taken.")
    owner: Owner
    unit: Unit
    version: int = Field(description="Rises when the definition changes.")
    changes: tuple[str, ...] = Field(description="What each version after the first counts otherwise.")


class EventOut(BaseModel):
    """An event's way to the webhook, without what it says."""

    event_id: str
    type: str = Field(examples=["score.changed"])
    lead_id: str | None
    created_at: datetime
    state: Literal["waiting", "sent", "dead"]
    attempts: int
    next_at: datetime | None = Field(description="When it is sent, where it waits.")
    trouble: str | None = Field(description="Why the last attempt failed.", examples=["HTTP 503"])
    sent_at: datetime | None


class EventsOut(BaseModel):
    """A page of events, the newest first."""

    events: list[EventOut]
    next: str | None = Field(description="The cursor of the next page; none at the end.")
