"""RFC 9457 problems: the body of every error answer, and how the OpenAPI document tells of them.

A problem names the place, as a JSON pointer into the request, and what is accepted there; never a value.
"""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.responses import Response
from pydantic import BaseModel, Field

from serving.event_log import request_id

MEDIA_TYPE = "application/problem+json"

_MEANING = {
    400: "The body is not valid JSON, or the path not UTF-8",
    401: "No key was sent, or none that is known and live",
    404: "There is no such thing here",
    409: "The first request under this Idempotency-Key is still being answered, or others change the lead all the time",
    403: "The key's scope does not cover this",
    408: "The body did not arrive in time",
    413: "The body is too large",
    415: "The body is not declared as JSON in UTF-8, plain or in gzip",
    421: "The service is in open mode, and was not addressed as localhost",
    422: "A part of the request cannot be used; `errors` points at each",
    429: "Too many requests of one key; see Retry-After",
    503: "The store cannot be reached, or there is no model to score with yet; see Retry-After",
}


def _is_none(value: object) -> bool:
    return value is None


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    detail: str = Field(description="What is accepted there.", examples=["expected a number"])
    pointer: str | None = Field(
        None, description="JSON pointer into the body.", examples=["/fields/age"], exclude_if=_is_none
    )
    parameter: str | None = Field(
        None, description="Name of the query parameter.", examples=["reasons"], exclude_if=_is_none
    )


class Problem(BaseModel):
    """An error answer (RFC 9457)."""

    type: str = Field(description="Identifies the kind of problem.", examples=["urn:leads:problem:lead-refused"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="Identifies this occurrence, by its request id.")
    errors: list[Fault] = Field(default=[], description="Every single thing that is wrong.")


def pointer(path: Iterable[str | int]) -> str:
    """A path as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def new_problem(status: int, kind: str, title: str, detail: str, faults: Sequence[Fault] = ()) -> Problem:
    """A problem of the request at hand, under that request's id."""
    return Problem(
        type=f"urn:leads:problem:{kind}",
        title=title,
        status=status,
        detail=detail,
        instance=f"urn:leads:request:{request_id.get()}",
        errors=list(faults),
    )


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as an HTTP response."""
    return Response(problem.model_dump_json(), problem.status, headers, MEDIA_TYPE)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer, as FastAPI's `responses`; 500 is always among them."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": _MEANING.get(status, HTTPStatus(status).phrase), "content": content}
        for status in (*statuses, 500)
    }
