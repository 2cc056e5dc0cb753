"""One request of a person: who they are, what they sent, and what they are told where it cannot be done."""

from contextlib import suppress
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute

from serving.auth.gate import Handler, KeyedRoute, session_of
from serving.auth.sessions import COOKIE, Sessions, safe_return_path
from serving.deps import Service
from serving.errors import NotFound, NotReady, Refusal, StoreDown
from serving.pages.page_context import PageContext
from serving.pages.rendering import Problem, page
from serving.pages.views import Link, Notice
from serving.schemas.types import check_id
from serving.store.errors import StoreUnavailable

NOTICES = {
    "called": Notice("The call is logged. Record the outcome, or go on to the next."),
    "won": Notice("Recorded as won."),
    "lost": Notice("Recorded as lost."),
    "stands": Notice("Not recorded: a later report says otherwise.", is_refusal=True),
    "released": Notice("Given back to the queue."),
    "other": Notice("The lead that was shown is with somebody else now. This is the next."),
    "taken": Notice("That lead is with somebody else, or left the queue.", is_refusal=True),
    "none": Notice("Nobody is free to be called now.", is_refusal=True),
    "ended": Notice("Your claim had ended already."),
}
"""What may stand behind `said` in an address: the text is ours, whoever made the link."""


class HtmlRoute(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def page_or_problem(request: Request) -> Response:
            try:
                return await handler(request)
            except Refusal as refusal:
                return _problem(request, refusal)
            except StoreUnavailable:
                return _problem(request, StoreDown.now())

        return page_or_problem


async def not_found_page(request: Request) -> Response:
    """Return the page of an address that there is not, with the ways of whoever is signed in."""
    sessions: Sessions = request.app.state.sessions
    with suppress(StoreUnavailable):
        request.scope["session"] = await sessions.find(request.cookies.get(COOKIE))
    return _problem(request, NotFound("there is no page at this address"))


class PageRoute(HtmlRoute, KeyedRoute):
    """A page behind the sign-in."""


def lead_id_of(given: str) -> str:
    """A lead's id as it came in a form, or out of an address."""
    try:
        return check_id(given)
    except ValueError:
        raise NotFound("there is no lead of this id") from None


def page_context_of(request: Request, service: Service) -> PageContext:
    """Who looks, when, by which clocks, with which model."""
    try:
        model = service.scorer.champion.model
    except NotReady:
        model = None
    zone = ZoneInfo(service.claims.rules.hours.zone)
    return PageContext(service.clock(), zone, session_of(request).caller.name, model)


def notice_of(request: Request) -> Notice | None:
    """What the last action came to."""
    return NOTICES.get(request.query_params.get("said", ""))


def to(url: str, said: str | None = None) -> Response:
    """On to another page of ours, with a word of what was done."""
    url = safe_return_path(url)
    told = f"{'&' if '?' in url else '?'}said={said}" if said else ""
    return RedirectResponse(url + told, 303)


def _problem(request: Request, refusal: Refusal) -> Response:
    told = Problem(refusal.title, refusal.detail, Link("To the queue", "/queue"))
    answer = page("problem.html", told, request, request.scope.get("session"), status=refusal.status)
    answer.headers.update({name: value for name, value in refusal.headers.items() if name != "WWW-Authenticate"})
    return answer
