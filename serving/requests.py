"""What may be sent: plain data in, checked leads and batches out. The champion's schema reads the fields."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from features.lead import Spend
from features.schema import FieldProblem, LeadRefused
from features.values import Kind, ValueRefused, parser, text_of
from serving.errors import Fault, RequestRefused, request_refused
from serving.json_body import excesses
from serving.queue import Order
from serving.settings import Settings

LONGEST_ID = 200
NUL = "\0"
"""PostgreSQL's text takes any character but this."""
EARLIEST, LATEST = datetime(1899, 12, 31, tzinfo=UTC), datetime(2200, 1, 2, tzinfo=UTC)
ACCEPTED_TIME = "expected an ISO 8601 time such as 2026-11-02T09:30:00Z, from 1900 to 2199"
TIME_SCHEMA = {"type": "string", "format": "date-time"}
WORD_PATTERN = r"^[^\x00]*[^\x00\s][^\x00]*$"
ACCEPTED_DAY = "expected a day such as 2026-11-02, from 1900 to 2199"
DAY_PATTERN = "^(19|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}$"
DAY_SCHEMA = {"type": "string", "format": "date", "pattern": DAY_PATTERN}
ACCEPTED_ID = "expected text of 1 to 200 characters, or a whole number"
WORDS = {
    "missing": "is required",
    "dict_type": "expected an object",
    "model_type": "expected an object",
    "extra_forbidden": "no such key; a lead has lead_id, created_at, source, campaign, value and fields",
    "string_too_short": ACCEPTED_ID,
    "string_too_long": ACCEPTED_ID,
    "string_type": ACCEPTED_ID,
    "greater_than_equal": "expected a number from 0",
    "finite_number": "expected a finite number",
    "float_type": "expected a number",
    "bool_type": "expected true or false",
}
"""What we say for pydantic's kinds of error."""

T = TypeVar("T", bound=BaseModel)
_parse_time = parser(Kind.DATETIME)


def _id_text(raw: object) -> object:
    """CRMs send ids as text and as whole numbers; both are compared as a table's ids are."""
    if isinstance(raw, float | bool) or not isinstance(raw, str | int):
        raise PydanticCustomError("lead_id", "expected text of 1 to 200 characters, or a whole number")
    text = text_of(raw)
    if NUL in text:
        raise PydanticCustomError("lead_id", "expected text without NUL")
    return text


LeadId = Annotated[
    str,
    BeforeValidator(_id_text),
    StringConstraints(min_length=1, max_length=LONGEST_ID),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": LONGEST_ID, "pattern": WORD_PATTERN},
                {"type": "integer"},
            ]
        }
    ),
]


def _time(raw: object) -> object:
    """Times are read as a table's are; those that no database keeps are refused."""
    try:
        time = _parse_time(raw) if isinstance(raw, str) else None
    except ValueRefused:
        time = None
    if not isinstance(time, datetime) or not EARLIEST <= time <= LATEST:
        raise PydanticCustomError("time", ACCEPTED_TIME)
    return time


Time = Annotated[datetime, BeforeValidator(_time, json_schema_input_type=str), WithJsonSchema(TIME_SCHEMA)]


def _storable(text: str) -> str:
    if NUL in text:
        raise PydanticCustomError("string_nul", "expected text without NUL")
    return text


Word = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    AfterValidator(_storable),
    Field(json_schema_extra={"pattern": WORD_PATTERN}),
]


def _role(raw: object) -> object:
    """Roles are read by the champion's schema; here only what no database keeps is refused."""
    return _storable(raw) if isinstance(raw, str) else raw


Arrival = Annotated[Any, WithJsonSchema({"anyOf": [TIME_SCHEMA, {"type": "null"}, {"const": ""}], "default": None})]
Role = Annotated[
    Any,
    AfterValidator(_role),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^[^\x00]*$"},
                {"type": "number"},
                {"type": "boolean"},
                {"type": "null"},
            ],
            "default": None,
        }
    ),
]


class FactsIn(BaseModel):
    """What a CRM says of a lead that the path names.

    `created_at`, `source` and `campaign` may also stand inside `fields`, under the company's own names.
    """

    model_config = ConfigDict(extra="forbid")

    created_at: Annotated[Arrival, Field(description="When it arrived: ISO 8601, UTC if it names no zone.")] = None
    source: Annotated[Role, Field(description="Where the lead came from: text, a number or true/false.")] = None
    campaign: Annotated[Role, Field(description="Which campaign brought it: text, a number or true/false.")] = None
    value: Annotated[
        float | None,
        Field(strict=True, ge=0, allow_inf_nan=False, description="Money if it is won; the queue may be sorted by it."),
    ] = None
    fields: Annotated[
        dict[str, Any],
        Field(
            description="The company's own fields, as GET /v1/schema lists them. One left out or null "
            "is missing; one that the model does not know is named in the answer's warnings."
        ),
    ] = {}


class LeadIn(FactsIn):
    """One lead as a CRM sends it.

    `created_at`, `source` and `campaign` may also stand inside `fields`, under the company's own names.
    """

    lead_id: Annotated[LeadId, Field(description="Your own id of the lead; a whole number is taken as text.")]


class ContactIn(BaseModel):
    """One attempt or conversation with a lead. The same contact told again is kept once."""

    model_config = ConfigDict(extra="forbid", strict=True)

    started_at: Time
    agent: Word | None = None
    channel: Word | None = None
    direction: Literal["in", "out"] | None = None
    connected: Annotated[bool | None, Field(description="Whether there was a conversation.")] = None
    duration_s: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
    again_at: Annotated[Time | None, Field(description="When to try again; the lead is back in the queue then.")] = None


class OutcomeIn(BaseModel):
    """What became of a lead; `open` takes back what was said before."""

    model_config = ConfigDict(extra="forbid", strict=True)

    status: Literal["won", "lost", "open"]
    at: Annotated[Time | None, Field(description="When it was won or lost; by default when it was reported.")] = None
    value: Annotated[float | None, Field(ge=0, allow_inf_nan=False, description="Money from a won lead.")] = None
    reason: Word | None = None
    reported_at: Annotated[
        Time | None,
        Field(description="When the company knew, now by default. Reports may come in any order; the newest stands."),
    ] = None


class NextIn(BaseModel):
    """Who wants the next lead of the queue, or one lead of it, and of which part."""

    model_config = ConfigDict(extra="forbid", strict=True)

    agent: Word
    order: Order = "score"
    source: Word | None = None
    grade: Word | None = None
    lead_id: Annotated[LeadId | None, Field(description="This lead and no other.")] = None


def _day(raw: object) -> object:
    try:
        if isinstance(raw, str) and re.search(DAY_PATTERN, raw):
            return date.fromisoformat(raw)
    except ValueError:
        pass
    raise PydanticCustomError("day", ACCEPTED_DAY)


Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=str), WithJsonSchema(DAY_SCHEMA)]


class SpentIn(BaseModel):
    """What one source, or one campaign of it, cost on one day."""

    model_config = ConfigDict(extra="forbid", strict=True)

    date: Day
    source: LeadId
    campaign: Annotated[LeadId | None, Field(description="None for what the source cost as a whole.")] = None
    amount: Annotated[float, Field(ge=0, allow_inf_nan=False, description="Money, in the company's currency.")]


class SpendIn(BaseModel):
    """What was spent, each day, source and campaign once. An amount told again replaces the one before."""

    model_config = ConfigDict(extra="forbid")

    spend: Annotated[list[SpentIn], Field(min_length=1, max_length=1_000)]


class BatchIn(BaseModel):
    """Leads to be scored in one request. Each is checked on its own."""

    model_config = ConfigDict(extra="forbid")

    leads: Annotated[
        list[LeadIn | Any], Field(min_length=1, max_length=1_000, description="What is no lead is refused by itself.")
    ]


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


def read_as(model: type[T], data: object, settings: Settings) -> T:
    """Check a body's shape.

    Raises:
        RequestRefused: with everything that is not of the model's shape, too long or nested too deep.
    """
    if isinstance(data, dict) and (too_much := list(excesses(data, settings))):
        raise request_refused(too_much)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
        raise request_refused([FieldProblem(problem["loc"], _told(model, problem)) for problem in wrong]) from None


def _told(model: type[BaseModel], problem: ErrorDetails) -> str:
    if problem["type"] == "extra_forbidden":
        return f"no such key; accepted are {', '.join(model.model_fields)}"
    if problem["type"].startswith("string"):
        return "expected text of 1 to 200 characters"
    return WORDS.get(problem["type"], problem["msg"])


def leads_of(data: object, settings: Settings) -> list[object]:
    """The unchecked leads of a batch.

    Raises:
        RequestRefused: where the batch as a whole cannot be read.
    """
    return _listed(data, "leads", "leads", settings)


def spend_of(data: object, settings: Settings) -> list[Spend]:
    """The rows of a body of spend.

    Raises:
        RequestRefused: with everything that is wrong, in any of its rows.
    """
    spent: dict[tuple[date, str, str | None], Spend] = {}
    faults: list[Fault] = []
    for at, row in enumerate(_listed(data, "spend", "rows", settings)):
        try:
            one = Spend(**read_as(SpentIn, row, settings).model_dump())
        except RequestRefused as refused:
            faults += [fault.model_copy(update={"pointer": f"/spend/{at}{fault.pointer}"}) for fault in refused.faults]
            continue
        if (key := (one.date, one.source, one.campaign)) in spent:
            faults.append(
                Fault(detail="the day, source and campaign of a row before; add them up", pointer=f"/spend/{at}")
            )
        spent[key] = one
    if faults:
        raise RequestRefused(f"{len(faults)} part{'s' if len(faults) != 1 else ''} of the body cannot be used", faults)
    return [*spent.values()]


def _listed(data: object, key: str, what: str, settings: Settings) -> list[object]:
    """The list that is all of a body."""
    if not isinstance(data, dict):
        raise request_refused([FieldProblem((), f'expected an object {{"{key}": […]}}')])
    problems = [FieldProblem((name,), f"no such key; only {key} is taken") for name in data if name != key]
    sent = data.get(key)
    listed: list[object] = sent if isinstance(sent, list) else []
    if not 1 <= len(listed) <= settings.max_batch:
        problems.append(FieldProblem((key,), f"expected a list of 1 to {settings.max_batch:,} {what}"))
    if problems:
        raise request_refused(problems)
    return listed
