"""Plain data in, checked bodies out, or a refusal that points at everything that is wrong."""

from datetime import date, datetime
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from features.lead import Spend
from features.schema import FieldProblem, LeadRefused
from serving.errors import Fault, RequestRefused, request_refused
from serving.http.strict_json import find_excesses
from serving.schemas.requests import LeadIn, SpentIn
from serving.schemas.types import ACCEPTED_ID, AHEAD
from serving.settings import Settings

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

NOT_AHEAD = "expected a time that does not lie ahead"

T = TypeVar("T", bound=BaseModel)


def read_lead(data: object, settings: Settings) -> LeadIn:
    """Check one lead's shape.

    Raises:
        LeadRefused: with everything that is not of a lead's shape, too long or nested too deep.
    """
    if isinstance(data, dict):
        too_much = list(find_excesses(data, settings, depth=-1))
        if too_much:
            raise LeadRefused(too_much)
    try:
        return LeadIn.model_validate(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
        raise LeadRefused(
            FieldProblem(problem["loc"], WORDS.get(problem["type"], problem["msg"])) for problem in wrong
        ) from None


def check_same_lead(lead: LeadIn, lead_id: str) -> None:
    """Refuse a body that names another lead than its path does; raises `LeadRefused`."""
    if lead.lead_id != lead_id:
        raise LeadRefused([FieldProblem(("lead_id",), "expected the lead_id that the path names, or none")])


def read_body_as(model: type[T], data: object, settings: Settings) -> T:
    """Check a body's shape.

    Raises:
        RequestRefused: with everything that is not of the model's shape, too long or nested too deep.
    """
    if isinstance(data, dict) and (too_much := list(find_excesses(data, settings))):
        raise request_refused(too_much)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
        raise request_refused([FieldProblem(problem["loc"], _told(model, problem)) for problem in wrong]) from None


def check_past(now: datetime, **times: datetime | None) -> None:
    """Refuse times that lie ahead, by the key that holds them: one outcome of the future would stand for ever.

    Raises:
        RequestRefused: naming each.
    """
    ahead = [name for name, time in times.items() if time is not None and time > now + AHEAD]
    if ahead:
        raise request_refused([FieldProblem((name,), NOT_AHEAD) for name in ahead])


def _told(model: type[BaseModel], problem: ErrorDetails) -> str:
    if problem["type"] == "extra_forbidden":
        return f"no such key; accepted are {', '.join(model.model_fields)}"
    if problem["type"].startswith("string"):
        return "expected text of 1 to 200 characters"
    return WORDS.get(problem["type"], problem["msg"])


def read_batch(data: object, settings: Settings) -> list[object]:
    """The unchecked leads of a batch.

    Raises:
        RequestRefused: where the batch as a whole cannot be read.
    """
    return _listed(data, "leads", "leads", settings)


def read_spend(data: object, settings: Settings) -> list[Spend]:
    """The rows of a body of spend.

    Raises:
        RequestRefused: with everything that is wrong, in any of its rows.
    """
    spent: dict[tuple[date, str, str | None], Spend] = {}
    faults: list[Fault] = []
    for at, row in enumerate(_listed(data, "spend", "rows", settings)):
        try:
            one = Spend(**read_body_as(SpentIn, row, settings).model_dump())
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
