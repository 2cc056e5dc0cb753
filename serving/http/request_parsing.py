"""An HTTP request's parts, checked: bytes read once, within the settings' limits.

Called by the routes, not declared as dependencies: that costs 40 µs more, a seventh of a scored lead.
"""

from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from features.lead import Spend
from features.schema import FieldProblem, LeadRefused
from serving.deps import service_of
from serving.errors import Fault, RequestRefused
from serving.http.strict_json import find_excesses, parse_json, read_body
from serving.middleware.raw_paths import with_slashes
from serving.schemas.requests import LeadIn
from serving.schemas.types import check_id
from serving.schemas.validation import check_same_lead, read_batch, read_body_as, read_lead, read_spend
from serving.settings import Settings
from training.model import REASONS

MOST_REASONS = 10
LARGE_BODY = 64_000
"""Bytes from which parsing would hold up other requests noticeably."""

T = TypeVar("T", bound=BaseModel)


async def lead_in(request: Request) -> LeadIn:
    """The lead in the body."""
    settings = service_of(request).settings
    return read_lead(await _json(request, settings), settings)


async def put_lead_in(request: Request, lead_id: str) -> LeadIn:
    """The lead in the body, which the path names; the body need not."""
    settings = service_of(request).settings
    data = await _json(request, settings)
    if isinstance(data, dict):
        data = {"lead_id": lead_id, **data}
    lead = read_lead(data, settings)
    check_same_lead(lead, lead_id)
    return lead


async def patch_in(request: Request) -> dict[str, object]:
    """The changes in the body."""
    settings = service_of(request).settings
    patch = await _json(request, settings)
    if not isinstance(patch, dict):
        raise LeadRefused([FieldProblem((), "expected an object")])
    too_much = list(find_excesses(patch, settings, depth=-1))
    if too_much:
        raise LeadRefused(too_much)
    return patch


async def body_in(request: Request, model: type[T]) -> T:
    """The body as one of the models of `serving.schemas.requests`."""
    settings = service_of(request).settings
    return read_body_as(model, await _json(request, settings), settings)


def lead_id_in(request: Request) -> str:
    """The lead that the path names."""
    try:
        return check_id(with_slashes(request.path_params["lead_id"]))
    except ValueError as refused:
        fault = Fault(detail=str(refused), parameter="lead_id")
        raise RequestRefused("a parameter of the path cannot be used", [fault]) from None


async def leads_in(request: Request) -> list[object]:
    """The unchecked leads in the body."""
    settings = service_of(request).settings
    return read_batch(await _json(request, settings), settings)


async def spend_in(request: Request) -> list[Spend]:
    """The spend in the body."""
    settings = service_of(request).settings
    return read_spend(await _json(request, settings), settings)


def reasons_in(request: Request) -> int:
    """How many reasons the query asks for."""
    if not request.scope["query_string"]:
        return REASONS
    asked = request.query_params.get("reasons", str(REASONS))
    if not (asked.isascii() and asked.isdecimal() and len(asked) <= 2 and int(asked) <= MOST_REASONS):
        fault = Fault(detail=f"expected a whole number from 0 to {MOST_REASONS}", parameter="reasons")
        raise RequestRefused("a query parameter cannot be used", [fault])
    return int(asked)


async def _json(request: Request, settings: Settings) -> object:
    body = await read_body(request, settings.max_body_bytes)
    request.state.body = body
    return parse_json(body) if len(body) < LARGE_BODY else await run_in_threadpool(parse_json, body)
