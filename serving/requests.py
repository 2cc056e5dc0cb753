"""What may be sent: plain data in, checked leads and batches out. The champion's schema reads the fields."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from features.schema import FieldProblem, LeadRefused
from features.values import text_of
from serving.errors import request_refused
from serving.json_body import excesses
from serving.settings import Settings

ACCEPTED_ID = "expected text of 1 to 200 characters, or a whole number"
WORDS = {
    "missing": "is required",
    "dict_type": "expected an object",
    "model_type": "expected an object",
    "extra_forbidden": "no such key; a lead has lead_id, created_at, source, campaign and fields",
    "string_too_short": ACCEPTED_ID,
    "string_too_long": ACCEPTED_ID,
    "string_type": ACCEPTED_ID,
}
"""What we say for pydantic's kinds of error."""


def _id_text(raw: object) -> object:
    """CRMs send ids as text and as whole numbers; both are compared as a table's ids are."""
    if isinstance(raw, float | bool) or not isinstance(raw, str | int):
        raise PydanticCustomError("lead_id", "expected text of 1 to 200 characters, or a whole number")
    return text_of(raw)


LeadId = Annotated[
    str,
    BeforeValidator(_id_text, json_schema_input_type=str | int),
    StringConstraints(min_length=1, max_length=200),
]


class LeadIn(BaseModel):
    """One lead as a CRM sends it.

    `created_at`, `source` and `campaign` may also stand inside `fields`, under the company's own names.
    """

    model_config = ConfigDict(extra="forbid")

    lead_id: Annotated[LeadId, Field(description="Your own id of the lead; a whole number is taken as text.")]
    created_at: Annotated[Any, Field(description="When the lead arrived: ISO 8601, UTC if it names no zone.")] = None
    source: Annotated[Any, Field(description="Where the lead came from: text, a number or true/false.")] = None
    campaign: Annotated[Any, Field(description="Which campaign brought it: text, a number or true/false.")] = None
    fields: Annotated[
        dict[str, Any],
        Field(
            description="The company's own fields, as GET /v1/schema lists them. One left out or null "
            "is missing; one that the model does not know is named in the answer's warnings."
        ),
    ] = {}


class BatchIn(BaseModel):
    """Leads to be scored in one request. Each is checked on its own."""

    model_config = ConfigDict(extra="forbid")

    leads: Annotated[list[LeadIn], Field(min_length=1, max_length=1_000)]


def read_lead(data: object, settings: Settings) -> LeadIn:
    """Check one lead's shape.

    Raises:
        LeadRefused: with everything that is not of a lead's shape, too long or nested too deep.
    """
    if isinstance(data, dict):
        too_much = list(excesses(data, settings, depth=-1))
        if too_much:
            raise LeadRefused(too_much)
    try:
        return LeadIn.model_validate(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
        raise LeadRefused(
            FieldProblem(problem["loc"], WORDS.get(problem["type"], problem["msg"])) for problem in wrong
        ) from None


def leads_of(data: object, settings: Settings) -> list[object]:
    """The unchecked leads of a batch.

    Raises:
        RequestRefused: where the batch as a whole cannot be read.
    """
    if not isinstance(data, dict):
        raise request_refused([FieldProblem((), 'expected an object {"leads": […]}')])
    problems = [FieldProblem((name,), "no such key; a batch has leads") for name in data if name != "leads"]
    sent = data.get("leads")
    leads: list[object] = sent if isinstance(sent, list) else []
    if not 1 <= len(leads) <= settings.max_batch:
        problems.append(FieldProblem(("leads",), f"expected a list of 1 to {settings.max_batch:,} leads"))
    if problems:
        raise request_refused(problems)
    return leads
