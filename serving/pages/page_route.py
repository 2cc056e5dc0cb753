"""One request of a person: who they are, what they sent, and what they are told where it cannot be done."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute

from language.choice import choose_language, use_language
from language.text import gettext as _
from language.text import mark
from serving.auth.gate import Handler, KeyedRoute, session_of
from serving.auth.sessions import COOKIE, SIGN_IN, Session, Sessions, safe_return_path
from serving.deps import Service, service_of
from serving.errors import NotFound, NotReady, OutOfScope, PageFailed, Refusal, StoreDown
from serving.event_log import log_event, request_id
from serving.pages.lines import first_upper
from serving.pages.page_context import PageContext
from serving.pages.rendering import Problem, home_of, page
from serving.pages.views import Link
from serving.schemas.types import check_id
from serving.store.errors import StoreUnavailable

TITLES: dict[type[Refusal], str] = {
    NotFound: mark("Page not found"),
    OutOfScope: mark("You can't open this page with this key"),
}
"""What a page says where programs are told otherwise."""
FAILED = mark("the service failed; whoever runs it finds it in the log under %(id)s")


class HtmlRoute(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def page_or_problem(request: Request) -> Response:
            with language_of_reader(request):
                try:
                    return _vary(await handler(request))
                except Refusal as refusal:
                    return _problem(request, refusal)
                except StoreUnavailable:
                    return _problem(request, StoreDown.now())
                except Exception as error:  # noqa: BLE001 - logged as every fault of ours, and told as a page
                    log_event("request.failed", logging.ERROR, error, route=self.path)
                    return _problem(request, PageFailed(_(FAILED, id=request_id.get())))

        return page_or_problem


@contextmanager
def language_of_reader(request: Request) -> Iterator[None]:
    """Within the block, texts are written in the language that is set, or that the reader's browser asks for."""
    setting = service_of(request).settings.language
    with use_language(choose_language(setting, request.headers.get("accept-language", ""))):
        yield


def _vary(answer: Response) -> Response:
    """The same answer, of which a cache keeps one for each language that is asked for."""
    answer.headers.add_vary_header("Accept-Language")
    return answer


async def not_found_page(request: Request) -> Response:
    """Return the page of an address that there is not, with the ways of whoever is signed in."""
    sessions: Sessions = request.app.state.sessions
    with suppress(StoreUnavailable):
        request.scope["session"] = await sessions.find(request.cookies.get(COOKIE))
    with language_of_reader(request):
        return _problem(request, NotFound(_("there is no page at this address")))


class PageRoute(HtmlRoute, KeyedRoute):
    """A page behind the sign-in."""


def lead_id_of(given: str) -> str:
    """A lead's id as it came in a form, or out of an address."""
    try:
        return check_id(given)
    except ValueError:
        raise NotFound(_("there is no lead of this id")) from None


def page_context_of(request: Request, service: Service) -> PageContext:
    """Who looks, when, by which clocks, with which model."""
    try:
        model = service.scorer.champion.model
    except NotReady:
        model = None
    zone = ZoneInfo(service.claims.rules.hours.zone)
    return PageContext(service.clock(), zone, session_of(request).caller.name, model)


def to(url: str, said: str | None = None, **more: str) -> Response:
    """On to another page of ours, with a word of what was done, and what it was done to."""
    path, _, asked = safe_return_path(url).partition("?")
    pairs = [(name, value) for name, value in parse_qsl(asked) if name not in ("said", "call")]
    pairs += [("said", said)] if said else []
    query = urlencode([*pairs, *more.items()])
    return RedirectResponse(f"{path}?{query}" if query else path, 303)


def _problem(request: Request, refusal: Refusal) -> Response:
    session: Session | None = request.scope.get("session")
    way = home_of(session.caller.scope) if session else Link(_("Sign in"), SIGN_IN)
    title, detail = _(TITLES.get(type(refusal), refusal.title)), _(refusal.detail)
    if session is not None and isinstance(refusal, OutOfScope):
        detail = _("Ask whoever runs this service for a %(scope)s key.", scope=refusal.scope)
    if isinstance(refusal, NotFound):
        detail = f"{first_upper(detail)}."
    answer = page("problem.html", Problem(title, detail, way), request, session, status=refusal.status)
    answer.headers.update({name: value for name, value in refusal.headers.items() if name != "WWW-Authenticate"})
    return _vary(answer)
