"""Exceptions in, problem+json out: nowhere else does an exception become an answer."""

import logging
from http import HTTPStatus
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from features.errors import LeadRefused
from serving.errors import JsonBroken, LeadInvalid, Refusal, StoreDown
from serving.event_log import log_event
from serving.problems import new_problem, problem_response
from serving.schemas.validation import refuse_request
from serving.store.errors import StoreUnavailable

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


def unexpected_failure() -> Response:
    """What the client is told of a fault of ours: that it happened, and under which id it is logged."""
    detail = "the service failed; the operator finds it in the log under this instance's id"
    return problem_response(new_problem(500, "unexpected", "Something went wrong here", detail))


def add_handlers(app: FastAPI) -> None:
    """Turn every exception that a route may raise into a problem."""
    app.add_exception_handler(Refusal, _answer_refusal)
    app.add_exception_handler(LeadRefused, _answer_lead_refused)
    app.add_exception_handler(StoreUnavailable, _answer_store_unavailable)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(ClientDisconnect, _answer_disconnected)
    app.add_exception_handler(Exception, _answer_fault)


async def _answer_refusal(_: Request, error: Exception) -> Response:
    refusal = cast(Refusal, error)
    return problem_response(refusal.problem(), refusal.headers)


async def _answer_lead_refused(request: Request, error: Exception) -> Response:
    return await _answer_refusal(request, LeadInvalid.of(cast(LeadRefused, error)))


async def _answer_store_unavailable(request: Request, error: Exception) -> Response:
    log_event("store.unavailable", logging.WARNING, error, reason=str(error))
    return await _answer_refusal(request, StoreDown.now())


async def _answer_invalid_request(request: Request, error: Exception) -> Response:
    """What FastAPI itself refuses on a route without a body of its own."""
    return await _answer_refusal(request, refuse_request(cast(RequestValidationError, error).errors()))


async def _answer_http(request: Request, error: Exception) -> Response:
    """What routing itself refuses: no such path, or a method that the path does not take."""
    refused = cast(HTTPException, error)
    phrase = HTTPStatus(refused.status_code).phrase
    detail = {404: _explain_absence(request), 405: "the path takes other methods"}
    kind = phrase.lower().replace(" ", "-")
    problem = new_problem(refused.status_code, kind, phrase, detail.get(refused.status_code, phrase))
    headers = {"Allow": _find_methods(request)} if refused.status_code == 405 else refused.headers
    return problem_response(problem, headers)


def _explain_absence(request: Request) -> str:
    """What to do where no route has the path."""
    path = request.scope["path"].rstrip("/")
    if request.scope["path"] != path and any(
        route.matches({**request.scope, "path": path})[0] is not Match.NONE for route in request.app.routes
    ):
        sent = request.scope.get("raw_path") or path.encode()
        return f"there is nothing at this path; leave out the slash at its end: {sent.decode().rstrip('/')}"
    return "there is nothing at this path; see /docs"


def _find_methods(request: Request) -> str:
    """The methods of all routes at the request's path; the router itself names those of the first."""
    asked = [(method, {**request.scope, "method": method}) for method in METHODS]
    taken = [
        method for method, scope in asked if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]
    taken += ["HEAD"] if "GET" in taken and "HEAD" not in taken else []
    return ", ".join(sorted(taken))


async def _answer_disconnected(request: Request, error: Exception) -> Response:
    del error
    return await _answer_refusal(request, JsonBroken("the connection ended before the body did"))


async def _answer_fault(request: Request, error: Exception) -> Response:
    """A fault of ours; it is raised on, so `serving.middleware.request_log` logs it."""
    del request, error
    return unexpected_failure()
