"""Plain data in, checked bodies out, or a refusal that points at everything that is wrong."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from features.errors import FieldProblem, LeadRefused
from features.lead import Spend
from features.parsing.plausible_dates import AHEAD
from features.schema import ROLES, LeadSchema
from serving.errors import RequestRefused, refuse_body
from serving.http.strict_json import find_excesses
from serving.problems import Fault
from serving.schemas.requests import LeadIn, SpentIn
from serving.schemas.wording import LEAD_SENTENCES, explain_error
from serving.settings import Settings

PARAMETER = "parameter"
"""The type of our own errors of parameters, as pydantic knows them."""
PARAMETER_WORDS = {
    "path": "a parameter of the path cannot be used",
    "query": "a query parameter cannot be used",
    "header": "a header cannot be used",
}
"""What we say of a request, by where a parameter stands that is refused by us."""

LONGEST_NAME, MOST_NAMED = 100, 10
"""How much of unknown query parameters is repeated to who sent them."""

OTHER_LEAD = FieldProblem(("lead_id",), "expected the lead_id that the path names, or none")
NOT_AHEAD = "expected a time that does not lie ahead"

T = TypeVar("T", bound=BaseModel)


def read_lead(data: object, settings: Settings, schema: LeadSchema | None = None, lead_id: str | None = None) -> LeadIn:
    """Check one lead's shape; `lead_id` is the one that the path names, which the body need not.

    Raises:
        LeadRefused: with everything that is not of a lead's shape, and what `schema` refuses of it then; or with what
            is too long or nested too deep.
    """
    if isinstance(data, dict):
        data = data if lead_id is None else {"lead_id": lead_id, **data}
        too_much = list(find_excesses(data, settings, depth=-1))
        if too_much:
            raise LeadRefused(too_much)
    problems: list[FieldProblem] = []
    try:
        lead = LeadIn.model_validate(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        problems = [FieldProblem(problem["loc"], explain_error(problem, LEAD_SENTENCES)) for problem in wrong]
    if lead_id is not None and isinstance(data, dict) and str(data["lead_id"]) != lead_id:
        problems += [OTHER_LEAD] if all(problem.path != OTHER_LEAD.path for problem in problems) else []
    if problems:
        raise LeadRefused([*problems, *_find_wrong_values(data, schema)])
    return lead


def _find_wrong_values(data: object, schema: LeadSchema | None) -> tuple[FieldProblem, ...]:
    """What a schema refuses of a lead that is refused for its shape: all is said in one answer."""
    if schema is None or not isinstance(data, dict):
        return ()
    fields = data.get("fields")
    try:
        schema.parse("", fields if isinstance(fields, dict) else {}, **{role: data.get(role) for role in ROLES})
    except LeadRefused as refused:
        return refused.problems
    return ()


def read_body_as(model: type[T], data: object, settings: Settings) -> T:
    """Plain data as one of the models of `serving.schemas.requests`.

    Raises:
        RequestRefused: with everything that is not of the model's shape, too long or nested too deep.
    """
    check_limits(data, settings)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        raise refuse_body([FieldProblem(one["loc"], _body_words(model, one)) for one in wrong]) from None


def check_limits(data: object, settings: Settings) -> None:
    """Refuse an object with a text too long or a value nested too deep; raises `RequestRefused` naming each."""
    if isinstance(data, dict) and (too_much := list(find_excesses(data, settings))):
        raise refuse_body(too_much)


def refuse_request(errors: Sequence[Any], model: type[BaseModel] | None = None) -> RequestRefused:
    """The refusal of a request that FastAPI could not validate; `model` is what its route takes as a body.

    Wrong parameters are named first; where there are none, every wrong part of the body.
    """
    parameters = [one for one in errors if one["loc"][0] != "body"]
    if not parameters:
        return refuse_body([FieldProblem(tuple(one["loc"][1:]), _body_words(model, one)) for one in errors])
    faults = [Fault(detail=explain_error(one), parameter=str(one["loc"][-1])) for one in parameters]
    first = parameters[0]
    detail = PARAMETER_WORDS[first["loc"][0]] if first["type"] == PARAMETER else "a parameter cannot be used"
    return RequestRefused(detail, faults)


def check_query(sent: Iterable[str], accepted: Collection[str]) -> None:
    """Refuse query parameters that a route does not take: a mistyped one would change nothing, unnoticed.

    Raises:
        RequestRefused: naming each, and what is accepted.
    """
    unknown = [name for name in dict.fromkeys(sent) if name not in accepted]
    if not unknown:
        return
    told = f"accepted are {', '.join(sorted(accepted))}" if accepted else "this route takes none"
    faults = [
        Fault(detail=f"no such parameter; {told}", parameter=name[:LONGEST_NAME]) for name in unknown[:MOST_NAMED]
    ]
    raise RequestRefused("a query parameter cannot be used", faults)


def check_past(now: datetime, **times: datetime | None) -> None:
    """Refuse times that lie ahead, by the key that holds them: one outcome of the future would stand for ever.

    Raises:
        RequestRefused: naming each.
    """
    ahead = [name for name, time in times.items() if time is not None and time > now + AHEAD]
    if ahead:
        raise refuse_body([FieldProblem((name,), NOT_AHEAD) for name in ahead])


def _body_words(model: type[BaseModel] | None, problem: ErrorDetails) -> str:
    """What to say of one of pydantic's errors in a body."""
    if problem["type"] == "extra_forbidden" and model is not None:
        return f"no such key; accepted are {', '.join(model.model_fields)}"
    if problem["type"].startswith("string"):
        return "expected text of 1 to 200 characters"
    return explain_error(problem)


def read_batch(data: object, settings: Settings) -> list[object]:
    """The unchecked leads of a batch.

    Raises:
        RequestRefused: where the batch as a whole cannot be read.
    """
    return _read_list(data, "leads", "leads", settings)


def read_spend(data: object, settings: Settings) -> list[Spend]:
    """The rows of a body of spend.

    Raises:
        RequestRefused: with everything that is wrong, in any of its rows.
    """
    spent: dict[tuple[date, str, str | None], Spend] = {}
    faults: list[Fault] = []
    for at, row in enumerate(_read_list(data, "spend", "rows", settings)):
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


def _read_list(data: object, key: str, what: str, settings: Settings) -> list[object]:
    """The list that is all of a body."""
    if not isinstance(data, dict):
        raise refuse_body([FieldProblem((), f'expected an object {{"{key}": […]}}')])
    problems = [FieldProblem((name,), f"no such key; only {key} is taken") for name in data if name != key]
    sent = data.get(key)
    listed: list[object] = sent if isinstance(sent, list) else []
    if not 1 <= len(listed) <= settings.max_batch:
        problems.append(FieldProblem((key,), f"expected a list of 1 to {settings.max_batch:,} {what}"))
    if problems:
        raise refuse_body(problems)
    return listed
