"""Every refusal and failure as RFC 9457 problem+json: exceptions in, answers out. Nowhere else are they made.

A problem names the place, as a JSON pointer into the request, and what is accepted there; never a value.
"""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import ClassVar, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from features.schema import FieldProblem, LeadRefused
from serving.event_log import log_event, request_id
from serving.store.errors import StoreUnavailable

MEDIA_TYPE = "application/problem+json"
METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
RETRY_SECONDS = 2


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


class Refusal(Exception):
    """A request that is answered with a problem; subclasses say which."""

    status: ClassVar[int]
    kind: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail, self.faults, self.headers = detail, list(faults), dict(headers or {})

    def problem(self) -> Problem:
        """What the client is told."""
        return _problem(self.status, self.kind, self.title, self.detail, self.faults)


class JsonBroken(Refusal):
    """The body is not JSON."""

    status, kind, title = 400, "json-broken", "The body is not valid JSON"


class PathBroken(Refusal):
    """The path is not UTF-8."""

    status, kind, title = 400, "path-broken", "The path is not valid"


class Unauthorized(Refusal):
    """No key, or none that is known and live."""

    status, kind, title = 401, "key-refused", "A key is needed"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    status, kind, title = 403, "not-allowed", "This is not allowed"


class HttpsNeeded(Refusal):
    """A sign-in that the browser would not keep."""

    status, kind, title = 403, "https-needed", "Signing in takes https"


class NotFound(Refusal):
    """What the path names is not in the store."""

    status, kind, title = 404, "not-there", "There is no such thing here"


class BodyTooSlow(Refusal):
    """The body took longer than `read_seconds` to arrive."""

    status, kind, title = 408, "body-too-slow", "The body did not arrive in time"


class LeadBusy(Refusal):
    """A change of a lead that others change all the time."""

    status, kind, title = 409, "lead-busy", "The lead is being changed by others"


class KeyInUse(Refusal):
    """A second request while the first under the same Idempotency-Key runs."""

    status, kind, title = 409, "idempotency-key-in-use", "The same request is being answered"


class BodyTooLarge(Refusal):
    """The body is longer than `max_body_bytes`."""

    status, kind, title = 413, "body-too-large", "The body is too large"


class NotJson(Refusal):
    """The body says that it is something else."""

    status, kind, title = 415, "not-json", "The body must be JSON"


class CodingUnknown(Refusal):
    """The body came packed in a way that is not read."""

    status, kind, title = 415, "coding-unknown", "The body is packed in a way that is not read"


class CodingBroken(Refusal):
    """The body is not packed as it says."""

    status, kind, title = 400, "coding-broken", "The body cannot be unpacked"


class WrongHost(Refusal):
    """A request to this machine alone under a name that others may have."""

    status, kind, title = 421, "wrong-host", "The service is open to this machine only"


class RequestRefused(Refusal):
    """JSON, but not what the route takes."""

    status, kind, title = 422, "request-refused", "The request cannot be used"


class KeyReused(Refusal):
    """Another request under an Idempotency-Key that was used."""

    status, kind, title = 422, "idempotency-key-reused", "The Idempotency-Key belongs to another request"


class LeadInvalid(Refusal):
    """A lead with wrong parts."""

    status, kind, title = 422, "lead-refused", "The lead cannot be scored"

    @classmethod
    def of(cls, refused: LeadRefused, root: tuple[str | int, ...] = ()) -> "LeadInvalid":
        """From what is wrong with a lead that stands at `root` of the body."""
        faults = [Fault(detail=problem.detail, pointer=pointer(root + problem.path)) for problem in refused.problems]
        return cls(f"{len(faults)} part{'s' if len(faults) != 1 else ''} of the lead cannot be used", faults)


class TooManyRequests(Refusal):
    """More requests a second than one caller may send."""

    status, kind, title = 429, "too-many-requests", "Too many requests"

    def __init__(self, detail: str, seconds: float) -> None:
        super().__init__(detail, headers={"Retry-After": str(max(1, math.ceil(seconds)))})


class NotReady(Refusal):
    """There is no champion to score with."""

    status, kind, title = 503, "not-ready", "There is no model to score with yet"


class ReportFailed(Refusal):
    """A report that could not be made."""

    status, kind, title = 503, "not-made", "The report could not be made"

    def __init__(self, seconds: float) -> None:
        detail = "the service failed while making it, and the log says why; it is tried again"
        super().__init__(detail, headers={"Retry-After": str(round(seconds))})


class StoreDown(Refusal):
    """The database cannot be reached."""

    status, kind, title = 503, "store-unavailable", "The store cannot be reached just now"

    @classmethod
    def now(cls) -> "StoreDown":
        """What every request is told until it can; whether this one's change was stored is not known."""
        detail = "try again; repeating a PUT, or a POST under its Idempotency-Key, does nothing twice"
        return cls(detail, headers={"Retry-After": str(RETRY_SECONDS)})

    @classmethod
    def because(cls, reason: str) -> "StoreDown":
        """What whoever runs the service is told."""
        return cls(f"store: {reason}", headers={"Retry-After": str(RETRY_SECONDS)})


def pointer(path: Iterable[str | int]) -> str:
    """A path as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def request_refused(problems: Sequence[FieldProblem]) -> RequestRefused:
    """A refusal that points at each problem."""
    faults = [Fault(detail=problem.detail, pointer=pointer(problem.path)) for problem in problems]
    return RequestRefused("the body is not what this route takes", faults)


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as an HTTP answer."""
    return Response(problem.model_dump_json(), problem.status, headers, MEDIA_TYPE)


def unexpected() -> Response:
    """What the client is told of a fault of ours: that it happened, and under which id it is logged."""
    detail = "the service failed; the operator finds it in the log under this instance's id"
    return answer(_problem(500, "unexpected", "Something went wrong here", detail))


def add_handlers(app: FastAPI) -> None:
    """Turn every exception that a route may raise into a problem."""
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(LeadRefused, _lead_refused)
    app.add_exception_handler(StoreUnavailable, _store_unavailable)
    app.add_exception_handler(RequestValidationError, _parameters_refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _disconnected)


def _problem(status: int, kind: str, title: str, detail: str, faults: Sequence[Fault] = ()) -> Problem:
    return Problem(
        type=f"urn:leads:problem:{kind}",
        title=title,
        status=status,
        detail=detail,
        instance=f"urn:leads:request:{request_id.get()}",
        errors=list(faults),
    )


async def _refusal(_: Request, error: Exception) -> Response:
    refusal = cast(Refusal, error)
    return answer(refusal.problem(), refusal.headers)


async def _lead_refused(request: Request, error: Exception) -> Response:
    return await _refusal(request, LeadInvalid.of(cast(LeadRefused, error)))


async def _store_unavailable(request: Request, error: Exception) -> Response:
    log_event("store.unavailable", logging.WARNING, error, reason=str(error))
    return await _refusal(request, StoreDown.now())


async def _parameters_refused(request: Request, error: Exception) -> Response:
    """What FastAPI itself refuses: a parameter of the query or the path."""
    wrong = cast(RequestValidationError, error).errors()
    faults = [Fault(detail=problem["msg"], parameter=str(problem["loc"][-1])) for problem in wrong]
    return await _refusal(request, RequestRefused("a parameter cannot be used", faults))


async def _http(request: Request, error: Exception) -> Response:
    """What routing itself refuses: no such path, or a method that the path does not take."""
    refused = cast(HTTPException, error)
    phrase = HTTPStatus(refused.status_code).phrase
    detail = {404: "there is nothing at this path; see /docs", 405: "the path takes other methods"}
    kind = phrase.lower().replace(" ", "-")
    problem = _problem(refused.status_code, kind, phrase, detail.get(refused.status_code, phrase))
    headers = {"Allow": _methods_of(request)} if refused.status_code == 405 else refused.headers
    return answer(problem, headers)


def _methods_of(request: Request) -> str:
    """The methods of all routes at the request's path; the router itself names those of the first."""
    asked = [(method, {**request.scope, "method": method}) for method in METHODS]
    taken = [
        method for method, scope in asked if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]
    taken += ["HEAD"] if "GET" in taken and "HEAD" not in taken else []
    return ", ".join(sorted(taken))


async def _disconnected(request: Request, error: Exception) -> Response:
    del error
    return await _refusal(request, JsonBroken("the connection ended before the body did"))
